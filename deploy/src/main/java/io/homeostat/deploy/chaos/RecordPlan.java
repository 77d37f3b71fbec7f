package io.homeostat.deploy.chaos;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

/**
 * What happens in a recording, to whom, for how long and how badly, all from the seed: every kind comes once before any comes
 * again. A kind that the machine can not make is left out of the run and not of the plan, so that a seed means the same
 * everywhere.
 */
final class RecordPlan {
    /** Clean seconds after an event: 15 in which nobody warns after hard evidence, 10 after a start, and some to be judged. */
    private static final int QUIET_SECONDS = 28;

    private static final int QUIET_JITTER = 8;

    private RecordPlan() {}

    /** What can happen. A distractor is labelled 0: an alarm in it is a false one. */
    enum Kind {
        KILL(true),
        PAUSE(true),
        PARTITION(true),
        LOSS(true),
        SLOW_LINK(true),
        SLOW_DISK(true),
        RAMP_LINK(true),
        RAMP_DISK(true),
        SURGE(false),
        HOT_ACCOUNT(false),
        DEPLOY(false);

        final boolean fault;

        Kind(boolean fault) {
            this.fault = fault;
        }

        String wireName() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * One thing to come.
     *
     * @param node whom it happens to; a ramp on links takes the leader of that moment
     * @param other the other end of a link
     * @param percent added latency in percent of the median write, for slow links and disks, else 0
     */
    record Planned(Kind kind, int node, int other, int lastsMillis, int quietMillis, int percent) {
        /** Kind and severity: what results are grouped by. */
        String words() {
            return percent > 0 ? kind.wireName() + " +" + percent + " %" : kind.wireName();
        }
    }

    /** A slow link or disk comes mild, middling and grave. */
    private static final int[] PERCENT = {5, 50, 500};

    /** More than fit into the recording; the caller stops when its time is over. */
    static List<Planned> of(long seed, int seconds, int nodes, Set<Kind> without) {
        Random random = new Random(seed);
        List<Planned> plan = new ArrayList<>();
        long millis = 0;
        while (millis < seconds * 1000L) {
            for (Planned one : bag(random, nodes)) {
                if (!without.contains(one.kind()) && millis < seconds * 1000L) {
                    plan.add(one);
                    millis += one.lastsMillis() + one.quietMillis();
                }
            }
        }
        return List.copyOf(plan);
    }

    /** Every kind once, slow links and disks once in each severity, in random order. */
    private static List<Planned> bag(Random random, int nodes) {
        List<Planned> bag = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            boolean graded = kind == Kind.SLOW_LINK || kind == Kind.SLOW_DISK;
            for (int percent : graded ? PERCENT : new int[] {0}) {
                int node = 1 + random.nextInt(nodes);
                int other = 1 + (node - 1 + 1 + random.nextInt(nodes - 1)) % nodes;
                int lasts = switch (kind) {
                    case KILL, DEPLOY -> 5;
                    case RAMP_LINK, RAMP_DISK -> 40;
                    default -> 18 + random.nextInt(8);
                };
                int quiet = QUIET_SECONDS + random.nextInt(QUIET_JITTER);
                bag.add(new Planned(kind, node, other, lasts * 1000, quiet * 1000, percent));
            }
        }
        Collections.shuffle(bag, random);
        return bag;
    }
}
