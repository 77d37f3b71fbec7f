package io.homeostat.detector.job;

import io.homeostat.detector.evidence.EvidenceStore;
import io.homeostat.detector.model.AnomalyModel;
import io.homeostat.detector.model.BaselineRow;
import io.homeostat.detector.model.ModelRegistry;
import io.homeostat.detector.signal.SignalCatalog;
import io.homeostat.detector.verdict.AnomalyPolicy;
import io.homeostat.detector.verdict.ClusterWindow;
import io.homeostat.detector.verdict.Decision;
import io.homeostat.detector.verdict.Finding;
import io.homeostat.detector.verdict.Scoring;
import io.homeostat.detector.window.FeatureAccumulator;
import io.homeostat.detector.window.NodeWindow;
import io.homeostat.events.IncidentEvent;
import io.homeostat.events.codec.EventCodec;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the nodes of one second together, trains the model on the first clean seconds, and publishes what the policy
 * decides. Keyed by the cluster, so that one thread sees all nodes: peers can only be compared in one place, and some
 * tens of windows a second are little work.
 */
@SuppressWarnings("NullAway.Init") // Flink fills the transient fields in open().
final class JudgeFunction extends KeyedProcessFunction<String, NodeWindow, Publication> {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(JudgeFunction.class);
    private static final String SOURCE = "/detector";
    private static final String MODELS = "models";
    private static final String WINDOWS = "windows";

    private final JobSettings settings;
    private final SignalCatalog catalog;
    private transient AnomalyPolicy policy;
    private transient ModelRegistry registry;
    private transient EvidenceStore evidence;
    private transient @Nullable AnomalyModel model;
    private transient ValueState<JudgeState> states;
    private transient Counter raised;
    private transient Counter cleared;
    private transient Counter tooLate;
    private transient Counter refused;

    JudgeFunction(JobSettings settings, SignalCatalog catalog) {
        this.settings = settings;
        this.catalog = catalog;
    }

    @Override
    public void open(OpenContext context) {
        policy = new AnomalyPolicy(catalog, settings.policy(), new HashSet<>(settings.expectedNodes()));
        registry = new ModelRegistry(Path.of(settings.dataDir(), MODELS));
        evidence = new EvidenceStore(Path.of(settings.dataDir(), WINDOWS), settings.evidence());
        states =
                getRuntimeContext().getState(new ValueStateDescriptor<>("judge", TypeInformation.of(JudgeState.class)));
        raised = getRuntimeContext().getMetricGroup().counter("detector.anomalies.raised");
        cleared = getRuntimeContext().getMetricGroup().counter("detector.anomalies.cleared");
        tooLate = getRuntimeContext().getMetricGroup().counter("detector.windows.late");
        refused = getRuntimeContext().getMetricGroup().counter("detector.nodes.refused");
    }

    @Override
    public void processElement(NodeWindow window, Context context, Collector<Publication> out) throws Exception {
        JudgeState state = states.value() == null ? new JudgeState() : states.value();
        boolean known = state.cluster.nodes.containsKey(window.node());
        if (!known && state.cluster.nodes.size() >= settings.window().maxNodes()) {
            refused.inc();
            return;
        }
        if (window.early()) {
            ClusterWindow alone = new ClusterWindow(
                    window.startMillis(), window.endMillis(), new TreeMap<>(Map.of(window.node(), window)));
            publish(state, alone, window.atMillis(), policy.early(state.cluster, window), out);
        } else if (window.endMillis() <= state.judgedMillis) {
            tooLate.inc();
        } else {
            state.pending.add(window);
            context.timerService().registerEventTimeTimer(window.endMillis() - 1);
        }
        states.update(state);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Publication> out) throws Exception {
        JudgeState state = states.value();
        long start = timestamp + 1 - FeatureAccumulator.WINDOW_MILLIS;
        if (state == null) {
            return;
        }
        TreeMap<String, NodeWindow> nodes = new TreeMap<>();
        state.pending.stream().filter(w -> w.startMillis() == start).forEach(w -> nodes.put(w.node(), w));
        state.pending.removeIf(w -> w.startMillis() == start);
        ClusterWindow window = new ClusterWindow(start, timestamp + 1, nodes);
        Optional<Scoring> scoring = model(state).map(m -> new Scoring(m, state.center));
        List<Decision> decisions = policy.judge(state.cluster, window, scoring);
        publish(state, window, window.endMillis(), decisions, out);
        learn(state, window);
        state.judgedMillis = window.endMillis();
        states.update(state);
    }

    private Optional<AnomalyModel> model(JudgeState state) {
        if (model == null && state.model.length > 0) {
            model = AnomalyModel.fromBytes(catalog, state.model);
            // A registry that was lost with its disk is filled again: no unregistered model scores.
            registry.register(model);
            LOG.atInfo().addKeyValue("modelId", model.id()).log("model restored from the checkpoint");
        }
        return Optional.ofNullable(model);
    }

    private void learn(JudgeState state, ClusterWindow window) {
        List<NodeWindow> clean = window.nodes().values().stream()
                .filter(w -> policy.clean(state.cluster, window, w.node()))
                .toList();
        if (clean.isEmpty()) {
            return;
        }
        Optional<AnomalyModel> known = model(state);
        if (known.isPresent()) {
            follow(state, known.get(), clean);
            return;
        }
        clean.forEach(w -> state.baseline.add(new BaselineRow(w.node(), w.startMillis(), w.values())));
        state.baselineSeconds++;
        if (state.baselineSeconds >= settings.baselineWindows()) {
            train(state);
        }
    }

    private void train(JudgeState state) {
        boolean features = state.baseline.stream()
                .anyMatch(row -> catalog.features().stream().anyMatch(row.values()::containsKey));
        if (features) {
            AnomalyModel trained = AnomalyModel.train(catalog, state.baseline);
            registry.register(trained);
            model = trained;
            state.model = trained.toBytes();
            state.center = trained.newCenter();
            LOG.atInfo()
                    .addKeyValue("modelId", trained.id())
                    .addKeyValue("rows", state.baseline.size())
                    .addKeyValue("seconds", state.baselineSeconds)
                    .log("model trained on the live baseline; before that only rules judged (cold start)");
        }
        state.baseline = new ArrayList<>();
        state.baselineSeconds = 0;
        state.unlikeSeconds = 0;
    }

    /** Moves the mean, and starts a new baseline when most nodes have been unlike the old one for long. */
    private void follow(JudgeState state, AnomalyModel current, List<NodeWindow> clean) {
        double[] before = state.center;
        long unlike = clean.stream()
                .filter(w -> current.score(w.values(), before).anomalous())
                .count();
        for (NodeWindow w : clean) {
            state.center = current.adapt(w.values(), state.center);
        }
        state.unlikeSeconds = 2 * unlike > clean.size() ? state.unlikeSeconds + 1 : 0;
        if (state.unlikeSeconds >= settings.policy().relearnWindows()) {
            LOG.atInfo()
                    .addKeyValue("modelId", current.id())
                    .addKeyValue("seconds", state.unlikeSeconds)
                    .log("most nodes are unlike the baseline: the work has changed, a new baseline is learned");
            model = null;
            state.model = new byte[0];
            state.center = new double[0];
            state.unlikeSeconds = 0;
        }
    }

    private void publish(
            JudgeState state,
            ClusterWindow window,
            long atMillis,
            List<Decision> decisions,
            Collector<Publication> out) {
        if (decisions.isEmpty()) {
            return;
        }
        for (Decision decision : decisions) {
            IncidentEvent event;
            if (decision instanceof Decision.Raise raise) {
                String digest = evidence.seal(sealed(state, window, raise.finding()));
                event = raisedEvent(raise, window, atMillis, digest);
                raised.inc();
            } else if (decision instanceof Decision.Clear clear) {
                event = new IncidentEvent.AnomalyCleared(
                        eventId("cleared", clear.anomalyId()),
                        Instant.ofEpochMilli(atMillis),
                        clear.anomalyId(),
                        clear.node(),
                        clear.cause());
                cleared.inc();
            } else {
                throw new IllegalStateException("a decision is a Raise or a Clear but was " + decision);
            }
            LOG.atInfo()
                    .addKeyValue("anomalyId", event.storyId())
                    .addKeyValue("node", event.node())
                    .addKeyValue("event", event.kind())
                    .log(
                            decision instanceof Decision.Raise raise
                                    ? raise.finding().severity() + " "
                                            + raise.finding().cause() + " by "
                                            + raise.finding().signal()
                                    : "anomaly is over");
            out.collect(new Publication(event.node(), EventCodec.toCloudEvent(event, SOURCE)));
        }
    }

    private IncidentEvent raisedEvent(Decision.Raise raise, ClusterWindow window, long atMillis, String digest) {
        Finding finding = raise.finding();
        return new IncidentEvent.AnomalyRaised(
                eventId("raised", raise.anomalyId()),
                Instant.ofEpochMilli(atMillis),
                raise.anomalyId(),
                finding.node(),
                finding.cause(),
                finding.severity(),
                finding.signal(),
                finding.unit(),
                finding.direction(),
                finding.expected(),
                finding.observed(),
                finding.score(),
                finding.threshold(),
                finding.contributions(),
                finding.peers(),
                Instant.ofEpochMilli(window.startMillis()),
                Instant.ofEpochMilli(window.endMillis()),
                finding.modelId(),
                finding.provenanceDigest(),
                digest);
    }

    /** Everything that the verdict depends on: samples, values, catalog, model and mean. */
    private Map<String, Object> sealed(JudgeState state, ClusterWindow window, Finding finding) {
        Map<String, Object> sealed = new TreeMap<>();
        sealed.put("version", 1);
        sealed.put("node", finding.node());
        sealed.put("windowStart", Instant.ofEpochMilli(window.startMillis()));
        sealed.put("windowEnd", Instant.ofEpochMilli(window.endMillis()));
        sealed.put("catalogDigest", catalog.digest());
        sealed.put("decidedBy", finding.modelId());
        sealed.put("modelId", model(state).map(AnomalyModel::id).orElse(coldStart(state)));
        sealed.put("center", state.center);
        sealed.put("score", finding.score());
        sealed.put("threshold", finding.threshold());
        Map<String, Object> nodes = new TreeMap<>();
        window.nodes().forEach((name, w) -> nodes.put(name, Map.of("values", w.values(), "samples", w.samples())));
        sealed.put("nodes", nodes);
        Map<String, Object> latest = new TreeMap<>();
        state.cluster.nodes.forEach((name, node) -> latest.put(name, new TreeMap<>(node.latest)));
        sealed.put("latest", latest);
        return sealed;
    }

    private String coldStart(JudgeState state) {
        return "none (cold start, " + state.baselineSeconds + " of " + settings.baselineWindows() + " windows)";
    }

    private static String eventId(String kind, String anomalyId) {
        return kind + "-" + EventCodec.digestOfText(kind + "|" + anomalyId).substring(0, 32);
    }
}
