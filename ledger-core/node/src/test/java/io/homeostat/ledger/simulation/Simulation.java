package io.homeostat.ledger.simulation;

import io.homeostat.ledger.clock.ClockAgreement;
import io.homeostat.ledger.clock.ClockLimits;
import io.homeostat.ledger.clock.ClockReading;
import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.simulation.Replica.Entry;
import io.homeostat.ledger.simulation.Replica.Mistake;
import io.homeostat.ledger.simulation.Replica.Snapshot;
import io.homeostat.ledger.state.Command;
import io.homeostat.ledger.state.CommandCodec;
import io.homeostat.ledger.state.InvariantViolation;
import io.homeostat.ledger.state.LedgerImage;
import io.homeostat.ledger.state.LedgerStateLimits;
import io.homeostat.ledger.state.OwnDigest;
import io.homeostat.merkle.JournalFault;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * One seed: replicas that agree by a {@link SmallRaft} over a network that drops, delays, reorders, repeats and cuts; that
 * crash, lose power, lose bits and are rebuilt; under clocks that are wrong and jump ({@link Nemesis}, {@link Recovery}), while
 * clients ask for everything that the ledger does ({@link Workload}). {@link Judge} looks at every step.
 */
final class Simulation {
    private static final long MOST_SKEW = ClockLimits.DEFAULTS.mostSkew().toNanos() / 1000;
    private static final long SETTLE_WITHIN = 600 * World.SECOND;

    /** What a seed came to. {@code trace} is equal for equal runs. */
    record Report(
            long seed,
            int entries,
            long leaves,
            long simulatedMicros,
            Map<Fault, Integer> faults,
            Map<String, Long> happened,
            String trace) {}

    private final World world;
    private final int entriesWanted;
    private final Genesis genesis;
    private final Path base;
    /** Of old transfers, one folder each. */
    private int copies;

    private final Workload workload;
    private final Judge judge;
    private final Recovery recovery;
    private final SmallRaft raft;
    private final Nemesis nemesis;
    private int proposals;

    Simulation(long seed, Mistake mistake, int entriesWanted, Path base) {
        Random random = new Random(seed);
        this.entriesWanted = entriesWanted;
        int nodes = random.nextInt(4) == 0 ? 5 : 3;
        this.genesis = SimGenesis.of(nodes);
        this.base = base.resolve("seed-" + seed + "-" + mistake);
        this.world = new World(seed, random, mistake, nodes);
        this.workload = new Workload(seed, nodes, random);
        // Mostly so small a window that transfers leave memory soon.
        LedgerStateLimits limits =
                LedgerStateLimits.defaults().withRecentTransfers(seed % 4 == 0 ? 1 << 18 : 8 << (int) (seed % 3));
        this.judge = new Judge(world, genesis, limits, this.base, new GateAudit(workload.genuine()));
        this.recovery = new Recovery(world, judge, this::timer);
        this.raft =
                new SmallRaft(world, recovery, this::applySome, leader -> propose(leader, List.of(new Command.Tick())));
        this.nemesis = new Nemesis(world, recovery);
        for (int i = 0; i < nodes; i++) {
            world.replicas.add(new Replica(i, this.base, genesis, limits));
        }
    }

    Report run() {
        try {
            for (Replica replica : world.replicas) {
                replica.clockSkewMicros = world.usualSkew();
                recovery.start(replica);
            }
            world.every(20 * World.MS, 150 * World.MS, this::work);
            world.every(200 * World.MS, 2500 * World.MS, nemesis::someFault);
            world.steps(() -> proposals >= entriesWanted);
            settle();
            judge.compareAll();
            judge.replayAll();
            return new Report(
                    world.seed,
                    judge.entries(),
                    judge.leaves(),
                    world.now - World.START,
                    world.faults,
                    judge.happened(),
                    world.traceDigest());
        } catch (RuntimeException e) {
            throw world.failed("an exception: " + e, e);
        } finally {
            for (Replica replica : world.replicas) {
                if (replica.up) {
                    replica.ledger.close();
                }
            }
            SimDisk.delete(base);
        }
    }

    private void settle() {
        world.calm = true;
        world.replicas.forEach(replica -> replica.clockSkewMicros = world.usualSkew());
        world.dropPercent = 0;
        for (boolean[] row : world.cut) {
            Arrays.fill(row, false);
        }
        for (Replica replica : world.replicas) {
            if (!replica.up) {
                recovery.start(replica);
            }
        }
        long until = world.now + SETTLE_WITHIN;
        world.steps(() -> {
            if (world.now > until) {
                throw world.failed(
                        "the replicas did not agree within " + SETTLE_WITHIN / World.SECOND + " s of calm: "
                                + world.state(),
                        null);
            }
            return world.replicas.stream()
                    .allMatch(replica -> replica.inService()
                            && !replica.drifted
                            && replica.applied == world.globalCommit
                            && replica.lastIndex() == world.globalCommit);
        });
    }

    private void work() {
        Replica leader = anyLeader();
        if (leader == null || !leader.inService()) {
            return;
        }
        if (world.calm && world.random.nextInt(4) != 0) {
            return;
        }
        List<Command> commands = leader.lastIndex() == 0
                ? Workload.begin(genesis.body())
                : new ArrayList<>(world.calm ? admissions() : workload.commands(leader.ledger));
        if (leader.lastIndex() > 0) {
            for (Replica replica : world.replicas) {
                attest(replica, commands);
            }
        }
        propose(leader, commands);
        if (!world.calm && world.random.nextInt(40) == 0) {
            // A quiet hour: holds and cases expire.
            world.now += Math.floorMod(world.random.nextLong(), 5400 * World.SECOND);
        }
    }

    /** An isolated node has no say in what is right: with one more falsified there is no majority of three to tell. */
    private List<Command> admissions() {
        List<Command> commands = new ArrayList<>();
        world.replicas.forEach(replica -> commands.add(new Command.AdmitNode(replica.id(), "inc")));
        return commands;
    }

    private void attest(Replica replica, List<Command> commands) {
        if (!replica.inService() || world.random.nextInt(3) == 0) {
            return;
        }
        replica.ledger
                .pendingAttestation()
                .ifPresent((OwnDigest own) ->
                        commands.add(new Command.Attest(replica.id(), own.raftIndex(), own.digest())));
    }

    private void propose(Replica leader, List<Command> commands) {
        List<ClockReading> readings = readings(leader);
        if (ClockAgreement.refusal(
                        leader.id(), world.replicas.size(), readings, world.clock(leader), world.now * 1000, MOST_SKEW)
                .isPresent()) {
            world.count(Fault.CLOCK_REFUSED);
            world.note("clock refused", leader.number, leader.lastIndex());
            if (!readings.isEmpty()) {
                // It hands leadership over, to whoever stands first.
                leader.leads = false;
                leader.heardMicros = world.now + World.SECOND;
            }
            return;
        }
        byte[] batch = CommandCodec.encode(new Command.Batch(world.clock(leader), commands));
        leader.log.add(new Entry(leader.term, batch));
        proposals++;
        world.note("propose", leader.number, leader.lastIndex());
        raft.advance(leader);
        raft.replicate(leader);
    }

    /** As {@link io.homeostat.ledger.clock.PeerClocks} would have them; an answer takes 8 ms. */
    private List<ClockReading> readings(Replica leader) {
        List<ClockReading> readings = new ArrayList<>();
        for (Replica other : world.replicas) {
            boolean answers = other != leader
                    && other.up
                    && !world.cut[leader.number][other.number]
                    && !world.cut[other.number][leader.number];
            if (answers) {
                readings.add(new ClockReading(
                        other.id(), world.clock(other), (world.now - 8 * World.MS) * 1000, world.now * 1000));
            }
        }
        return readings;
    }

    /** Of several that believe to lead, the one of the newest term is asked; now and then another one. */
    private Replica anyLeader() {
        Replica found = null;
        for (Replica replica : world.replicas) {
            boolean newer = found == null || replica.term > found.term || world.random.nextInt(8) == 0;
            if (replica.up && replica.leads && newer) {
                found = replica;
            }
        }
        return found;
    }

    private void timer(Replica replica) {
        int incarnation = replica.incarnation;
        world.at(60 * World.MS + world.random.nextInt(120_000), () -> {
            if (!replica.up || replica.incarnation != incarnation) {
                return;
            }
            if (replica.leads) {
                raft.replicate(replica);
            } else if (world.now - replica.heardMicros > 300 * World.MS + world.random.nextInt(300_000)) {
                raft.stand(replica);
            }
            snapshotNowAndThen(replica);
            if (replica.up && replica.incarnation == incarnation) {
                timer(replica);
            }
        });
    }

    private void applySome(Replica replica) {
        int most = world.random.nextInt(4) == 0 ? world.random.nextInt(3) : Integer.MAX_VALUE;
        while (replica.up && replica.applied < replica.commit && most-- > 0) {
            if (replica.ledger.journalGap().isPresent()) {
                return;
            }
            apply(replica, replica.applied + 1);
        }
    }

    private void apply(Replica replica, long index) {
        byte[] bytes = replica.entry(index).batch();
        Command.Batch batch = CommandCodec.decode(bytes);
        long before = replica.ledger.timeMicros();
        if (world.mistaken(replica, world.mistake)) {
            if (world.mistake == Mistake.DROPS && world.random.nextInt(50) == 0) {
                replica.applied = index;
                return;
            }
            if (world.mistake == Mistake.MEMORY_DRIFT && world.random.nextInt(50) == 0) {
                replica.ledger.faultDrift("bank", 1);
            }
            batch = Replica.wrong(world.mistake, batch, before, world.clock(replica));
        }
        List<Command.Outcome> outcomes;
        try {
            outcomes = replica.ledger.apply(index, batch);
        } catch (JournalFault | InvariantViolation damage) {
            if (!replica.drifted && !replica.flipped) {
                throw world.failed(replica.id() + " at index " + index + ": " + damage.getMessage(), damage);
            }
            recovery.crash(replica, Fault.KILL);
            return;
        }
        replica.applied = index;
        judge.check(replica, index, bytes, before, outcomes);
        if (replica.up && replica.ledger.divergence().isPresent()) {
            if (!replica.drifted) {
                throw world.failed(
                        replica.id() + " was said to have diverged at index " + index + " but had not", null);
            }
            replica.ledger.close();
            recovery.rebuild(replica);
        }
    }

    void snapshotNowAndThen(Replica replica) {
        if (!replica.up || replica.applied == 0 || world.random.nextInt(25) != 0 || !replica.inService()) {
            return;
        }
        long index = replica.applied;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Path old = null;
        try (LedgerImage image = replica.ledger.freeze()) {
            image.write(out);
            if (image.hasOldTransfers()) {
                old = base.resolve("old-" + copies++);
                image.writeOldTransfers(old);
                world.count(Fault.OLD_ON_DISK);
            }
        } catch (InvariantViolation unsound) {
            if (!replica.drifted) {
                throw world.failed(replica.id() + " refused a sound state", unsound);
            }
            return;
        } catch (JournalFault damage) {
            if (!replica.flipped) {
                throw world.failed(replica.id() + " found damage that nobody made", damage);
            }
            recovery.crash(replica, Fault.KILL);
            return;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (replica.drifted) {
            throw world.failed(replica.id() + " wrote a snapshot of a falsified state at index " + index, null);
        }
        replica.disk.synced();
        world.note("snapshot", replica.number, index);
        if (!world.calm && world.random.nextInt(6) == 0) {
            // The journal is synced, the snapshot not yet in its place.
            recovery.crash(replica, world.random.nextBoolean() ? Fault.KILL : Fault.POWER_CUT);
            world.count(Fault.CRASH_IN_SNAPSHOT);
            return;
        }
        replica.snapshots.put(index, new Snapshot(index, replica.termAt(index), out.toByteArray(), old));
        while (replica.snapshots.size() > 2) {
            replica.snapshots.pollFirstEntry();
        }
        if (replica.snapshots.size() == 2 || world.random.nextInt(3) == 0) {
            replica.purgeTo(replica.snapshots.firstKey());
        }
    }
}
