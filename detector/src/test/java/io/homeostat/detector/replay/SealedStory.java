package io.homeostat.detector.replay;

import io.homeostat.detector.evidence.EvidenceLimits;
import io.homeostat.detector.evidence.EvidenceStore;
import io.homeostat.detector.evidence.Sealing;
import io.homeostat.detector.feedback.RuleBook;
import io.homeostat.detector.model.AnomalyModel;
import io.homeostat.detector.model.BaselineRow;
import io.homeostat.detector.model.ModelEntry;
import io.homeostat.detector.model.ModelRegistry;
import io.homeostat.detector.signal.NodeSamples;
import io.homeostat.detector.signal.Sample;
import io.homeostat.detector.signal.SignalCatalog;
import io.homeostat.detector.verdict.AnomalyPolicy;
import io.homeostat.detector.verdict.ClusterTrack;
import io.homeostat.detector.verdict.ClusterWindow;
import io.homeostat.detector.verdict.Decision;
import io.homeostat.detector.verdict.PolicyLimits;
import io.homeostat.detector.verdict.Scoring;
import io.homeostat.detector.window.FeatureAccumulator;
import io.homeostat.detector.window.NodeWindow;
import io.homeostat.detector.window.WindowLimits;
import io.homeostat.detector.window.WindowState;
import io.homeostat.events.IncidentEvent.AnomalyRaised;
import io.homeostat.events.codec.EventCodec;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Three nodes told second by second, judged and sealed by the code of the job, without Flink. */
final class SealedStory {
    static final List<String> NODES = List.of("n1", "n2", "n3");
    static final String COMMIT = "ledger.commit.duration p99";
    /** 2026-11-21T10:00:00Z. */
    static final long START = 1_795_255_200_000L;

    final List<AnomalyRaised> alerts = new ArrayList<>();
    final List<Decision> decisions = new ArrayList<>();
    /** Milliseconds of a commit by node, where it is not normal. */
    final Map<String, Double> slow = new HashMap<>();
    /** Gauges of hard evidence by {@code node/signal}, where they are not normal. */
    final Map<String, Double> hard = new HashMap<>();

    RuleBook rules = RuleBook.none();

    private final SignalCatalog catalog = SignalCatalog.standard();
    private final PolicyLimits limits = PolicyLimits.defaults();
    private final AnomalyPolicy policy = new AnomalyPolicy(catalog, limits, new HashSet<>(NODES));
    private final FeatureAccumulator accumulator = new FeatureAccumulator(catalog, WindowLimits.defaults());
    private final Map<String, WindowState> states = new HashMap<>();
    private final ClusterTrack track = new ClusterTrack();
    private final Random random = new Random(11);
    private final Sealing sealing;
    private final AnomalyModel model;
    private double transfers;
    private int second;

    SealedStory(Path folder) {
        NODES.forEach(node -> states.put(node, new WindowState()));
        EvidenceStore store = new EvidenceStore(folder, EvidenceLimits.defaults());
        sealing = new Sealing(store, catalog, NODES, limits);
        List<BaselineRow> baseline = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            windows()
                    .nodes()
                    .values()
                    .forEach(w -> baseline.add(new BaselineRow(w.node(), w.startMillis(), w.values())));
        }
        model = AnomalyModel.train(catalog, baseline);
        ModelRegistry registry = new ModelRegistry(folder.resolve("models"));
        Instant at = Instant.ofEpochMilli(START);
        registry.register(model.id(), model.toBytes(), model.card(baseline, "test"), ModelRegistry.DETECTOR, at);
        registry.promote(model.id(), ModelEntry.State.CHAMPION, ModelRegistry.DETECTOR, "first", at);
        seconds(limits.quietWindows() + limits.warmupWindows());
    }

    String modelId() {
        return model.id();
    }

    long nowMillis() {
        return START + second * 1_000L;
    }

    void seconds(int count) {
        for (int i = 0; i < count; i++) {
            judge(windows());
        }
    }

    /** The node diverges and is seen at once, in its open window. */
    void early(String node) {
        hard.put(node + "/node.divergent", 1.0);
        WindowState state = states.get(node);
        FeatureAccumulator.Added added = accumulator.add(state, samples(node), Long.MIN_VALUE);
        NodeWindow look = accumulator
                .early(state, node, added.windowStart(), nowMillis() + 500)
                .orElseThrow();
        ClusterWindow alone =
                new ClusterWindow(look.startMillis(), look.endMillis(), new TreeMap<>(Map.of(node, look)));
        Sealing.Basis basis = basis(alone, true, look.atMillis());
        tell(policy.early(track, look, rules), basis);
    }

    private ClusterWindow windows() {
        TreeMap<String, NodeWindow> nodes = new TreeMap<>();
        for (String node : NODES) {
            WindowState state = states.get(node);
            FeatureAccumulator.Added added = accumulator.add(state, samples(node), Long.MIN_VALUE);
            nodes.put(node, accumulator.close(state, node, added.windowStart()));
        }
        ClusterWindow window = new ClusterWindow(nowMillis(), nowMillis() + 1_000, nodes);
        second++;
        return window;
    }

    private NodeSamples samples(String node) {
        long at = nowMillis() + 400;
        transfers += 900 + random.nextInt(200);
        List<Sample> samples = new ArrayList<>();
        Map<String, Double> gauges = new TreeMap<>(Map.of(
                "node.up", 1.0,
                "node.process.alive", 1.0,
                "node.raft.log.alive", 1.0,
                "node.divergent", 0.0,
                "node.fenced", 0.0,
                "ledger.apply.lag", (double) random.nextInt(20)));
        gauges.put(COMMIT, slow.getOrDefault(node, 10 + 2 * random.nextDouble()) / 1_000);
        hard.forEach((key, value) -> {
            if (key.startsWith(node + "/")) {
                gauges.put(key.substring(node.length() + 1), value);
            }
        });
        gauges.forEach(
                (signal, value) -> samples.add(Sample.ofNumber(signal, "s", at, START, Sample.Kind.GAUGE, value)));
        samples.add(Sample.ofNumber("ledger.transfers rate", "s", at, START, Sample.Kind.CUMULATIVE, transfers));
        return new NodeSamples(node, at, samples);
    }

    private void judge(ClusterWindow window) {
        Sealing.Basis basis = basis(window, false, window.endMillis());
        Scoring scoring = new Scoring(model, model.newCenter());
        tell(policy.judge(track, window, java.util.Optional.of(scoring), rules), basis);
    }

    private Sealing.Basis basis(ClusterWindow window, boolean early, long atMillis) {
        return new Sealing.Basis(
                window,
                early,
                atMillis,
                track.copy(),
                rules,
                model.id(),
                EventCodec.sha256Hex(model.toBytes()),
                model.newCenter(),
                Map.of());
    }

    private void tell(List<Decision> made, Sealing.Basis basis) {
        decisions.addAll(made);
        for (Decision decision : made) {
            if (decision instanceof Decision.Raise raise) {
                alerts.add(sealing.alert(raise, basis, "/detector"));
            } else if (decision instanceof Decision.Hold hold) {
                sealing.alert(new Decision.Raise(hold.anomalyId(), hold.finding()), basis, "/detector");
            }
        }
    }
}
