package io.homeostat.detector.verdict;

import io.homeostat.detector.feedback.RuleBook;
import io.homeostat.detector.signal.Signal;
import io.homeostat.detector.signal.SignalCatalog;
import io.homeostat.detector.stream.AlarmLimits;
import io.homeostat.detector.stream.Tail;
import io.homeostat.detector.stream.TailState;
import io.homeostat.detector.window.PeerComparison;
import io.homeostat.detector.window.Stretch;
import io.homeostat.events.Contribution;
import io.homeostat.events.Direction;
import io.homeostat.events.Severity;
import io.homeostat.events.codec.EventCodec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What one second is too short for: a step that its noise hides, by the window of 5 s against the 50 s before the two last
 * ones, and a ramp, by the slope over 60 s. Both every 5 s, both as a difference from what the peers did in the same time,
 * over the node's own scatter, so that leaders may differ from followers and all may rise together. Only signals with a limit
 * are judged: of a drift it matters when it gets there.
 *
 * <p>The score of a node is its greatest among the signals. Calibrated by the conformal tail of {@link Tail} on the newest
 * clean scores of all nodes; the two windows share {@link #BUDGET}. Nothing is said while work rises or a leader is new: then
 * nodes differ without a fault. Stateless; {@link ClusterTrack} is the caller's.
 */
final class Drift {
    /** False episodes a node may cost in a week by both windows together: half of what the detector promises. */
    static final double BUDGET = 0.5;

    private static final String WORK = "ledger.transfers rate";
    private static final String ELECTIONS = "ledger.elections rate";
    /** Work that rose by more than this part is a surge. */
    private static final double SURGE = 0.2;

    private static final long EVERY_MILLIS = Stretch.SHORT * 1_000L;
    /** A quarter of an hour of three nodes. */
    private static final int BUFFER = 512;
    /** Clean scores before anything is judged: five minutes of three nodes. A tail of fewer is a guess. */
    private static final int LEAST_SCORES = 180;

    private static final int REFIT = 16;
    /** Scatter below this, in the transformed scale, is not believed: seconds may agree by chance. */
    private static final double LEAST_SCATTER = 0.1;
    /** Least difference from the peers that matters: a third of the floor, or 30 % of a large value. */
    private static final double LEAST_CHANGE = 0.3;
    /** A calm baseline must not make a small thing odd. */
    private static final double LEAST_THRESHOLD = 3;
    /** Each half of a ramp, and each of the two windows of a step, must have this part of the whole: a spike has not. */
    private static final double STEADY = 0.25;
    /** Part of the difference from the peers that the node's own move must explain. */
    private static final double ITSELF = 0.5;
    /** A drift is over when this part of it is left. */
    private static final double LEFT = 0.5;
    /** What lasts longer is how the node is now; also the bound on how long an anomaly without a cure stays open. */
    private static final long LONGEST_MILLIS = 900_000;

    /** The two windows and the model ids that they are told by. */
    enum Scale {
        STEP("drift-5s", 2 * Stretch.SHORT),
        RAMP("drift-60s", Stretch.LONG);

        private final String modelId;
        private final long millis;

        Scale(String modelId, int seconds) {
            this.modelId = modelId;
            this.millis = seconds * 1_000L;
        }

        private static Scale of(String modelId) {
            return STEP.modelId.equals(modelId) ? STEP : RAMP;
        }

        private String text() {
            return "drift v1 " + modelId + ": peers' median off, over own scatter of at least " + LEAST_SCATTER
                    + ", least change " + LEAST_CHANGE + ", conformal tail of " + BUFFER + " clean scores, "
                    + BUDGET / values().length + " episodes per node and week, threshold at least " + LEAST_THRESHOLD;
        }
    }

    /** How a signal of a node moved, transformed; {@code steady} when it was no spike. */
    private record Move(double change, double scatter, boolean steady) {}

    /** A move beside what the peers did. */
    private record Relative(Signal signal, double excess, double score, boolean steady) {}

    private final SignalCatalog catalog;
    private final AlarmLimits limits;
    private final List<Signal> judged;

    Drift(SignalCatalog catalog) {
        this.catalog = catalog;
        this.limits = AlarmLimits.defaults().withBudget(BUDGET / Scale.values().length, Stretch.SHORT);
        this.judged =
                catalog.signals().stream().filter(s -> s.limit().isPresent()).toList();
    }

    /** True when a window of 5 s ends with this second. */
    static boolean due(ClusterWindow window) {
        return window.endMillis() % EVERY_MILLIS == 0;
    }

    /** How every node moved, looked at once: each is a peer of each. */
    static final class Moves {
        private final boolean unsettled;
        private final Map<Scale, Map<String, Map<String, Move>>> of = new EnumMap<>(Scale.class);

        private Moves(boolean unsettled) {
            this.unsettled = unsettled;
        }
    }

    /** Of the windows that end with this second; of none when none does or nothing can be said. */
    Moves moves(ClusterTrack track, ClusterWindow window) {
        Moves moves = new Moves(!due(window) || unsettled(track));
        if (!moves.unsettled) {
            for (Scale scale : Scale.values()) {
                Map<String, Map<String, Move>> ofSignals = new TreeMap<>();
                for (Signal signal : judged) {
                    Map<String, Move> ofNodes = new TreeMap<>();
                    track.nodes.forEach(
                            (name, node) -> move(node, signal, scale).ifPresent(move -> ofNodes.put(name, move)));
                    ofSignals.put(signal.name(), ofNodes);
                }
                moves.of.put(scale, ofSignals);
            }
        }
        return moves;
    }

    /** What the node's windows warn of, if its scores are odd enough. Changes nothing. */
    Optional<Finding> look(ClusterTrack track, Moves moves, String name, ClusterWindow window, RuleBook rules) {
        if (moves.unsettled) {
            return Optional.empty();
        }
        Optional<Finding> worst = Optional.empty();
        for (Scale scale : Scale.values()) {
            TailState tail = tail(track, scale);
            if (tail.seen < LEAST_SCORES) {
                continue;
            }
            double threshold =
                    Math.max(LEAST_THRESHOLD, Tail.threshold(tail, -StrictMath.log10(limits.rowProbability())));
            for (Relative move : relative(moves, name, scale)) {
                if (move.score <= threshold || !move.steady || Math.abs(move.excess) < LEAST_CHANGE || !watched(move)) {
                    continue;
                }
                OpenDrift shape = new OpenDrift();
                shape.modelId = scale.modelId;
                shape.score = move.score;
                shape.threshold = threshold;
                shape.onsetMillis = window.endMillis() - scale.millis;
                Finding finding = finding(track, name, move.signal, move.excess, shape);
                boolean permitted = rules.permits(
                        name,
                        finding.signal(),
                        finding.direction(),
                        finding.expected(),
                        finding.observed(),
                        finding.score(),
                        finding.threshold(),
                        window.startMillis());
                boolean worse = worst.isEmpty()
                        || finding.score() / finding.threshold()
                                > worst.get().score() / worst.get().threshold();
                worst = permitted && worse ? Optional.of(finding) : worst;
            }
        }
        return worst;
    }

    /** Remembers what the node left. */
    void seen(ClusterTrack track, Finding finding, long endMillis) {
        Signal signal = catalog.require(finding.signal());
        OpenDrift drift = new OpenDrift();
        drift.signal = finding.signal();
        drift.by = signal.transform(finding.observed()) - signal.transform(finding.expected());
        drift.before = distance(track, finding.node(), signal).orElse(drift.by) - drift.by;
        drift.sinceMillis = endMillis;
        drift.onsetMillis = finding.onsetMillis();
        drift.modelId = finding.modelId();
        drift.score = finding.score();
        drift.threshold = finding.threshold();
        NodeTrack node = track.nodes.get(finding.node());
        if (node != null) {
            node.drifts.put(finding.cause().name(), drift);
        }
    }

    /** What a drift that lasts would be told as now: for what maintenance held back. */
    Finding again(ClusterTrack track, String name, OpenDrift drift) {
        Signal signal = catalog.require(drift.signal);
        double away = distance(track, name, signal).orElse(drift.before + drift.by) - drift.before;
        return finding(track, name, signal, away, drift);
    }

    /** True while the node has not come back from where it drifted to. */
    boolean lasts(ClusterTrack track, String name, OpenDrift drift, long endMillis) {
        if (endMillis - drift.sinceMillis > LONGEST_MILLIS) {
            return false;
        }
        Optional<Double> now = distance(track, name, catalog.require(drift.signal));
        return now.isEmpty() || (now.get() - drift.before) / drift.by > LEFT;
    }

    /** Takes the scores of a clean window in. */
    void learn(ClusterTrack track, Moves moves, Collection<String> clean) {
        if (moves.unsettled || clean.isEmpty()) {
            return;
        }
        for (Scale scale : Scale.values()) {
            TailState tail = tail(track, scale);
            if (tail.scores.length == 0) {
                tail.scores = new double[BUFFER];
            }
            for (String name : clean) {
                relative(moves, name, scale).stream()
                        .mapToDouble(Relative::score)
                        .max()
                        .ifPresent(score -> {
                            Tail.remember(tail, score);
                            if (tail.seen >= LEAST_SCORES && (tail.seen % REFIT == 0 || tail.fitted < 0)) {
                                Tail.fit(tail, limits);
                            }
                        });
            }
        }
    }

    private static TailState tail(ClusterTrack track, Scale scale) {
        return scale == Scale.STEP ? track.steps : track.ramps;
    }

    /** Work that rises and leaders that are new move nodes apart without a fault. */
    private static boolean unsettled(ClusterTrack track) {
        for (NodeTrack node : track.nodes.values()) {
            double[] elections = node.seconds.getOrDefault(ELECTIONS, new double[0]);
            if (Arrays.stream(elections).anyMatch(rate -> rate > 0)) {
                return true;
            }
            double[] work = node.seconds.getOrDefault(WORK, new double[0]);
            if (work.length == Stretch.LONG) {
                Optional<Stretch> before = Stretch.of(work, 0, Stretch.LONG - 2 * Stretch.SHORT);
                Optional<Stretch> now = Stretch.of(work, Stretch.LONG - 2 * Stretch.SHORT, Stretch.LONG);
                if (before.isPresent()
                        && now.isPresent()
                        && now.get().median() > (1 + SURGE) * before.get().median()) {
                    return true;
                }
            }
        }
        return false;
    }

    private List<Relative> relative(Moves moves, String name, Scale scale) {
        List<Relative> all = new ArrayList<>();
        moves.of.getOrDefault(scale, Map.of()).forEach((signal, nodes) -> {
            Move own = nodes.get(name);
            if (own == null || nodes.size() < 3) {
                return;
            }
            double[] peers = nodes.entrySet().stream()
                    .filter(e -> !e.getKey().equals(name))
                    .mapToDouble(e -> e.getValue().change)
                    .toArray();
            double excess = own.change - PeerComparison.median(peers);
            // Of two peers one that moves shifts the middle: the node itself must have gone at least half of the way.
            boolean itself = excess > 0 ? own.change >= ITSELF * excess : own.change <= ITSELF * excess;
            all.add(new Relative(
                    catalog.require(signal),
                    excess,
                    Math.abs(excess) / Math.max(own.scatter, LEAST_SCATTER),
                    own.steady && itself));
        });
        return all;
    }

    private static Optional<Move> move(NodeTrack node, Signal signal, Scale scale) {
        double[] seconds = node.seconds.getOrDefault(signal.name(), new double[0]);
        if (seconds.length < Stretch.LONG) {
            return Optional.empty();
        }
        double[] transformed = Arrays.stream(seconds).map(signal::transform).toArray();
        return scale == Scale.STEP ? step(transformed) : ramp(transformed);
    }

    private static Optional<Move> step(double[] seconds) {
        int late = Stretch.LONG - Stretch.SHORT;
        int early = late - Stretch.SHORT;
        Optional<Stretch> base = Stretch.of(seconds, 0, early);
        Optional<Stretch> first = Stretch.of(seconds, early, late);
        Optional<Stretch> second = Stretch.of(seconds, late, Stretch.LONG);
        if (base.isEmpty() || first.isEmpty() || second.isEmpty()) {
            return Optional.empty();
        }
        double before = first.get().median() - base.get().median();
        double now = second.get().median() - base.get().median();
        return Optional.of(new Move(
                (before + now) / 2,
                base.get().scatter(),
                steady(before, (before + now) / 2) && steady(now, (before + now) / 2)));
    }

    private static Optional<Move> ramp(double[] seconds) {
        Optional<Stretch> whole = Stretch.of(seconds, 0, Stretch.LONG);
        Optional<Stretch> first = Stretch.of(seconds, 0, Stretch.LONG / 2);
        Optional<Stretch> second = Stretch.of(seconds, Stretch.LONG / 2, Stretch.LONG);
        if (whole.isEmpty() || first.isEmpty() || second.isEmpty()) {
            return Optional.empty();
        }
        double slope = whole.get().slope();
        return Optional.of(new Move(
                slope * (Stretch.LONG - 1),
                whole.get().scatter(),
                steady(first.get().slope(), slope) && steady(second.get().slope(), slope)));
    }

    private static boolean steady(double part, double whole) {
        return whole > 0 ? part >= STEADY * whole : part <= STEADY * whole;
    }

    private static boolean watched(Relative move) {
        return switch (move.signal.watch()) {
            case ABOVE -> move.excess > 0;
            case BELOW -> move.excess < 0;
            case BOTH -> true;
        };
    }

    /** How far the node's last 5 s lie from the peers', transformed. */
    private static Optional<Double> distance(ClusterTrack track, String name, Signal signal) {
        Map<String, Double> now = now(track, signal);
        Double own = now.remove(name);
        if (own == null || now.isEmpty()) {
            return Optional.empty();
        }
        double[] peers = now.values().stream().mapToDouble(signal::transform).toArray();
        return Optional.of(signal.transform(own) - PeerComparison.median(peers));
    }

    /** The median of the last 5 s by node, in the signal's unit. */
    private static Map<String, Double> now(ClusterTrack track, Signal signal) {
        Map<String, Double> now = new TreeMap<>();
        track.nodes.forEach((name, node) -> {
            double[] seconds = node.seconds.getOrDefault(signal.name(), new double[0]);
            if (seconds.length >= Stretch.SHORT) {
                Stretch.of(seconds, seconds.length - Stretch.SHORT, seconds.length)
                        .ifPresent(stretch -> now.put(name, stretch.median()));
            }
        });
        return now;
    }

    private static Finding finding(ClusterTrack track, String name, Signal signal, double excess, OpenDrift drift) {
        Scale scale = Scale.of(drift.modelId);
        Map<String, Double> peers = now(track, signal);
        Double own = peers.remove(name);
        double observed = own == null ? 0 : own;
        double expected = signal.inverse(signal.transform(observed) - excess);
        Direction direction = excess > 0 ? Direction.ABOVE : Direction.BELOW;
        NodeTrack node = track.nodes.get(name);
        double[] seconds = node == null ? new double[0] : node.seconds.getOrDefault(signal.name(), new double[0]);
        return new Finding(
                name,
                signal.cause(),
                Severity.WARNING,
                signal.name(),
                signal.unit(),
                direction,
                expected,
                observed,
                drift.score,
                drift.threshold,
                List.of(new Contribution(signal.name(), signal.unit(), expected, observed, 1)),
                peers,
                drift.modelId,
                EventCodec.digestOfText(scale.text()),
                drift.onsetMillis,
                LeadTime.millis(signal, direction, seconds, scale == Scale.STEP ? LeadTime.WINDOWS : Stretch.LONG));
    }
}
