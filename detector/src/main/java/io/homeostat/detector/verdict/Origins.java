package io.homeostat.detector.verdict;

import io.homeostat.detector.origin.Component;
import io.homeostat.detector.origin.Evidence;
import io.homeostat.detector.origin.OriginRanking;
import io.homeostat.detector.origin.Suspect;
import io.homeostat.detector.signal.Signal;
import io.homeostat.detector.signal.SignalCatalog;
import io.homeostat.detector.window.NodeWindow;
import io.homeostat.detector.window.PeerComparison;
import io.homeostat.detector.window.Stretch;
import io.homeostat.events.Direction;
import io.homeostat.events.Suspicion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;

/**
 * Where a finding may have begun: {@link OriginRanking} on the newest 60 seconds of all nodes. A second of a node counts by how
 * far it left both what the node showed before and the median of its peers, so that leaders may differ and load may rise. The signal that leads the
 * finding decides; the oddest metric, span and log signal of a node and its silence are evidence of other kinds. The node with
 * the finding waits for all others, as a replicated log does, and they for none: what it suffers from them explains its own part.
 *
 * <p>Made of what is sealed with the alert, so that a replay ranks the same. Stateless.
 */
final class Origins {
    /** Named in an alert. */
    private static final int MOST = 3;
    /** A smaller share is nothing to look at. */
    private static final double LEAST_SHARE = 0.01;
    /** The origin may have begun before its symptom. */
    private static final int EARLIER_SECONDS = 2;
    /** Windows since the beginning that {@link OriginRanking} looks at. */
    private static final int WINDOWS = 3;

    private static final int MOST_SECONDS = 30;
    private static final int LEAST_SECONDS = 3;
    /** In the transformed scale: as for a drift, 30 % of a large value. */
    private static final double FLOOR = 0.3;

    private static final String SILENCE = "silence";

    private Origins() {}

    /**
     * @param before what was remembered before the window
     * @param window with the node's own window at least
     */
    static List<Suspicion> of(SignalCatalog catalog, ClusterTrack before, ClusterWindow window, Finding finding) {
        Map<String, NodeTrack> nodes = new TreeMap<>(before.nodes);
        nodes.computeIfAbsent(finding.node(), n -> new NodeTrack());
        long second = window.endMillis() - window.startMillis();
        long ago = (window.endMillis() - finding.onsetMillis()) / second + EARLIER_SECONDS;
        int since = (int) Math.max(LEAST_SECONDS, Math.min(MOST_SECONDS, ago));
        int length = (since + WINDOWS - 1) / WINDOWS;
        Spans spans = new Spans(length, since);

        Map<String, Map<String, Evidence>> evidence = new TreeMap<>();
        for (Signal.Source source : Signal.Source.values()) {
            Map<String, double[]> worst = new TreeMap<>();
            for (Signal signal : catalog.signals()) {
                if (!signal.modelled() || signal.source() != source) {
                    continue;
                }
                Map<String, double[]> apart = apart(signal, nodes, window, spans, signal::transform);
                boolean leads = signal.name().equals(finding.signal());
                apart.forEach((name, seconds) -> {
                    if (!leads) {
                        worst.merge(name, odd(signal, seconds), Origins::greater);
                    }
                });
                if (leads) {
                    int sign = finding.direction() == Direction.BELOW ? -1 : 1;
                    apart(signal, nodes, window, spans, value -> sign * value)
                            .forEach((name, seconds) ->
                                    spans.add(of(evidence, name), signal.name(), seconds, signal.floor()));
                }
            }
            worst.forEach((name, seconds) -> spans.add(of(evidence, name), source.name(), seconds, FLOOR));
        }
        nodes.forEach((name, node) -> {
            Map<String, Evidence> own = of(evidence, name);
            boolean found = name.equals(finding.node());
            // Hard evidence has no seconds: it is there or not.
            if (!own.containsKey(finding.signal())) {
                boolean also = found || node.ruleHits.getOrDefault(finding.signal(), 0) > 0;
                own.put(finding.signal(), flag(also));
            }
        });
        Evidence symptom = of(evidence, finding.node()).get(finding.signal());
        double least = catalog.signal(finding.signal()).map(Signal::floor).orElse(1.0);
        nodes.forEach((name, node) -> {
            // One second without telemetry happens; who waits for a node that says nothing suffers from it.
            boolean silent = node.everUp
                    && node.absentWindows > 0
                    && !window.nodes().isEmpty()
                    && !window.nodes().containsKey(name);
            of(evidence, name).put(SILENCE, flag(silent));
            if (silent && symptom != null) {
                of(evidence, name).put(finding.signal(), flag(true, Math.max(least, excess(symptom))));
            }
        });

        List<Component> components = new ArrayList<>();
        evidence.forEach((name, kinds) -> {
            List<String> calls = name.equals(finding.node())
                    ? evidence.keySet().stream()
                            .filter(other -> !other.equals(name))
                            .toList()
                    : List.of();
            components.add(new Component(name, calls, kinds));
        });
        long begin = window.endMillis() - since * second;
        List<Suspicion> ranked = new ArrayList<>();
        for (Suspect suspect : OriginRanking.rank(finding.node(), finding.signal(), components)) {
            if (ranked.size() < MOST && suspect.share() >= LEAST_SHARE) {
                long onset = suspect.onsetWindow() < 0 ? -1 : begin + suspect.onsetWindow() * length * second;
                ranked.add(new Suspicion(suspect.component(), suspect.share(), onset, suspect.reason()));
            }
        }
        return ranked;
    }

    private static Map<String, Evidence> of(Map<String, Map<String, Evidence>> evidence, String node) {
        return evidence.computeIfAbsent(node, n -> new HashMap<>());
    }

    /** Seconds cut into windows before and since the beginning. */
    private record Spans(int length, int since) {
        double before(double[] seconds) {
            return mean(seconds, 0, Math.max(0, seconds.length - since));
        }

        void add(Map<String, Evidence> to, String kind, double[] seconds, double floor) {
            int begin = Math.max(0, seconds.length - since);
            double[] before = means(seconds, begin % length, begin);
            double[] after = means(seconds, begin, seconds.length);
            double[] volume = new double[after.length];
            Arrays.fill(volume, 1);
            if (before.length > 0 && after.length > 0) {
                to.put(kind, new Evidence(before, new double[0], after, volume, floor));
            }
        }

        private double[] means(double[] seconds, int from, int until) {
            double[] means = new double[(until - from + length - 1) / length];
            for (int i = 0; i < means.length; i++) {
                means[i] = mean(seconds, from + i * length, Math.min(until, from + (i + 1) * length));
            }
            return means;
        }
    }

    /** Of those that are there; NaN when none is. Added in order: the same seconds give the same bits on every Java. */
    private static double mean(double[] seconds, int from, int until) {
        double sum = 0;
        int count = 0;
        for (int i = from; i < until; i++) {
            if (Double.isFinite(seconds[i])) {
                sum += seconds[i];
                count++;
            }
        }
        return count == 0 ? Double.NaN : sum / count;
    }

    private static Evidence flag(boolean set) {
        return flag(set, 1);
    }

    private static Evidence flag(boolean set, double height) {
        double[] after = {set ? height : 0, set ? height : 0, set ? height : 0};
        double[] volume = {1, 1, 1};
        return new Evidence(new double[] {0}, new double[0], after, volume, Math.max(height, 1e-9) * FLOOR);
    }

    /** Of one second, so that a silent node explains as much as shows. */
    private static double excess(Evidence symptom) {
        double[] before = symptom.before();
        double[] after = symptom.after();
        double rise = mean(after, 0, after.length) - mean(before, 0, before.length);
        return rise > 0 ? rise : 0;
    }

    /**
     * By how much each of the newest seconds of a node, this window's among them, lies above both what it showed before the
     * beginning and what its peers show now, each less the mean of before. By one of them alone a node would seem to rise
     * when its only peer falls.
     */
    private static Map<String, double[]> apart(
            Signal signal, Map<String, NodeTrack> nodes, ClusterWindow window, Spans spans, DoubleUnaryOperator scale) {
        Map<String, double[]> all = new TreeMap<>();
        nodes.forEach((name, node) -> {
            NodeWindow own = window.nodes().get(name);
            Double value = own == null ? null : own.values().get(signal.name());
            double[] seconds = node.seconds.get(signal.name());
            if (seconds != null || value != null) {
                double[] newest =
                        Stretch.append(seconds == null ? new double[0] : seconds, value == null ? Double.NaN : value);
                all.put(name, Arrays.stream(newest).map(scale).toArray());
            }
        });
        Map<String, double[]> apart = new TreeMap<>();
        all.forEach((name, seconds) -> {
            double[] less = new double[seconds.length];
            for (int i = 0; i < seconds.length; i++) {
                int back = seconds.length - i;
                double[] peers = all.entrySet().stream()
                        .filter(e -> !e.getKey().equals(name) && e.getValue().length >= back)
                        .mapToDouble(e -> e.getValue()[e.getValue().length - back])
                        .filter(Double::isFinite)
                        .toArray();
                less[i] = seconds[i] - (peers.length == 0 ? 0 : PeerComparison.median(peers));
            }
            double usual = spans.before(seconds);
            double usuallyLess = spans.before(less);
            for (int i = 0; i < seconds.length; i++) {
                double own = seconds[i] - usual;
                double beside = less[i] - usuallyLess;
                // To the same side and the smaller of both, or not at all.
                less[i] = own * beside <= 0 ? 0 : Math.abs(own) < Math.abs(beside) ? own : beside;
            }
            apart.put(name, less);
        });
        return apart;
    }

    /** How far each second goes to the side that is watched. */
    private static double[] odd(Signal signal, double[] apart) {
        return Arrays.stream(apart)
                .map(value -> switch (signal.watch()) {
                    case ABOVE -> Math.max(0, value);
                    case BELOW -> Math.max(0, -value);
                    case BOTH -> Math.abs(value);
                })
                .toArray();
    }

    /** The greater of each second, counted from the newest; a missing one has no say. */
    private static double[] greater(double[] one, double[] other) {
        double[] longer = one.length >= other.length ? one : other;
        double[] shorter = longer == one ? other : one;
        double[] greater = longer.clone();
        for (int i = 1; i <= shorter.length; i++) {
            double a = longer[longer.length - i];
            double b = shorter[shorter.length - i];
            greater[longer.length - i] = Double.isNaN(a) || b > a ? b : a;
        }
        return greater;
    }
}
