package io.homeostat.ledger.raft;

import io.homeostat.ledger.LedgerNodeLimits;
import io.homeostat.ledger.state.Command;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Puts the commands of concurrent requests into common Raft entries: an entry costs an fsync and a round trip however many
 * commands it carries. A lone request is not made to wait. While entries are in flight a small group waits until one of them
 * is done, because it would queue behind their fsyncs anyway; so the groups grow by themselves with the load.
 *
 * <p>One thread groups. The queue, the group and the entries in flight are bounded by {@link LedgerNodeLimits}.
 */
final class GroupCommit implements AutoCloseable {
    private static final long POLL_MILLIS = 100;
    private static final long SLICE_NANOS = 100_000;
    private final LedgerNodeLimits limits;
    private final Function<List<Command>, CompletableFuture<Committed>> submit;
    private final BlockingQueue<Waiting> queue;
    private final Semaphore inFlight;
    private final Thread thread;
    private volatile boolean open = true;

    private record Waiting(List<Command> commands, int bytes, CompletableFuture<Committed> outcome) {}

    /** @param submit replicates one entry; the future completes, also in failure, within the commit timeout */
    GroupCommit(String name, LedgerNodeLimits limits, Function<List<Command>, CompletableFuture<Committed>> submit) {
        this.limits = limits;
        this.submit = submit;
        this.queue = new ArrayBlockingQueue<>(limits.requestsInFlight());
        this.inFlight = new Semaphore(limits.entriesInFlight());
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    CompletableFuture<Committed> submit(List<Command> commands) {
        if (commands.size() > limits.commandsPerEntry()) {
            throw new IllegalArgumentException("at most " + limits.commandsPerEntry()
                    + " commands commit together but there are " + commands.size());
        }
        Waiting waiting = new Waiting(commands, CommandSize.bytes(commands), new CompletableFuture<>());
        if (!open) {
            waiting.outcome.completeExceptionally(closed());
        } else if (!queue.offer(waiting)) {
            waiting.outcome.completeExceptionally(new NotCommitted(
                    NotCommitted.Kind.OVERLOADED, "the commit queue holds " + limits.requestsInFlight() + " requests"));
        } else if (!open) {
            refuseQueued();
        }
        return waiting.outcome;
    }

    int depth() {
        return queue.size();
    }

    @Override
    public void close() {
        open = false;
        thread.interrupt();
        refuseQueued();
    }

    private void run() {
        Waiting carried = null;
        try {
            while (open) {
                Waiting first = carried != null ? carried : queue.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
                carried = null;
                if (first != null) {
                    List<Waiting> group = new ArrayList<>();
                    carried = fill(group, first);
                    replicate(group);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (carried != null) {
                carried.outcome.completeExceptionally(closed());
            }
            refuseQueued();
        }
    }

    /** Fills the group; what does not fit any more begins the next one. */
    private @Nullable Waiting fill(List<Waiting> group, Waiting first) throws InterruptedException {
        long deadline = System.nanoTime() + limits.groupWait().toNanos();
        int commands = first.commands.size();
        int bytes = first.bytes;
        group.add(first);
        while (commands < limits.commandsPerEntry() && bytes < limits.bytesPerEntry()) {
            Waiting more = queue.poll();
            if (more == null) {
                boolean wait = commands < limits.smallGroupCommands()
                        && limits.entriesInFlight() - inFlight.availablePermits() >= limits.groupingEntries()
                        && System.nanoTime() < deadline;
                if (!wait) {
                    return null;
                }
                more = queue.poll(SLICE_NANOS, TimeUnit.NANOSECONDS);
                if (more == null) {
                    continue;
                }
            }
            if (commands + more.commands.size() > limits.commandsPerEntry()
                    || bytes + more.bytes > limits.bytesPerEntry()) {
                return more;
            }
            commands += more.commands.size();
            bytes += more.bytes;
            group.add(more);
        }
        return null;
    }

    private void replicate(List<Waiting> group) throws InterruptedException {
        List<Command> commands = new ArrayList<>();
        group.forEach(waiting -> commands.addAll(waiting.commands));
        CompletableFuture<Committed> entry;
        try {
            inFlight.acquire();
        } catch (InterruptedException e) {
            group.forEach(waiting -> waiting.outcome.completeExceptionally(closed()));
            throw e;
        }
        try {
            entry = submit.apply(commands);
        } catch (IllegalArgumentException e) {
            // A command that can not be encoded: the API should not let it through. Its neighbours must not pay for it.
            inFlight.release();
            if (group.size() == 1) {
                group.get(0).outcome.completeExceptionally(e);
            } else {
                for (Waiting waiting : group) {
                    replicate(List.of(waiting));
                }
            }
            return;
        }
        entry.whenComplete((committed, failure) -> {
            inFlight.release();
            if (failure != null) {
                group.forEach(waiting -> waiting.outcome.completeExceptionally(failure));
                return;
            }
            int from = 0;
            for (Waiting waiting : group) {
                int to = from + waiting.commands.size();
                waiting.outcome.complete(new Committed(
                        committed.raftIndex(), committed.outcomes().subList(from, to), committed.heldBy()));
                from = to;
            }
        });
    }

    private void refuseQueued() {
        List<Waiting> rest = new ArrayList<>();
        queue.drainTo(rest);
        rest.forEach(waiting -> waiting.outcome.completeExceptionally(closed()));
    }

    private static NotCommitted closed() {
        return new NotCommitted(NotCommitted.Kind.NO_LEADER, "the node left its Raft group; nothing was written");
    }
}
