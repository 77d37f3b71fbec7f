package io.homeostat.ledger.simulation;

import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.state.Command;
import io.homeostat.ledger.state.Ledger;
import io.homeostat.ledger.state.LedgerStateLimits;
import io.homeostat.ledger.testing.MemoryRowArchive;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One replica: what is on its disk (Raft log, term, snapshots, journal) and what its process holds. The Raft log and the
 * snapshots are durable at once, as Ratis makes them; the journal is what {@link SimDisk} says.
 */
final class Replica {
    /** Mistakes that the simulation must notice. One of them is planted in the second replica. */
    enum Mistake {
        NONE,
        /** Takes the commands of a batch in another order, as the walk of a hash table would. */
        OTHER_ORDER,
        /** Lets no time pass, so that nothing expires. */
        SKIPS_EXPIRY,
        /** Stamps with its own clock instead of the leader's. */
        OWN_CLOCK,
        /** Leaves out the first entry after a restart. */
        FORGETS_ONE,
        /** Drops one entry in fifty. */
        DROPS,
        /** Falsifies a balance in memory, and nobody is told. */
        MEMORY_DRIFT
    }

    /** An entry of the Raft log. */
    record Entry(long term, byte[] batch) {}

    /**
     * A snapshot that lies on the disk.
     *
     * @param old its transfers that are not in memory; null when there are none
     */
    record Snapshot(
            long index, long term, byte[] bytes, @Nullable Path old) {}

    final int number;
    final SimDisk disk;
    private final Genesis genesis;
    private final LedgerStateLimits limits;

    // Durable.
    long term;
    /** Index of the entry before the first that the log still holds. */
    long logStart;

    long logStartTerm;
    final List<Entry> log = new ArrayList<>();
    final TreeMap<Long, Snapshot> snapshots = new TreeMap<>();

    // Of the process.
    boolean up;
    int incarnation;
    boolean leads;
    Ledger ledger;
    long commit;
    long applied;
    long heardMicros;
    long clockSkewMicros;
    long attestedIndex;
    final Map<Integer, Long> nextIndex = new TreeMap<>();
    final Map<Integer, Long> matchIndex = new TreeMap<>();

    // What the simulation knows about it.
    /** It was rebuilt, and has no vote before it holds again what it had vouched for: everything committed until then. */
    long novoteUntilCommit;
    /** Its live state was falsified since the last restart. */
    boolean drifted;
    /** Bits of its files were flipped: it may find damage, and must then be rebuilt. */
    boolean flipped;
    /** Older leaves are still being fetched: a disk that lacks them is no help to another that lost its own. */
    boolean incomplete;
    /** A peer sent false leaves during its backfill. */
    boolean liedTo;

    Replica(int number, Path base, Genesis genesis, LedgerStateLimits limits) {
        this.number = number;
        this.genesis = genesis;
        this.limits = limits;
        this.disk = new SimDisk(base.resolve("n" + (number + 1)));
    }

    String id() {
        return "n" + (number + 1);
    }

    Ledger open() {
        return Ledger.open(disk.directory(), new MemoryRowArchive(2), genesis, id(), limits);
    }

    long lastIndex() {
        return logStart + log.size();
    }

    long lastTerm() {
        return log.isEmpty() ? logStartTerm : log.get(log.size() - 1).term();
    }

    /** Term of an entry that the log holds, or of the one before it. */
    long termAt(long index) {
        return index == logStart ? logStartTerm : entry(index).term();
    }

    Entry entry(long index) {
        return log.get((int) (index - logStart - 1));
    }

    void truncateFrom(long index) {
        while (lastIndex() >= index) {
            log.remove(log.size() - 1);
        }
    }

    /** Drops entries up to and with the index, which a snapshot covers. */
    void purgeTo(long index) {
        if (index <= logStart) {
            return;
        }
        long termThere = termAt(index);
        log.subList(0, (int) (index - logStart)).clear();
        logStart = index;
        logStartTerm = termThere;
    }

    void logBecomes(long index, long termThere) {
        log.clear();
        logStart = index;
        logStartTerm = termThere;
    }

    /** Once it may vote it may for good, also after a restart that knows less of what is committed. */
    boolean votes() {
        if (commit >= novoteUntilCommit) {
            novoteUntilCommit = 0;
        }
        return novoteUntilCommit == 0;
    }

    boolean inService() {
        return up && ledger.journalGap().isEmpty();
    }

    /** For a planted mistake. */
    static Command.Batch wrong(Mistake mistake, Command.Batch right, long lastTime, long ownClock) {
        List<Command> commands = new ArrayList<>(right.commands());
        return switch (mistake) {
            case OTHER_ORDER -> {
                java.util.Collections.reverse(commands);
                yield new Command.Batch(right.timeMicros(), commands);
            }
            case SKIPS_EXPIRY -> new Command.Batch(Math.min(right.timeMicros(), lastTime + 1), commands);
            case OWN_CLOCK -> new Command.Batch(ownClock, commands);
            case NONE, FORGETS_ONE, DROPS, MEMORY_DRIFT -> right;
        };
    }
}
