package io.homeostat.ledger.simulation;

import io.homeostat.ledger.simulation.Replica.Snapshot;

/** Makes the faults of a seed, no more of them at once than a replicated log can survive. */
final class Nemesis {
    private final World world;
    private final Recovery recovery;

    Nemesis(World world, Recovery recovery) {
        this.world = world;
        this.recovery = recovery;
    }

    void someFault() {
        if (world.calm) {
            return;
        }
        Replica victim = world.replicas.get(world.random.nextInt(world.replicas.size()));
        switch (world.random.nextInt(14)) {
            case 0, 1 -> cutOff(victim, false);
            case 2 -> cutOff(victim, true);
            case 3 -> {
                world.dropPercent = world.random.nextInt(40);
                world.at(world.random.nextInt(5_000_000), () -> world.dropPercent = 0);
            }
            case 4, 5, 6 -> recovery.crash(victim, Fault.KILL);
            case 7, 8 -> recovery.crash(victim, Fault.POWER_CUT);
            case 9 -> {
                world.count(Fault.ALL_POWER_CUT);
                world.replicas.forEach(replica -> recovery.crash(replica, Fault.POWER_CUT));
            }
            case 10 -> {
                victim.clockSkewMicros = world.random.nextInt(3) == 0
                        ? Math.floorMod(world.random.nextLong(), 7200 * World.SECOND) - 3600 * World.SECOND
                        : world.random.nextInt(4_000_000) - 2_000_000L;
                world.count(Fault.CLOCK_JUMP);
                world.note("clock", victim.number, victim.clockSkewMicros);
                world.at(world.random.nextInt(6_000_000), () -> victim.clockSkewMicros = world.usualSkew());
            }
            case 11, 12 -> flip(victim);
            default -> drift(victim);
        }
    }

    /** One at a time, as everywhere: the majority must be right. */
    private void drift(Replica victim) {
        if (!victim.inService() || victim.applied < 2 || world.othersAreImpaired(victim)) {
            return;
        }
        victim.drifted = victim.ledger.faultDrift("bank", 1 + world.random.nextInt(100)) || victim.drifted;
        if (victim.drifted) {
            world.count(Fault.DRIFT);
            world.note("drift", victim.number, victim.applied);
        }
    }

    private void flip(Replica victim) {
        if (!victim.up || world.othersAreImpaired(victim) || !victim.votes()) {
            return;
        }
        boolean inSnapshot = world.random.nextInt(3) == 0 && !victim.snapshots.isEmpty();
        recovery.crash(victim, world.random.nextBoolean() ? Fault.KILL : Fault.POWER_CUT);
        if (inSnapshot) {
            Snapshot newest = victim.snapshots.lastEntry().getValue();
            byte[] bytes = newest.bytes().clone();
            bytes[world.random.nextInt(bytes.length)] ^= (byte) (1 << world.random.nextInt(8));
            victim.snapshots.put(newest.index(), new Snapshot(newest.index(), newest.term(), bytes, newest.old()));
            victim.flipped = true;
            world.note("flip snapshot", victim.number, newest.index());
        } else if (!victim.disk.flipBit(world.random).isEmpty()) {
            world.count(Fault.BIT_FLIP_JOURNAL);
            victim.flipped = true;
            world.note("flip", victim.number, victim.lastIndex());
        }
    }

    private void cutOff(Replica victim, boolean oneWay) {
        world.count(oneWay ? Fault.ONE_WAY_CUT : Fault.CUT);
        world.note(oneWay ? "one-way" : "cut", victim.number, victim.lastIndex());
        for (int other = 0; other < world.replicas.size(); other++) {
            if (other != victim.number && world.random.nextInt(4) != 0) {
                world.cut[other][victim.number] = true;
                world.cut[victim.number][other] = !oneWay;
            }
        }
        world.at(world.random.nextInt(6_000_000), () -> {
            for (int other = 0; other < world.replicas.size(); other++) {
                world.cut[other][victim.number] = false;
                world.cut[victim.number][other] = false;
            }
        });
    }
}
