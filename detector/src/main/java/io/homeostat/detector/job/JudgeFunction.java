package io.homeostat.detector.job;

import io.homeostat.detector.control.ControlMessage;
import io.homeostat.detector.control.ModelAct;
import io.homeostat.detector.evidence.CodeVersion;
import io.homeostat.detector.evidence.EvidenceStore;
import io.homeostat.detector.evidence.Sealing;
import io.homeostat.detector.feedback.FeedbackRule;
import io.homeostat.detector.feedback.RuleBook;
import io.homeostat.detector.model.AnomalyModel;
import io.homeostat.detector.model.BaselineRow;
import io.homeostat.detector.model.ModelEntry;
import io.homeostat.detector.model.ModelRegistry;
import io.homeostat.detector.model.RegistryException;
import io.homeostat.detector.shadow.Shadow;
import io.homeostat.detector.signal.SignalCatalog;
import io.homeostat.detector.verdict.Alert;
import io.homeostat.detector.verdict.AnomalyPolicy;
import io.homeostat.detector.verdict.ClusterWindow;
import io.homeostat.detector.verdict.Decision;
import io.homeostat.detector.verdict.Scoring;
import io.homeostat.detector.window.FeatureAccumulator;
import io.homeostat.detector.window.NodeWindow;
import io.homeostat.events.IncidentEvent;
import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the nodes of one second together, trains the model on the first clean seconds, and publishes what the policy
 * decides. Keyed by the cluster, so that one thread sees all nodes: peers can only be compared in one place, and some
 * tens of windows a second are little work. Feedback rules and acts on models come as broadcast state.
 */
@SuppressWarnings("NullAway.Init") // Flink fills the transient fields in open().
final class JudgeFunction extends KeyedBroadcastProcessFunction<String, NodeWindow, ControlMessage, Publication>
        implements CheckpointedFunction {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(JudgeFunction.class);
    private static final String SOURCE = "/detector";
    private static final String MODELS = "models";

    /** Rules by id, as canonical JSON: a form that outlives the class. */
    static final MapStateDescriptor<String, byte[]> RULES = new MapStateDescriptor<>(
            "feedback-rules", Types.STRING, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);
    /** The newest act on each model, by model id. */
    static final MapStateDescriptor<String, byte[]> ACTS =
            new MapStateDescriptor<>("model-acts", Types.STRING, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);

    /** Four seconds of as many nodes as are judged; more of them wait in Flink's state. */
    private static final int MOST_NEAR = 256;
    /** In the normal course the second that is looked into follows one that waits for its watermark. */
    private static final long EARLY_MILLIS = 2 * FeatureAccumulator.WINDOW_MILLIS;

    private final JobSettings settings;
    private final SignalCatalog catalog;
    private transient AnomalyPolicy policy;
    private transient ModelRegistry registry;
    private transient Sealing sealing;
    private transient Shadow shadow;
    private transient @Nullable AnomalyModel model;
    private transient @Nullable RuleBook rules;
    private transient @Nullable Set<String> obeyed;
    private transient ValueState<JudgeState> states;
    /** The state between two checkpoints: there is one key, so that it need not be written and read for each second. */
    private transient @Nullable JudgeState working;
    /** Node windows that wait for the end of their second, by start and node. */
    private transient MapState<String, NodeWindow> pending;
    /** Those that came since the last checkpoint: most are judged before the next one. */
    private transient Map<String, NodeWindow> near;
    /** Keys of {@link #pending}, once they were read. */
    private transient @Nullable Set<String> away;
    /** What each window asks of the state; this function has one key, so that it need not be read for each. */
    private transient @Nullable Set<String> reporting;

    private transient long judgedMillis;
    private transient Counter raised;
    private transient Counter cleared;
    private transient Counter held;
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
        shadow = new Shadow(
                registry, Path.of(settings.dataDir(), MODELS), catalog, CodeVersion.text(), settings.baselineWindows());
        sealing = new Sealing(
                new EvidenceStore(Path.of(settings.dataDir()), settings.evidence()),
                catalog,
                settings.expectedNodes(),
                settings.policy());
        states =
                getRuntimeContext().getState(new ValueStateDescriptor<>("judge", TypeInformation.of(JudgeState.class)));
        pending = getRuntimeContext()
                .getMapState(new MapStateDescriptor<>("pending", Types.STRING, TypeInformation.of(NodeWindow.class)));
        reporting = null;
        working = null;
        near = new HashMap<>();
        away = null;
        raised = getRuntimeContext().getMetricGroup().counter("detector.anomalies.raised");
        cleared = getRuntimeContext().getMetricGroup().counter("detector.anomalies.cleared");
        held = getRuntimeContext().getMetricGroup().counter("detector.anomalies.held");
        tooLate = getRuntimeContext().getMetricGroup().counter("detector.windows.late");
        refused = getRuntimeContext().getMetricGroup().counter("detector.nodes.refused");
    }

    @Override
    public void initializeState(FunctionInitializationContext context) {
        // All state is keyed, and read when it is first needed.
    }

    /** The key is still that of the newest window: there is no other. What is written is not touched any more. */
    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        if (!near.isEmpty()) {
            putAway();
        }
        if (working != null) {
            states.update(working);
            working = null;
        }
    }

    @Override
    public void processBroadcastElement(ControlMessage message, Context context, Collector<Publication> out)
            throws Exception {
        if (message.kind().equals(ControlMessage.RULE)) {
            boolean known = context.getBroadcastState(RULES).contains(message.id());
            if (!known && size(context.getBroadcastState(RULES)) >= RuleBook.MAX_RULES) {
                LOG.atWarn()
                        .addKeyValue("rule", message.id())
                        .addKeyValue("limit", RuleBook.MAX_RULES)
                        .log("a feedback rule is left out: there are too many");
                return;
            }
            context.getBroadcastState(RULES).put(message.id(), message.json());
            rules = null;
            FeedbackRule rule = message.rule();
            tell(
                    new IncidentEvent.DetectionChanged(
                            Alert.eventId("changed", rule.id()),
                            Instant.ofEpochMilli(message.atMillis()),
                            rule.id(),
                            rule.node(),
                            rule.kind().name(),
                            rule.signal().isEmpty() ? rule.alert() : rule.signal(),
                            rule.author(),
                            rule.reason(),
                            rule.backTestDigest()),
                    "feedback rule taken up",
                    out);
        } else {
            ModelAct act = message.act();
            context.getBroadcastState(ACTS).put(act.modelId(), message.json());
        }
    }

    @Override
    public void processElement(NodeWindow window, ReadOnlyContext context, Collector<Publication> out)
            throws Exception {
        if (!admit(window.node())) {
            refused.inc();
        } else if (window.early() && !ahead(window)) {
            JudgeState state = state();
            model(state, window.atMillis());
            ClusterWindow alone = new ClusterWindow(
                    window.startMillis(), window.endMillis(), new TreeMap<>(Map.of(window.node(), window)));
            Sealing.Basis basis = basis(state, alone, true, window.atMillis(), rules(context), Map.of());
            publish(state, basis, policy.early(state.cluster, window, basis.rules()), out);
        } else if (!window.early() && window.endMillis() <= judgedMillis) {
            tooLate.inc();
        } else if (!window.early()) {
            near.put(key(window.startMillis(), window.node()), window);
            if (near.size() > MOST_NEAR) {
                putAway();
            }
            context.timerService().registerEventTimeTimer(window.endMillis() - 1);
        }
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Publication> out) throws Exception {
        JudgeState state = state();
        long start = timestamp + 1 - FeatureAccumulator.WINDOW_MILLIS;
        TreeMap<String, NodeWindow> nodes = new TreeMap<>();
        for (String node : state.reporting) {
            NodeWindow waiting = waiting(key(start, node));
            if (waiting != null) {
                nodes.put(node, waiting);
            }
        }
        ClusterWindow window = new ClusterWindow(start, timestamp + 1, nodes);
        obey(state, context, window.endMillis(), out);
        Optional<Scoring> scoring = model(state, window.endMillis()).map(m -> new Scoring(m, state.center));
        Sealing.Basis basis = basis(
                state, window, false, window.endMillis(), rules(context), shadow.score(state.shadow, window, scoring));
        publish(state, basis, policy.judge(state.cluster, window, scoring, basis.rules()), out);
        learn(state, window, basis.rules(), scoring);
        state.judgedMillis = window.endMillis();
        judgedMillis = state.judgedMillis;
    }

    /** True for a node that is known or still has room; it is known from now on. */
    private boolean admit(String node) throws IOException {
        if (reporting == null) {
            judgedMillis = state().judgedMillis;
            reporting = new HashSet<>(state().reporting);
        }
        if (reporting.contains(node)) {
            return true;
        }
        if (reporting.size() >= settings.window().maxNodes()) {
            return false;
        }
        state().reporting.add(node);
        reporting.add(node);
        return true;
    }

    private JudgeState state() throws IOException {
        JudgeState state = working;
        if (state == null) {
            state = states.value();
            state = state == null ? new JudgeState() : state;
            working = state;
        }
        return state;
    }

    /** Takes a window that waits for the end of its second. */
    private @Nullable NodeWindow waiting(String key) throws Exception {
        NodeWindow window = near.remove(key);
        if (window == null && !away().isEmpty() && away().remove(key)) {
            window = pending.get(key);
            pending.remove(key);
        }
        return window;
    }

    private void putAway() throws Exception {
        for (Map.Entry<String, NodeWindow> window : near.entrySet()) {
            pending.put(window.getKey(), window.getValue());
            away().add(window.getKey());
        }
        near.clear();
    }

    private Set<String> away() throws Exception {
        Set<String> keys = away;
        if (keys == null) {
            keys = new HashSet<>();
            for (String key : pending.keys()) {
                keys.add(key);
            }
            away = keys;
        }
        return keys;
    }

    private static String key(long startMillis, String node) {
        return startMillis + "/" + node;
    }

    /**
     * True for a look into a window before which others are still to be judged, as when the job catches up. It would
     * open an anomaly that those normal windows clear again; the window is judged when it ends.
     */
    private boolean ahead(NodeWindow window) {
        return judgedMillis == Long.MIN_VALUE || window.startMillis() - judgedMillis > EARLY_MILLIS;
    }

    private RuleBook rules(ReadOnlyContext context) throws Exception {
        RuleBook book = rules;
        if (book == null) {
            List<FeedbackRule> all = new ArrayList<>();
            for (Map.Entry<String, byte[]> entry :
                    context.getBroadcastState(RULES).immutableEntries()) {
                all.add(ControlMessage.rule(entry.getValue()));
            }
            book = RuleBook.of(all);
            rules = book;
        }
        return book;
    }

    /** Does what people have said about models since the last window. */
    private void obey(JudgeState state, ReadOnlyContext context, long atMillis, Collector<Publication> out)
            throws Exception {
        for (Map.Entry<String, byte[]> entry : context.getBroadcastState(ACTS).immutableEntries()) {
            ModelAct act = ControlMessage.act(entry.getValue());
            if (!done(act)) {
                obey(state, act, atMillis, out);
            }
        }
    }

    /** The registry outlives checkpoints: what stands there was done. */
    private boolean done(ModelAct act) {
        if (obeyed == null) {
            obeyed = new HashSet<>();
            try {
                registry.entries().forEach(entry -> obeyed.add(entry.reason()));
            } catch (RegistryException e) {
                LOG.atWarn().setCause(e).log("the registry can not be read; acts on models will be refused");
            }
        }
        return !obeyed.add(act.reasonWithId());
    }

    private void obey(JudgeState state, ModelAct act, long atMillis, Collector<Publication> out) {
        try {
            if (act.state() == ModelEntry.State.CHAMPION) {
                // Before anything is retired: one that the policy can not decide by is no champion.
                registry.load(catalog, act.modelId());
            }
            registry.promote(
                    act.modelId(), act.state(), act.author(), act.reasonWithId(), Instant.ofEpochMilli(atMillis));
            boolean scores = model(state, atMillis)
                    .filter(m -> m.id().equals(act.modelId()))
                    .isPresent();
            if (act.modelId().equals(state.shadow.challenger)) {
                shadow.stop(state.shadow);
            }
            if (act.state() == ModelEntry.State.CHAMPION || scores) {
                // The registry says who scores from now on.
                forget(state);
                restore(state, atMillis);
            }
            tell(
                    new IncidentEvent.DetectionChanged(
                            Alert.eventId("changed", act.id()),
                            Instant.ofEpochMilli(atMillis),
                            act.id(),
                            "",
                            "MODEL " + act.state(),
                            act.modelId(),
                            act.author(),
                            act.reason(),
                            ""),
                    "act on a model done",
                    out);
        } catch (RegistryException | IllegalArgumentException e) {
            LOG.atWarn()
                    .addKeyValue("modelId", act.modelId())
                    .addKeyValue("author", act.author())
                    .setCause(e)
                    .log("an act on a model is refused");
        }
    }

    private Optional<AnomalyModel> model(JudgeState state, long atMillis) {
        if (model == null && state.model.length > 0) {
            AnomalyModel restored = AnomalyModel.fromBytes(catalog, state.model);
            try {
                registry.admit(restored.id(), state.model);
                model = restored;
                LOG.atInfo().addKeyValue("modelId", restored.id()).log("model restored from the checkpoint");
            } catch (RegistryException e) {
                LOG.atWarn()
                        .addKeyValue("modelId", restored.id())
                        .setCause(e)
                        .log("the model of the checkpoint may not score: only registered models do");
                forget(state);
                restore(state, atMillis);
            }
        }
        return Optional.ofNullable(model);
    }

    /** Takes the registry's champion, if it is one that this job can use; else rules judge until a baseline is learned. */
    private void restore(JudgeState state, long atMillis) {
        try {
            for (ModelEntry entry : registry.inventory()) {
                if (entry.state() == ModelEntry.State.CHAMPION) {
                    AnomalyModel champion = registry.load(catalog, entry.modelId());
                    use(state, champion);
                    LOG.atInfo()
                            .addKeyValue("modelId", champion.id())
                            .addKeyValue("since", Instant.ofEpochMilli(atMillis))
                            .log("the registry's champion scores");
                }
            }
        } catch (RegistryException | IllegalArgumentException e) {
            LOG.atWarn().setCause(e).log("no champion can be taken from the registry; rules judge alone");
        }
    }

    private void use(JudgeState state, AnomalyModel used) {
        model = used;
        state.model = used.toBytes();
        state.center = used.newCenter();
        state.baseline = new ArrayList<>();
        state.baselineSeconds = 0;
        state.unlikeSeconds = 0;
    }

    private void forget(JudgeState state) {
        model = null;
        state.model = new byte[0];
        state.center = new double[0];
        state.unlikeSeconds = 0;
        shadow.forget(state.shadow);
    }

    private void learn(JudgeState state, ClusterWindow window, RuleBook book, Optional<Scoring> scoring) {
        List<NodeWindow> clean = window.nodes().values().stream()
                .filter(w -> policy.clean(state.cluster, window, w.node(), book))
                .toList();
        if (clean.isEmpty()) {
            return;
        }
        if (scoring.isPresent()) {
            follow(state, scoring.get(), clean);
            shadow.learn(state.shadow, clean, window.endMillis());
            return;
        }
        clean.forEach(w -> state.baseline.add(new BaselineRow(w.node(), w.startMillis(), w.values())));
        state.baselineSeconds++;
        if (state.baselineSeconds >= settings.baselineWindows()) {
            train(state, window.endMillis());
        }
    }

    private void train(JudgeState state, long atMillis) {
        boolean features = state.baseline.stream()
                .anyMatch(row -> catalog.features().stream().anyMatch(row.values()::containsKey));
        if (features) {
            AnomalyModel trained = AnomalyModel.train(catalog, state.baseline);
            Instant at = Instant.ofEpochMilli(atMillis);
            try {
                registry.register(
                        trained.id(),
                        trained.toBytes(),
                        trained.card(state.baseline, CodeVersion.text()),
                        ModelRegistry.DETECTOR,
                        at);
                registry.promote(
                        trained.id(),
                        ModelEntry.State.CHAMPION,
                        ModelRegistry.DETECTOR,
                        "trained on the live baseline of " + state.baselineSeconds
                                + " seconds; there was none that fits",
                        at);
                registry.admit(trained.id(), trained.toBytes());
                LOG.atInfo()
                        .addKeyValue("modelId", trained.id())
                        .addKeyValue("rows", state.baseline.size())
                        .addKeyValue("seconds", state.baselineSeconds)
                        .log("model trained on the live baseline; before that only rules judged (cold start)");
                use(state, trained);
                return;
            } catch (RegistryException e) {
                LOG.atWarn()
                        .addKeyValue("modelId", trained.id())
                        .setCause(e)
                        .log("the trained model can not be registered and does not score; a new baseline is learned");
            }
        }
        state.baseline = new ArrayList<>();
        state.baselineSeconds = 0;
        state.unlikeSeconds = 0;
    }

    /** Moves the mean, and starts a new baseline when most nodes have been unlike the old one for long. */
    private void follow(JudgeState state, Scoring scoring, List<NodeWindow> clean) {
        AnomalyModel current = scoring.model();
        long unlike = clean.stream().filter(w -> scoring.odd(w.values())).count();
        for (NodeWindow w : clean) {
            state.center = current.adapt(w.values(), state.center);
        }
        state.unlikeSeconds = 2 * unlike > clean.size() ? state.unlikeSeconds + 1 : 0;
        if (state.unlikeSeconds >= settings.policy().relearnWindows()) {
            LOG.atInfo()
                    .addKeyValue("modelId", current.id())
                    .addKeyValue("seconds", state.unlikeSeconds)
                    .log("most nodes are unlike the baseline: the work has changed, a new baseline is learned");
            forget(state);
        }
    }

    private Sealing.Basis basis(
            JudgeState state,
            ClusterWindow window,
            boolean early,
            long atMillis,
            RuleBook book,
            Map<String, Map<String, Double>> beside) {
        AnomalyModel scoring = model;
        return new Sealing.Basis(
                window,
                early,
                atMillis,
                state.cluster.copy(),
                book,
                scoring == null ? coldStart(state) : scoring.id(),
                scoring == null ? "" : EventCodec.sha256Hex(state.model),
                state.center,
                beside);
    }

    private void publish(JudgeState state, Sealing.Basis basis, List<Decision> decisions, Collector<Publication> out) {
        for (Decision decision : decisions) {
            if (decision instanceof Decision.Raise raise) {
                tell(
                        sealing.alert(raise, basis, SOURCE),
                        raise.finding().severity() + " " + raise.finding().cause() + " by "
                                + raise.finding().signal(),
                        out);
                raised.inc();
                if (!basis.early()) {
                    shadow.raised(state.shadow, basis.shadow().getOrDefault(raise.node(), Map.of()));
                }
            } else if (decision instanceof Decision.Hold hold) {
                // Kept like an alert, so that what maintenance held back can be looked at, but not published.
                sealing.alert(new Decision.Raise(hold.anomalyId(), hold.finding()), basis, SOURCE);
                LOG.atInfo()
                        .addKeyValue("anomalyId", hold.anomalyId())
                        .addKeyValue("node", hold.node())
                        .addKeyValue("cause", hold.finding().cause())
                        .log("held back by maintenance");
                held.inc();
            } else if (decision instanceof Decision.Clear clear) {
                tell(
                        new IncidentEvent.AnomalyCleared(
                                Alert.eventId("cleared", clear.anomalyId()),
                                Instant.ofEpochMilli(basis.atMillis()),
                                clear.anomalyId(),
                                clear.node(),
                                clear.cause()),
                        "anomaly is over",
                        out);
                cleared.inc();
            } else {
                throw new IllegalStateException("a decision is a Raise, a Hold or a Clear but was " + decision);
            }
        }
    }

    private static void tell(IncidentEvent event, String words, Collector<Publication> out) {
        LOG.atInfo()
                .addKeyValue("storyId", event.storyId())
                .addKeyValue("node", event.node())
                .addKeyValue("event", event.kind())
                .log(words);
        out.collect(new Publication(event.node(), EventCodec.toCloudEvent(event, SOURCE)));
    }

    private String coldStart(JudgeState state) {
        return "none (cold start, " + state.baselineSeconds + " of " + settings.baselineWindows() + " windows)";
    }

    private static int size(org.apache.flink.api.common.state.BroadcastState<String, byte[]> state) throws Exception {
        int size = 0;
        for (Map.Entry<String, byte[]> ignored : state.entries()) {
            size++;
        }
        return size;
    }
}
