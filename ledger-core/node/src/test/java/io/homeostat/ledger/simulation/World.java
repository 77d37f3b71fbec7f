package io.homeostat.ledger.simulation;

import io.homeostat.ledger.simulation.Replica.Mistake;
import io.homeostat.merkle.Digests;
import io.homeostat.merkle.MerkleTree;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;

/**
 * What all parts of one seed share: time, chance, the network, what is counted and traced. One seed replays everything because
 * nothing here asks a clock, and chance is drawn by one generator only. Used by one thread.
 */
final class World {
    static final long MS = 1_000;
    static final long SECOND = 1_000_000;
    static final long START = 1_700_000_000L * SECOND;
    /** A hundred times what a seed needs. */
    private static final int MAX_EVENTS = 300_000;

    private record Event(long at, long order, Runnable action) {}

    final long seed;
    final Random random;
    final Mistake mistake;
    final List<Replica> replicas = new ArrayList<>();
    final boolean[][] cut;
    final Map<Fault, Integer> faults = new TreeMap<>();
    private final PriorityQueue<Event> events = new PriorityQueue<>(
            (a, b) -> a.at() != b.at() ? Long.compare(a.at(), b.at()) : Long.compare(a.order(), b.order()));
    private final MessageDigest trace = MerkleTree.newSha256();
    long now = START;
    boolean calm;
    long globalCommit;
    int dropPercent;
    private long order;

    World(long seed, Random random, Mistake mistake, int nodes) {
        this.seed = seed;
        this.random = random;
        this.mistake = mistake;
        this.cut = new boolean[nodes][nodes];
    }

    /** Clocks that are kept synchronised differ by so much at most. */
    long usualSkew() {
        return random.nextInt(400_000) - 200_000L;
    }

    /** The time that a replica believes, in microseconds. */
    long clock(Replica replica) {
        return Math.max(1, now + replica.clockSkewMicros);
    }

    void at(long delay, Runnable action) {
        events.add(new Event(now + delay, order++, action));
    }

    void every(long least, long most, Runnable action) {
        long delay = least + Math.floorMod(random.nextLong(), most - least);
        at(delay, () -> {
            action.run();
            every(least, most, action);
        });
    }

    void steps(java.util.function.BooleanSupplier done) {
        int left = MAX_EVENTS;
        while (!done.getAsBoolean()) {
            Event next = events.poll();
            if (next == null || left-- == 0) {
                throw failed("the ledger stood still: " + state(), null);
            }
            now = Math.max(now, next.at());
            next.action().run();
        }
    }

    /** What happened, in order: equal for equal runs. */
    void traced(byte[] bytes) {
        trace.update(bytes);
    }

    String traceDigest() {
        return Digests.hex(trace.digest());
    }

    int majority() {
        return replicas.size() / 2 + 1;
    }

    /** More than a minority of damaged disks at once is not survived by any replicated log. */
    boolean othersAreImpaired(Replica victim) {
        int impaired = 0;
        for (Replica other : replicas) {
            boolean bad = other.drifted || other.flipped || other.incomplete || !other.votes();
            impaired += other != victim && bad ? 1 : 0;
        }
        return impaired + 1 > replicas.size() / 2;
    }

    void send(Replica from, Replica to, Runnable message) {
        if (cut[from.number][to.number]) {
            return;
        }
        if (random.nextInt(100) < dropPercent) {
            count(Fault.DROPPED);
            return;
        }
        long delay = 200 + random.nextInt(8_000);
        if (!calm && random.nextInt(30) == 0) {
            delay += random.nextInt(3_000_000);
            count(Fault.LATE);
        }
        at(delay, message);
        if (!calm && random.nextInt(30) == 0) {
            at(delay + random.nextInt(500_000), message);
            count(Fault.REPEATED);
        }
    }

    boolean mistaken(Replica replica, Mistake which) {
        return mistake == which && which != Mistake.NONE && replica.number == 1;
    }

    String state() {
        StringBuilder text = new StringBuilder();
        for (Replica r : replicas) {
            text.append(r.id() + (r.up ? " up" : " down") + (r.leads ? " leads" : "") + " term " + r.term + " log "
                    + r.logStart + ".." + r.lastIndex() + " commit " + r.commit + " applied " + r.applied
                    + (r.up ? " gap " + r.ledger.journalGap() : "") + (r.drifted ? " drifted" : "") + "; ");
        }
        return text + "commit " + globalCommit;
    }

    void count(Fault fault) {
        faults.merge(fault, 1, Integer::sum);
    }

    void note(String what, int replica, long index) {
        trace.update((now + " " + what + " " + replica + " " + index + "\n").getBytes(StandardCharsets.US_ASCII));
        if (Boolean.getBoolean("simulation.trace")) {
            System.out.println((now - START) / 1000 + " ms: " + what + " n" + (replica + 1) + " " + index);
        }
    }

    SimulationFailed failed(String what, Throwable cause) {
        return new SimulationFailed(
                "seed " + seed + ", " + (now - START) / 1000 + " ms: " + what + " [replay: -Dsimulation.seed=" + seed
                        + " -Dsimulation.trace=true]",
                cause);
    }
}
