package io.homeostat.deploy.chaos;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Which fault, when, on whom and for how long, all from a seed. Every kind comes once before any comes again; about a quarter
 * begins while the one before lasts, so a majority may be gone for a while: the ledger must then stand still, and be right.
 */
public final class FaultSchedule {
    private static final int FIRST_MILLIS = 2_000;
    private static final int CALM_END_MILLIS = 3_000;

    private FaultSchedule() {}

    /**
     * One fault to come.
     *
     * @param atMillis from the beginning of the load
     * @param dice decides what is open: the victim, a percentage, a jump
     */
    public record Planned(FaultKind kind, int atMillis, int lastsMillis, boolean onLeader, int dice) {}

    /**
     * Faults one after the other, each when the one before is healed and all nodes are ready: what is measured is one fault,
     * not two.
     *
     * @return {@code atMillis} counts from that moment
     */
    public static List<Planned> oneAfterAnother(long seed, int times, List<FaultKind> kinds) {
        Random random = new Random(seed);
        List<Planned> planned = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            FaultKind kind = kinds.get(i % kinds.size());
            planned.add(new Planned(
                    kind,
                    300 + random.nextInt(700),
                    500 + random.nextInt(1000),
                    kind == FaultKind.LEADER_KILL,
                    random.nextInt(1 << 30)));
        }
        return List.copyOf(planned);
    }

    public static List<Planned> of(long seed, int seconds, List<FaultKind> kinds) {
        List<Planned> planned = new ArrayList<>();
        Random random = new Random(seed);
        List<FaultKind> bag = new ArrayList<>();
        int at = FIRST_MILLIS;
        while (!kinds.isEmpty()) {
            if (bag.isEmpty()) {
                bag.addAll(kinds);
                Collections.shuffle(bag, random);
            }
            FaultKind kind = bag.remove(bag.size() - 1);
            int lasts = kind == FaultKind.POWER ? 300 + random.nextInt(700) : 1000 + random.nextInt(3000);
            if (at + lasts > seconds * 1000 - CALM_END_MILLIS) {
                break;
            }
            boolean onLeader = kind == FaultKind.LEADER_KILL || random.nextInt(5) < 2;
            planned.add(new Planned(kind, at, lasts, onLeader, random.nextInt(1 << 30)));
            at += random.nextInt(4) == 0 ? 300 + random.nextInt(lasts) : lasts + 800 + random.nextInt(2500);
        }
        return List.copyOf(planned);
    }
}
