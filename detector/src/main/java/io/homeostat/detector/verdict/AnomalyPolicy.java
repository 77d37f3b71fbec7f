package io.homeostat.detector.verdict;

import io.homeostat.detector.feedback.RuleBook;
import io.homeostat.detector.model.ModelScore;
import io.homeostat.detector.signal.Rule;
import io.homeostat.detector.signal.Signal;
import io.homeostat.detector.signal.SignalCatalog;
import io.homeostat.detector.window.FeatureAccumulator;
import io.homeostat.detector.window.NodeWindow;
import io.homeostat.detector.window.PeerComparison;
import io.homeostat.detector.window.Stretch;
import io.homeostat.events.Cause;
import io.homeostat.events.Contribution;
import io.homeostat.events.Direction;
import io.homeostat.events.Severity;
import io.homeostat.events.codec.EventCodec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * From windows to verdicts, without Flink and without a clock: the same windows always give the same verdicts.
 *
 * <p>A node is judged after it was up once, and not while it is fenced. Nothing is said about crash and silence while no
 * other node is up: then the whole cluster stops, or the observer is cut off, and nobody is left to compare with. A cause
 * that says more holds back those that say less: a crashed node is not also silent. Stateless but for its configuration;
 * {@link ClusterTrack} is the caller's.
 */
public final class AnomalyPolicy {
    private static final String UP = "node.up";
    private static final String FENCED = "node.fenced";
    private static final String PROCESS = "node.process.alive";
    private static final String RESTARTS = "node.restarts";
    /** Name of the leading signal when all telemetry of a node has ended. */
    static final String TELEMETRY = "telemetry";

    private static final double HALF = 0.5;
    /** A feature with less of the score than this does not lead an anomaly. */
    private static final double LEAD_SHARE = 0.1;

    private final SignalCatalog catalog;
    private final PolicyLimits limits;
    private final Set<String> expectedNodes;
    private final List<Signal> kept;
    private final Drift drift;

    public AnomalyPolicy(SignalCatalog catalog, PolicyLimits limits, Set<String> expectedNodes) {
        this.catalog = catalog;
        this.limits = limits;
        this.expectedNodes = Set.copyOf(expectedNodes);
        this.kept = catalog.signals().stream()
                .filter(signal -> signal.modelled() || signal.limit().isPresent())
                .toList();
        this.drift = new Drift(catalog);
    }

    /** Judges an open window by its early rules only. */
    public List<Decision> early(ClusterTrack track, NodeWindow window, RuleBook rules) {
        NodeTrack node = track.nodes.computeIfAbsent(window.node(), n -> new NodeTrack());
        Map<String, Double> known = new HashMap<>(node.latest);
        known.putAll(window.values());
        boolean fenced = node.fenced || known.getOrDefault(FENCED, 0.0) > HALF;
        if (!node.armed || fenced) {
            return List.of();
        }
        Map<String, Map<String, Double>> values = new TreeMap<>();
        track.nodes.forEach((name, other) -> values.put(name, other.latest));
        values.put(window.node(), known);
        List<Finding> findings = new ArrayList<>();
        for (Signal signal : catalog.signals()) {
            Double value = window.values().get(signal.name());
            Optional<Rule> rule = signal.rule().filter(Rule::early);
            if (value != null && rule.isPresent() && fires(rule.get(), value, known)) {
                findings.add(ruleFinding(window.node(), signal, rule.get(), value, values, window.startMillis()));
            }
        }
        return raise(node, findings, window.startMillis(), rules);
    }

    /** Judges a window that has ended. */
    public List<Decision> judge(ClusterTrack track, ClusterWindow window, Optional<Scoring> scoring, RuleBook rules) {
        expectedNodes.forEach(name -> track.nodes.computeIfAbsent(name, n -> new NodeTrack()));
        window.nodes().keySet().forEach(name -> track.nodes.computeIfAbsent(name, n -> new NodeTrack()));
        // Sorted, so that the order of verdicts does not hang on how a checkpoint stores maps.
        Map<String, NodeTrack> nodes = new TreeMap<>(track.nodes);
        nodes.forEach((name, node) -> observe(node, window, name));

        List<Decision> decisions = new ArrayList<>();
        Map<String, Set<Cause>> firing = new HashMap<>();
        nodes.forEach((name, node) -> {
            List<Finding> findings = node.armed && !node.fenced ? hard(track, name, window) : List.of();
            Set<Cause> causes = new java.util.HashSet<>();
            findings.forEach(f -> causes.add(f.cause()));
            firing.put(name, causes);
            decisions.addAll(raise(node, findings, window.startMillis(), rules));
        });
        boolean critical = track.nodes.values().stream().anyMatch(NodeTrack::criticalOpen);
        track.quietWindows = critical ? 0 : Math.min(track.quietWindows + 1, Integer.MAX_VALUE / 2);

        Drift.Moves moves = drift.moves(track, window);
        nodes.forEach((name, node) -> {
            Optional<Set<Cause>> soft = Optional.empty();
            if (scoring.isPresent() && softJudged(track, node, window, name)) {
                Optional<Finding> finding = soft(node, name, window, scoring.get(), rules);
                Set<Cause> causes = drifting(track, node, name, window);
                finding.ifPresent(f -> causes.add(f.cause()));
                soft = Optional.of(causes);
                decisions.addAll(warn(node, finding, window.startMillis(), rules));
                decisions.addAll(drift(track, moves, node, name, window, causes, rules));
            } else {
                node.softHits.clear();
            }
            decisions.addAll(clear(node, name, window, firing.getOrDefault(name, Set.of()), soft));
        });
        if (Drift.due(window)) {
            drift.learn(
                    track,
                    moves,
                    nodes.keySet().stream()
                            .filter(name -> clean(track, window, name, rules))
                            .filter(name -> node(track, name).upWindows > limits.warmupWindows() + Stretch.LONG)
                            .toList());
        }
        return decisions;
    }

    /** Causes of drifts that have not gone back; those that have are forgotten. */
    private Set<Cause> drifting(ClusterTrack track, NodeTrack node, String name, ClusterWindow window) {
        node.drifts
                .entrySet()
                .removeIf(e -> Drift.due(window) && !drift.lasts(track, name, e.getValue(), window.endMillis()));
        Set<Cause> causes = new java.util.TreeSet<>();
        node.drifts.keySet().forEach(cause -> causes.add(Cause.valueOf(cause)));
        return causes;
    }

    /** Raises at once what longer windows show: they have waited long enough. */
    private List<Decision> drift(
            ClusterTrack track,
            Drift.Moves moves,
            NodeTrack node,
            String name,
            ClusterWindow window,
            Set<Cause> causes,
            RuleBook rules) {
        List<Decision> decisions = new ArrayList<>();
        for (Map.Entry<String, OpenDrift> e : new TreeMap<>(node.drifts).entrySet()) {
            boolean waits = node.held.containsKey(e.getKey()) && !node.open.containsKey(e.getKey());
            if (Drift.due(window) && waits) {
                openOrHold(node, drift.again(track, name, e.getValue()), window.startMillis(), rules)
                        .ifPresent(decisions::add);
            }
        }
        Optional<Finding> found = node.upWindows > limits.warmupWindows() + Stretch.LONG
                ? drift.look(track, moves, name, window, rules)
                : Optional.empty();
        String cause = found.map(f -> f.cause().name()).orElse("");
        if (found.isPresent() && !node.open.containsKey(cause) && !node.drifts.containsKey(cause)) {
            drift.seen(track, found.get(), window.endMillis());
            causes.add(found.get().cause());
            openOrHold(node, found.get(), window.startMillis(), rules).ifPresent(decisions::add);
        }
        return decisions;
    }

    /** True when the node's window may teach the model what is normal. */
    public boolean clean(ClusterTrack track, ClusterWindow window, String node, RuleBook rules) {
        NodeTrack own = track.nodes.get(node);
        NodeWindow values = window.nodes().get(node);
        boolean quiet = track.nodes.values().stream().allMatch(n -> n.open.isEmpty() && n.held.isEmpty());
        return own != null
                && values != null
                && quiet
                && !rules.inMaintenance(node, window.startMillis())
                && own.armed
                && !own.fenced
                && own.upWindows > 1
                && own.ruleHits.values().stream().allMatch(hits -> hits == 0);
    }

    /** Takes in who reports, who is up, fenced or starting. */
    private void observe(NodeTrack node, ClusterWindow window, String name) {
        NodeWindow own = window.nodes().get(name);
        remember(node, own == null ? Map.of() : own.values());
        if (own == null) {
            boolean othersReport = !window.nodes().isEmpty();
            node.absentWindows += othersReport ? 1 : 0;
            node.startingWindows += node.startingWindows > 0 ? 1 : 0;
            return;
        }
        node.absentWindows = 0;
        Map<String, Double> values = own.values();
        node.latest.putAll(values);
        node.fenced = node.latest.getOrDefault(FENCED, 0.0) > HALF;
        boolean up = catalog.signal(UP).isEmpty() || node.latest.getOrDefault(UP, 0.0) > HALF;
        if (up) {
            node.everUp = true;
            node.upWindows++;
            node.startingWindows = 0;
        } else {
            node.upWindows = 0;
            boolean restarted = values.getOrDefault(PROCESS, 1.0) < HALF || values.getOrDefault(RESTARTS, 0.0) > 0;
            node.startingWindows += restarted || node.startingWindows > 0 ? 1 : 0;
        }
        if (node.fenced) {
            node.armed = false;
            node.ruleHits.clear();
        } else if (up) {
            node.armed = true;
        }
    }

    /** Each second counts, also one without a value: those of all nodes lie beside each other. */
    private void remember(NodeTrack node, Map<String, Double> values) {
        for (Signal signal : kept) {
            double[] before = node.seconds.get(signal.name());
            Double value = values.get(signal.name());
            if (before != null || value != null) {
                node.seconds.put(
                        signal.name(),
                        Stretch.append(before == null ? new double[0] : before, value == null ? Double.NaN : value));
            }
        }
    }

    private List<Finding> hard(ClusterTrack track, String name, ClusterWindow window) {
        NodeTrack node = node(track, name);
        NodeWindow own = window.nodes().get(name);
        List<Finding> findings = new ArrayList<>();
        if (own == null) {
            if (node.absentWindows >= limits.silenceWindows() && anotherIsUp(track, window, name)) {
                findings.add(silence(node.absentWindows, name, window));
            }
            return findings;
        }
        for (Signal signal : catalog.signals()) {
            Double value = own.values().get(signal.name());
            if (signal.rule().isEmpty() || value == null) {
                continue;
            }
            Rule rule = signal.rule().get();
            boolean resting =
                    rule.startGrace() && node.startingWindows > 0 && node.startingWindows <= limits.startGraceWindows();
            boolean violated = !resting && fires(rule, value, node.latest);
            int hits = violated ? node.ruleHits.getOrDefault(signal.name(), 0) + 1 : 0;
            node.ruleHits.put(signal.name(), hits);
            boolean needsPeer = signal.cause() == Cause.CRASH || signal.cause() == Cause.SILENCE;
            if (hits >= rule.windows() && (!needsPeer || anotherIsUp(track, window, name))) {
                long onset = window.startMillis() - (hits - 1) * (window.endMillis() - window.startMillis());
                findings.add(ruleFinding(name, signal, rule, value, window.values(), onset));
            }
        }
        return findings;
    }

    private static boolean fires(Rule rule, double value, Map<String, Double> known) {
        return rule.violatedBy(value)
                && rule.when().stream().allMatch(condition -> {
                    Double other = known.get(condition.signal());
                    return other != null && condition.holdsFor(other);
                });
    }

    /** True when another node is up in this window, or no other was ever up: a cluster of one. */
    private boolean anotherIsUp(ClusterTrack track, ClusterWindow window, String name) {
        List<String> others = track.nodes.entrySet().stream()
                .filter(e -> !e.getKey().equals(name) && e.getValue().everUp)
                .map(Map.Entry::getKey)
                .toList();
        return others.isEmpty()
                || others.stream()
                        .anyMatch(other -> window.nodes().containsKey(other)
                                && (catalog.signal(UP).isEmpty()
                                        || node(track, other).latest.getOrDefault(UP, 0.0) > HALF));
    }

    private Finding ruleFinding(
            String name,
            Signal signal,
            Rule rule,
            double value,
            Map<String, Map<String, Double>> valuesByNode,
            long onsetMillis) {
        Map<String, Double> peers = peers(signal.name(), name, valuesByNode);
        // A peer that breaks the rule too says nothing about what is expected.
        double expected = peers.values().stream()
                .filter(v -> !rule.violatedBy(v))
                .mapToDouble(Double::doubleValue)
                .average()
                .orElse(rule.bound());
        return new Finding(
                name,
                signal.cause(),
                signal.critical() ? Severity.CRITICAL : Severity.WARNING,
                signal.name(),
                signal.unit(),
                rule.side(),
                expected,
                value,
                1,
                HALF,
                List.of(new Contribution(signal.name(), signal.unit(), expected, value, 1)),
                peers,
                "rule:" + signal.name(),
                EventCodec.digestOfText(rule.text(signal.name())),
                onsetMillis,
                0);
    }

    private Finding silence(int absentWindows, String name, ClusterWindow window) {
        Map<String, Double> peers = new TreeMap<>();
        window.nodes().keySet().forEach(peer -> peers.put(peer, 1.0));
        String text = "rule v1: no telemetry for " + limits.silenceWindows() + " windows while another node is up";
        return new Finding(
                name,
                Cause.SILENCE,
                Severity.CRITICAL,
                TELEMETRY,
                "1",
                Direction.ABSENT,
                1,
                0,
                absentWindows,
                limits.silenceWindows(),
                List.of(new Contribution(TELEMETRY, "1", 1, 0, 1)),
                peers,
                "rule:" + TELEMETRY,
                EventCodec.digestOfText(text),
                window.startMillis() - (absentWindows - 1) * (window.endMillis() - window.startMillis()),
                0);
    }

    private boolean softJudged(ClusterTrack track, NodeTrack node, ClusterWindow window, String name) {
        return node.armed
                && !node.fenced
                && window.nodes().containsKey(name)
                && node.upWindows > limits.warmupWindows()
                && track.quietWindows > limits.quietWindows();
    }

    /** The model finds the window odd, and the peers say that it is this node. */
    private Optional<Finding> soft(NodeTrack node, String name, ClusterWindow window, Scoring scoring, RuleBook rules) {
        Map<String, Map<String, Double>> values = window.values();
        Map<String, Double> own = values.get(name);
        if (own == null) {
            return Optional.empty();
        }
        if (!scoring.odd(own)) {
            return Optional.empty();
        }
        ModelScore score = scoring.model().score(own, scoring.center());
        for (Contribution contribution : score.contributions()) {
            Signal signal = catalog.require(contribution.feature());
            Optional<PeerComparison.Deviation> deviation = PeerComparison.of(signal, name, values);
            if (contribution.share() < LEAD_SHARE
                    || deviation.isEmpty()
                    || !watched(signal, deviation.get().deviation())) {
                continue;
            }
            Direction direction = deviation.get().deviation() > 0 ? Direction.ABOVE : Direction.BELOW;
            double expected = deviation.get().expected();
            boolean permitted = rules.permits(
                    name,
                    signal.name(),
                    direction,
                    expected,
                    contribution.observed(),
                    score.score(),
                    score.threshold(),
                    window.startMillis());
            if (permitted) {
                return Optional.of(new Finding(
                        name,
                        signal.cause(),
                        Severity.WARNING,
                        signal.name(),
                        signal.unit(),
                        direction,
                        expected,
                        contribution.observed(),
                        score.score(),
                        score.threshold(),
                        score.contributions(),
                        deviation.get().peers(),
                        scoring.model().id(),
                        scoring.model().provenanceDigest(),
                        window.startMillis(),
                        LeadTime.millis(
                                signal,
                                direction,
                                node.seconds.getOrDefault(signal.name(), new double[0]),
                                LeadTime.WINDOWS)));
            }
        }
        return Optional.empty();
    }

    private boolean watched(Signal signal, double deviation) {
        return switch (signal.watch()) {
            case ABOVE -> deviation >= limits.peerDeviation();
            case BELOW -> deviation <= -limits.peerDeviation();
            case BOTH -> Math.abs(deviation) >= limits.peerDeviation();
        };
    }

    /** What one window of the node would warn of, whatever the windows before it were: for back-tests of rules. */
    public Optional<Finding> warning(
            ClusterTrack track, String name, ClusterWindow window, Scoring scoring, RuleBook rules) {
        return soft(node(track, name), name, window, scoring, rules).or(() -> {
            // The track is what was remembered before the window.
            ClusterTrack with = track.copy();
            new TreeMap<>(with.nodes).forEach((other, node) -> observe(node, window, other));
            return drift.look(with, drift.moves(with, window), name, window, rules);
        });
    }

    private List<Decision> raise(NodeTrack node, List<Finding> findings, long windowStart, RuleBook rules) {
        List<Decision> decisions = new ArrayList<>();
        List<Finding> ordered = new ArrayList<>(findings);
        ordered.sort(Comparator.comparing(Finding::cause));
        for (Finding finding : ordered) {
            String cause = finding.cause().name();
            if (!node.open.containsKey(cause) && !node.moreSpecificOpen(finding.cause())) {
                openOrHold(node, finding, windowStart, rules).ifPresent(decisions::add);
            }
        }
        return decisions;
    }

    private List<Decision> warn(NodeTrack node, Optional<Finding> finding, long windowStart, RuleBook rules) {
        node.softHits.replaceAll((cause, hits) -> hits << 1);
        if (finding.isEmpty()) {
            return List.of();
        }
        String cause = finding.get().cause().name();
        long hits = node.softHits.getOrDefault(cause, 0L) | 1;
        node.softHits.put(cause, hits);
        long recent = limits.softWindows() == Long.SIZE ? hits : hits & ((1L << limits.softWindows()) - 1);
        boolean enough = Long.bitCount(recent) >= limits.softHits();
        if (!enough || node.open.containsKey(cause)) {
            return List.of();
        }
        int ago = Long.SIZE - 1 - Long.numberOfLeadingZeros(recent);
        Finding since = finding.get().since(windowStart - ago * FeatureAccumulator.WINDOW_MILLIS);
        return openOrHold(node, since, windowStart, rules).stream().toList();
    }

    /** Empty when the finding is held already. */
    private static Optional<Decision> openOrHold(NodeTrack node, Finding finding, long windowStart, RuleBook rules) {
        String cause = finding.cause().name();
        OpenAnomaly before = node.held.get(cause);
        if (rules.holds(finding.node(), finding.cause(), windowStart)) {
            if (before != null) {
                return Optional.empty();
            }
            OpenAnomaly anomaly = anomaly(finding, windowStart, finding.onsetMillis());
            node.held.put(cause, anomaly);
            return Optional.of(new Decision.Hold(anomaly.anomalyId, finding));
        }
        node.held.remove(cause);
        OpenAnomaly anomaly = anomaly(finding, windowStart, windowStart);
        node.open.put(cause, anomaly);
        // What maintenance held back began when it was first held.
        return Optional.of(
                new Decision.Raise(anomaly.anomalyId, before == null ? finding : finding.since(before.sinceMillis)));
    }

    private static OpenAnomaly anomaly(Finding finding, long windowStart, long sinceMillis) {
        OpenAnomaly anomaly = new OpenAnomaly();
        // Made of what is the same after a restart from a checkpoint, so that a repeated event has the same id.
        anomaly.anomalyId = "anomaly-"
                + EventCodec.digestOfText(finding.node() + "|" + finding.cause() + "|" + windowStart)
                        .substring(0, 24);
        anomaly.critical = finding.severity() == Severity.CRITICAL;
        anomaly.sinceMillis = sinceMillis;
        return anomaly;
    }

    private List<Decision> clear(
            NodeTrack node, String name, ClusterWindow window, Set<Cause> firing, Optional<Set<Cause>> soft) {
        List<Decision> decisions = new ArrayList<>();
        for (Cause cause : Cause.values()) {
            OpenAnomaly anomaly = node.open.get(cause.name());
            if (anomaly != null && over(anomaly, node, name, cause, window, firing, soft)) {
                node.open.remove(cause.name());
                decisions.add(new Decision.Clear(anomaly.anomalyId, name, cause));
            }
            OpenAnomaly held = node.held.get(cause.name());
            if (held != null && over(held, node, name, cause, window, firing, soft)) {
                node.held.remove(cause.name());
            }
        }
        return decisions;
    }

    private boolean over(
            OpenAnomaly anomaly,
            NodeTrack node,
            String name,
            Cause cause,
            ClusterWindow window,
            Set<Cause> firing,
            Optional<Set<Cause>> soft) {
        Reading reading = anomaly.critical ? reading(node, name, cause, window) : softReading(cause, soft);
        if (firing.contains(cause) || reading == Reading.ABNORMAL) {
            anomaly.normalWindows = 0;
        } else if (reading == Reading.NORMAL) {
            anomaly.normalWindows++;
        }
        return anomaly.normalWindows >= limits.clearWindows();
    }

    private enum Reading {
        NORMAL,
        ABNORMAL,
        /** A signal did not report in this window: exports of one second miss a window now and then. */
        UNKNOWN
    }

    private static Reading softReading(Cause cause, Optional<Set<Cause>> soft) {
        if (soft.isEmpty()) {
            return Reading.UNKNOWN;
        }
        return soft.get().contains(cause) ? Reading.ABNORMAL : Reading.NORMAL;
    }

    /** Normal is: the node reports, is up, and no signal of the cause breaks its rule. */
    private Reading reading(NodeTrack node, String name, Cause cause, ClusterWindow window) {
        NodeWindow own = window.nodes().get(name);
        if (own == null) {
            return Reading.ABNORMAL;
        }
        Reading reading = Reading.NORMAL;
        for (Signal signal : catalog.signals()) {
            boolean concerned = signal.name().equals(UP) || signal.cause() == cause;
            if (signal.rule().isEmpty() || !concerned || !node.latest.containsKey(signal.name())) {
                continue;
            }
            Double value = own.values().get(signal.name());
            if (value == null) {
                reading = Reading.UNKNOWN;
            } else if (signal.rule().get().violatedBy(value)) {
                return Reading.ABNORMAL;
            }
        }
        return reading;
    }

    private static Map<String, Double> peers(
            String signal, String name, Map<String, Map<String, Double>> valuesByNode) {
        Map<String, Double> peers = new TreeMap<>();
        valuesByNode.forEach((peer, values) -> {
            Double value = values.get(signal);
            if (!peer.equals(name) && value != null) {
                peers.put(peer, value);
            }
        });
        return peers;
    }

    private static NodeTrack node(ClusterTrack track, String name) {
        NodeTrack node = track.nodes.get(name);
        if (node == null) {
            throw new IllegalStateException("node " + name + " must be tracked before it is judged");
        }
        return node;
    }
}
