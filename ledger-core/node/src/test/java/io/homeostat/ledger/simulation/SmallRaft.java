package io.homeostat.ledger.simulation;

import io.homeostat.ledger.simulation.Replica.Entry;
import io.homeostat.ledger.simulation.Replica.Snapshot;
import io.homeostat.ledger.state.SnapshotDamaged;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A small Raft, as far as the ledger's state machine sees one: entries are committed when a majority of voters holds them, in
 * one order for ever, and everything else may go wrong. Elections are decided by the rule of Raft (a majority that can be
 * reached both ways, none of whose logs is newer), but without messages of their own: elections are Ratis' business.
 */
final class SmallRaft {
    private static final int ENTRIES_PER_MESSAGE = 8;

    private final World world;
    private final Recovery recovery;
    /** Applies what is committed. */
    private final Consumer<Replica> committed;
    /** A leader's first entry. */
    private final Consumer<Replica> elected;

    SmallRaft(World world, Recovery recovery, Consumer<Replica> committed, Consumer<Replica> elected) {
        this.world = world;
        this.recovery = recovery;
        this.committed = committed;
        this.elected = elected;
    }

    void stand(Replica candidate) {
        if (!candidate.votes()) {
            return;
        }
        List<Replica> voters = new ArrayList<>();
        long newest = candidate.term;
        for (Replica voter : world.replicas) {
            boolean reached = voter == candidate
                    || !world.cut[candidate.number][voter.number] && !world.cut[voter.number][candidate.number];
            if (!voter.up || !reached) {
                continue;
            }
            newest = Math.max(newest, voter.term);
            boolean upToDate = candidate.lastTerm() > voter.lastTerm()
                    || candidate.lastTerm() == voter.lastTerm() && candidate.lastIndex() >= voter.lastIndex();
            if (voter.votes() && upToDate) {
                voters.add(voter);
            }
        }
        if (voters.size() < world.majority()) {
            return;
        }
        for (Replica voter : voters) {
            voter.term = newest + 1;
            voter.leads = false;
            voter.heardMicros = world.now;
        }
        candidate.leads = true;
        world.count(Fault.LEADER_CHANGE);
        world.note("leads", candidate.number, candidate.term);
        candidate.nextIndex.clear();
        candidate.matchIndex.clear();
        for (Replica other : world.replicas) {
            candidate.nextIndex.put(other.number, candidate.lastIndex() + 1);
            candidate.matchIndex.put(other.number, 0L);
        }
        if (candidate.lastIndex() > 0) {
            elected.accept(candidate);
        }
    }

    void replicate(Replica leader) {
        for (Replica follower : world.replicas) {
            if (follower != leader) {
                sendEntries(leader, follower);
            }
        }
    }

    private void sendEntries(Replica leader, Replica follower) {
        long next = Math.min(leader.nextIndex.get(follower.number), leader.lastIndex() + 1);
        long term = leader.term;
        if (next <= leader.logStart) {
            Map.Entry<Long, Snapshot> newest = leader.snapshots.lastEntry();
            if (newest == null) {
                throw world.failed(leader.id() + " purged its log and has no snapshot", null);
            }
            Snapshot snapshot = newest.getValue();
            int incarnation = follower.incarnation;
            world.send(leader, follower, () -> install(leader, follower, incarnation, term, snapshot));
            return;
        }
        long previous = next - 1;
        long previousTerm = leader.termAt(previous);
        int count = (int) Math.min(ENTRIES_PER_MESSAGE, leader.lastIndex() - previous);
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(leader.entry(next + i));
        }
        long commit = leader.commit;
        world.send(leader, follower, () -> append(leader, follower, term, previous, previousTerm, entries, commit));
    }

    private void append(
            Replica leader,
            Replica follower,
            long term,
            long previous,
            long previousTerm,
            List<Entry> entries,
            long commit) {
        if (!heard(follower, term)) {
            return;
        }
        if (previous > follower.lastIndex()
                || previous > follower.logStart && follower.termAt(previous) != previousTerm) {
            long hint = Math.min(previous, follower.lastIndex() + 1);
            answer(
                    follower,
                    leader,
                    term,
                    () -> leader.nextIndex.put(follower.number, Math.max(1, Math.min(hint, previous))));
            return;
        }
        long index = previous;
        for (Entry entry : entries) {
            index++;
            if (index <= follower.logStart) {
                continue;
            }
            if (index <= follower.lastIndex() && follower.termAt(index) != entry.term()) {
                if (index <= follower.commit) {
                    throw world.failed(follower.id() + " would have to take back the committed entry " + index, null);
                }
                follower.truncateFrom(index);
            }
            if (index > follower.lastIndex()) {
                follower.log.add(entry);
            }
        }
        long held = index;
        follower.commit = Math.max(follower.commit, Math.min(commit, held));
        follower.votes();
        committed.accept(follower);
        holdsUpTo(follower, leader, term, held);
    }

    private void holdsUpTo(Replica follower, Replica leader, long term, long held) {
        answer(follower, leader, term, () -> {
            leader.matchIndex.merge(follower.number, held, Math::max);
            leader.nextIndex.put(follower.number, leader.matchIndex.get(follower.number) + 1);
            advance(leader);
        });
    }

    private void install(Replica leader, Replica follower, int incarnation, long term, Snapshot snapshot) {
        if (follower.incarnation != incarnation || !heard(follower, term)) {
            return;
        }
        if (snapshot.index() <= follower.commit) {
            // What is committed here is the same there: the leader goes on behind it.
            holdsUpTo(follower, leader, term, follower.commit);
            return;
        }
        world.count(Fault.INSTALLED);
        world.note("install", follower.number, snapshot.index());
        try {
            follower.ledger.restore(new ByteArrayInputStream(snapshot.bytes()), snapshot.old(), false);
        } catch (SnapshotDamaged damage) {
            if (!leader.flipped) {
                throw world.failed(
                        "the snapshot that " + leader.id() + " sent is damaged, and nobody damaged it", damage);
            }
            // The leader's disk is bad: it goes.
            recovery.crash(leader, Fault.KILL);
            return;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // The whole state is the leader's now.
        follower.drifted = false;
        follower.snapshots.clear();
        follower.snapshots.put(snapshot.index(), snapshot);
        follower.logBecomes(snapshot.index(), snapshot.term());
        follower.commit = snapshot.index();
        follower.votes();
        follower.applied = snapshot.index();
        follower.disk.synced();
        recovery.fill(follower, follower.incarnation);
        holdsUpTo(follower, leader, term, snapshot.index());
    }

    private boolean heard(Replica follower, long term) {
        if (!follower.up || term < follower.term) {
            return false;
        }
        if (term > follower.term) {
            follower.leads = false;
        }
        follower.term = term;
        follower.heardMicros = world.now;
        return true;
    }

    private void answer(Replica from, Replica leader, long term, Runnable effect) {
        int incarnation = from.incarnation;
        int leaders = leader.incarnation;
        world.send(from, leader, () -> {
            boolean same = from.incarnation == incarnation && leader.incarnation == leaders;
            if (same && leader.up && leader.leads && leader.term == term) {
                effect.run();
            }
        });
    }

    /** What a majority of voters holds, of the leader's own term. */
    void advance(Replica leader) {
        for (long index = leader.lastIndex(); index > leader.commit && leader.termAt(index) == leader.term; index--) {
            int holders = 0;
            for (Replica replica : world.replicas) {
                boolean holds = replica == leader || leader.matchIndex.getOrDefault(replica.number, 0L) >= index;
                holders += holds && replica.votes() ? 1 : 0;
            }
            if (holders >= world.majority()) {
                leader.commit = index;
                world.globalCommit = Math.max(world.globalCommit, index);
                break;
            }
        }
        committed.accept(leader);
    }
}
