package io.homeostat.ledger.raft;

import io.homeostat.ledger.LedgerNodeLimits;
import io.homeostat.ledger.state.EncodedCommands;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Puts the commands of concurrent requests into common Raft entries: an entry costs an fsync and a round trip however many
 * commands it carries. A lone request is not made to wait, and nobody waits for a clock: while
 * {@link LedgerNodeLimits#groupingEntries} entries are in flight a small group waits until one of them is done, because it
 * would queue behind their fsyncs anyway. So groups grow by themselves with the load, and waiting costs no CPU.
 *
 * <p>One thread groups; {@link #submit} is called by any. The queue, the group and the entries in flight are bounded by
 * {@link LedgerNodeLimits}.
 */
final class GroupCommit implements AutoCloseable {
    private static final long PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private final LedgerNodeLimits limits;
    private final Function<List<EncodedCommands>, CompletableFuture<Committed>> replicate;
    private final Queue<Waiting> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger queuedRequests = new AtomicInteger();
    private final AtomicInteger queuedCommands = new AtomicInteger();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final Thread thread;
    private volatile boolean parked;
    private volatile boolean open = true;

    private record Waiting(EncodedCommands commands, long sinceNanos, CompletableFuture<Committed> outcome) {}

    /** @param replicate replicates one entry; the future completes, also in failure, within the commit timeout */
    GroupCommit(
            String name,
            LedgerNodeLimits limits,
            Function<List<EncodedCommands>, CompletableFuture<Committed>> replicate) {
        this.limits = limits;
        this.replicate = replicate;
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    CompletableFuture<Committed> submit(EncodedCommands commands) {
        if (commands.count() > limits.commandsPerEntry()) {
            throw new IllegalArgumentException("at most " + limits.commandsPerEntry()
                    + " commands commit together but there are " + commands.count());
        }
        Waiting waiting = new Waiting(commands, System.nanoTime(), new CompletableFuture<>());
        if (!open) {
            waiting.outcome.completeExceptionally(closed());
        } else if (queuedRequests.incrementAndGet() > limits.requestsInFlight()) {
            queuedRequests.decrementAndGet();
            waiting.outcome.completeExceptionally(new NotCommitted(
                    NotCommitted.Kind.OVERLOADED, "the commit queue holds " + limits.requestsInFlight() + " requests"));
        } else {
            queue.add(waiting);
            queuedCommands.addAndGet(commands.count());
            if (open) {
                wake();
            } else {
                refuseQueued();
            }
        }
        return waiting.outcome;
    }

    /** Requests that wait for a place in an entry. */
    int depth() {
        return queuedRequests.get();
    }

    @Override
    public void close() {
        open = false;
        LockSupport.unpark(thread);
        refuseQueued();
    }

    private void wake() {
        if (parked && mayGo()) {
            LockSupport.unpark(thread);
        }
    }

    private boolean mayGo() {
        int commands = queuedCommands.get();
        int entries = inFlight.get();
        return commands > 0
                && (entries < limits.groupingEntries()
                        || commands >= limits.smallGroupCommands() && entries < limits.entriesInFlight());
    }

    private void run() {
        while (open) {
            if (mayGo()) {
                List<Waiting> group = group();
                if (!group.isEmpty()) {
                    send(group);
                }
            } else {
                parked = true;
                // Looked at again: whoever changed something before it saw the flag did not wake this thread.
                if (open && !mayGo()) {
                    LockSupport.parkNanos(this, PARK_NANOS);
                }
                parked = false;
            }
        }
        refuseQueued();
    }

    /** What waits now, as much of it as one entry takes; the rest begins the next one. */
    private List<Waiting> group() {
        List<Waiting> group = new ArrayList<>();
        int commands = 0;
        int bytes = 0;
        for (Waiting next = queue.peek(); next != null; next = queue.peek()) {
            boolean fits = commands + next.commands.count() <= limits.commandsPerEntry()
                    && bytes + next.commands.bytes().length <= limits.bytesPerEntry();
            if (!fits && !group.isEmpty()) {
                break;
            }
            next = take();
            if (next == null) {
                break;
            }
            commands += next.commands.count();
            bytes += next.commands.bytes().length;
            group.add(next);
        }
        return group;
    }

    private @Nullable Waiting take() {
        Waiting taken = queue.poll();
        if (taken != null) {
            queuedRequests.decrementAndGet();
            queuedCommands.addAndGet(-taken.commands.count());
        }
        return taken;
    }

    private void send(List<Waiting> group) {
        inFlight.incrementAndGet();
        List<EncodedCommands> commands = new ArrayList<>(group.size());
        for (Waiting waiting : group) {
            commands.add(waiting.commands);
        }
        CompletableFuture<Committed> entry;
        try {
            entry = replicate.apply(commands);
        } catch (RuntimeException e) {
            // Whatever it was, the thread that groups must outlive it.
            entry = CompletableFuture.failedFuture(e);
        }
        entry.whenComplete((committed, failure) -> {
            inFlight.decrementAndGet();
            // First the next entry, then the answers to this one.
            wake();
            if (failure != null) {
                group.forEach(waiting -> waiting.outcome.completeExceptionally(failure));
                return;
            }
            int from = 0;
            for (Waiting waiting : group) {
                int to = from + waiting.commands.count();
                waiting.outcome.complete(new Committed(
                        committed.raftIndex(),
                        committed.outcomes().subList(from, to),
                        committed.heldBy(),
                        committed.timing().queuedAt(waiting.sinceNanos)));
                from = to;
            }
        });
    }

    private void refuseQueued() {
        for (Waiting rest = take(); rest != null; rest = take()) {
            rest.outcome.completeExceptionally(closed());
        }
    }

    private static NotCommitted closed() {
        return new NotCommitted(NotCommitted.Kind.NO_LEADER, "the node left its Raft group; nothing was written");
    }
}
