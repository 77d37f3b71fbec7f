package io.homeostat.ledger.simulation;

import io.homeostat.ledger.simulation.Replica.Mistake;
import io.homeostat.ledger.simulation.Replica.Snapshot;
import io.homeostat.ledger.state.SnapshotDamaged;
import io.homeostat.merkle.JournalFault;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Death and return of a replica: what its disk keeps, how it opens, and how a lost journal or disk is filled again. */
final class Recovery {
    private static final int LEAVES_PER_FETCH = 400;

    private final World world;
    private final Judge judge;
    /** Sets a started replica's timer. */
    private final Consumer<Replica> started;

    Recovery(World world, Judge judge, Consumer<Replica> started) {
        this.world = world;
        this.judge = judge;
        this.started = started;
    }

    void start(Replica replica) {
        boolean afterCrash = replica.incarnation > 0;
        replica.incarnation++;
        replica.up = true;
        replica.leads = false;
        replica.drifted = false;
        replica.attestedIndex = 0;
        replica.heardMicros = world.now;
        try {
            replica.ledger = replica.open();
            replica.disk.synced();
            recover(replica, afterCrash);
        } catch (JournalFault damage) {
            if (!replica.flipped) {
                throw world.failed(replica.id() + " found damage that nobody made: " + damage.getMessage(), damage);
            }
            if (replica.ledger != null) {
                replica.ledger.close();
            }
            rebuild(replica);
            return;
        }
        replica.disk.forgetOlder();
        started.accept(replica);
    }

    /** The newest snapshot that can be read, then the log behind it. */
    private void recover(Replica replica, boolean afterCrash) {
        replica.commit = 0;
        replica.applied = 0;
        for (Snapshot snapshot : replica.snapshots.descendingMap().values()) {
            try {
                replica.ledger.restore(new ByteArrayInputStream(snapshot.bytes()), snapshot.old(), false);
                replica.applied = snapshot.index();
                replica.commit = snapshot.index();
                break;
            } catch (SnapshotDamaged damage) {
                if (!replica.flipped) {
                    throw world.failed(replica.id() + " found a damaged snapshot that nobody damaged", damage);
                }
                world.count(Fault.BIT_FLIP_SNAPSHOT);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        replica.snapshots.tailMap(replica.applied, false).clear();
        replica.disk.synced();
        if (replica.applied < replica.logStart) {
            // No snapshot can be read and the log does not reach back: as good as empty.
            replica.ledger.close();
            rebuild(replica);
            return;
        }
        if (world.mistaken(replica, Mistake.FORGETS_ONE) && afterCrash) {
            replica.applied++;
        }
        fill(replica, replica.incarnation);
    }

    /** Fetches missing leaves from any peer, until the journal is whole. */
    void fill(Replica replica, int incarnation) {
        if (!replica.up || replica.incarnation != incarnation) {
            return;
        }
        replica.incomplete = replica.ledger.journalGap().isPresent();
        if (!replica.incomplete) {
            return;
        }
        long from = replica.ledger.journalGap().orElseThrow();
        Replica peer = world.replicas.get(world.random.nextInt(world.replicas.size()));
        if (peer != replica && peer.inService() && !world.cut[peer.number][replica.number]) {
            try {
                List<byte[]> leaves = new ArrayList<>(peer.ledger.readJournal(from, LEAVES_PER_FETCH, 1 << 20));
                if (!leaves.isEmpty() && world.random.nextInt(10) == 0) {
                    int liar = world.random.nextInt(leaves.size());
                    byte[] leaf = leaves.get(liar).clone();
                    leaf[world.random.nextInt(leaf.length)] ^= 1;
                    leaves.set(liar, leaf);
                    replica.liedTo = true;
                    world.count(Fault.FALSE_LEAF);
                }
                if (replica.ledger.backfill(leaves)) {
                    if (replica.liedTo && !judge.sameLeaves(replica)) {
                        throw world.failed(replica.id() + " took a false leaf", null);
                    }
                    replica.liedTo = false;
                    replica.incomplete = false;
                    replica.disk.synced();
                }
            } catch (IllegalArgumentException e) {
                if (!replica.liedTo && !replica.flipped && !peer.flipped) {
                    throw world.failed(replica.id() + " refused true leaves", e);
                }
                replica.liedTo = false;
            } catch (JournalFault damage) {
                if (!peer.flipped && !replica.flipped) {
                    throw world.failed(replica.id() + " or " + peer.id() + " found damage that nobody made", damage);
                }
                crash(peer.flipped ? peer : replica, Fault.KILL);
                return;
            }
        }
        world.at(20 * World.MS + world.random.nextInt(100_000), () -> fill(replica, incarnation));
    }

    /** Its disk is given up; it is filled by the leader, and has no vote before it holds what it had vouched for. */
    void rebuild(Replica replica) {
        world.count(Fault.WIPED);
        world.note("rebuild", replica.number, replica.lastIndex());
        replica.up = false;
        replica.leads = false;
        replica.disk.wipe();
        replica.disk.forgetOlder();
        replica.snapshots.clear();
        replica.logBecomes(0, 0);
        replica.novoteUntilCommit = Math.max(1, world.globalCommit);
        replica.flipped = false;
        replica.liedTo = false;
        replica.commit = 0;
        replica.applied = 0;
        for (Replica other : world.replicas) {
            other.matchIndex.put(replica.number, 0L);
            other.nextIndex.put(replica.number, other.lastIndex() + 1);
        }
        start(replica);
    }

    void crash(Replica replica, Fault how) {
        if (!replica.up) {
            return;
        }
        world.count(how);
        world.note(how.name(), replica.number, replica.lastIndex());
        replica.up = false;
        replica.leads = false;
        if (how == Fault.POWER_CUT) {
            replica.disk.powerCut(world.random);
        } else {
            replica.disk.killed();
        }
        // Lets go of the dead incarnation's files, which nobody reads any more.
        replica.ledger.close();
        world.at(50 * World.MS + world.random.nextInt(4_000_000), () -> {
            if (!replica.up) {
                start(replica);
            }
        });
    }
}
