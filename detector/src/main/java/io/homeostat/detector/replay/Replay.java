package io.homeostat.detector.replay;

import io.homeostat.detector.evidence.EvidenceException;
import io.homeostat.detector.evidence.EvidenceLimits;
import io.homeostat.detector.evidence.EvidenceStore;
import io.homeostat.detector.evidence.SealedWindow;
import io.homeostat.detector.feedback.RuleBook;
import io.homeostat.detector.model.AnomalyModel;
import io.homeostat.detector.model.ModelRegistry;
import io.homeostat.detector.model.RegistryException;
import io.homeostat.detector.signal.SignalCatalog;
import io.homeostat.detector.verdict.Alert;
import io.homeostat.detector.verdict.AnomalyPolicy;
import io.homeostat.detector.verdict.ClusterWindow;
import io.homeostat.detector.verdict.Decision;
import io.homeostat.detector.verdict.Scoring;
import io.homeostat.detector.window.FeatureAccumulator;
import io.homeostat.detector.window.NodeWindow;
import io.homeostat.detector.window.WindowLimits;
import io.homeostat.events.IncidentEvent.AnomalyRaised;
import io.homeostat.events.codec.EventCodec;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes a verdict once more from its sealed window, its model and nothing else, and compares it with what was published:
 * every value from the raw samples, the score, each field of the alert; numbers by their bits. The arithmetic is that of
 * IEEE 754 and {@link StrictMath}, so that another processor and another Java give the same bits. Not thread-safe.
 */
public final class Replay {
    private final EvidenceStore store;
    private final ModelRegistry models;

    /** @param folder the detector's data folder, or a copy of it */
    public Replay(Path folder) {
        this.store = new EvidenceStore(folder, EvidenceLimits.defaults());
        this.models = new ModelRegistry(folder.resolve("models"));
    }

    public EvidenceStore store() {
        return store;
    }

    /**
     * Replays an alert.
     *
     * @throws EvidenceException when the window, its catalog or its model is missing, was changed, or is of a newer form
     */
    public ReplayReport run(AnomalyRaised alert) {
        Opened opened = open(alert);
        SealedWindow sealed = opened.sealed;
        List<Difference> differences = new ArrayList<>();
        int values = sealed.version() == 1 ? 0 : values(opened, differences);
        ClusterWindow window = sealed.window();
        List<Decision> decisions = decide(opened, RuleBook.of(sealed.rules()));
        Optional<Decision.Raise> raise = decisions.stream()
                .flatMap(decision -> raised(decision).stream())
                .filter(r -> r.anomalyId().equals(alert.anomalyId()))
                .findFirst();
        int compared = 1;
        if (raise.isEmpty()) {
            differences.add(new Difference("decision", "raised " + alert.anomalyId(), words(decisions)));
        } else {
            AnomalyRaised again = Alert.of(
                    raise.get(),
                    opened.catalog,
                    sealed.track(),
                    window,
                    sealed.atMillis(),
                    alert.windowDigest(),
                    RuleBook.of(sealed.rules()),
                    sealed.shadow());
            compared += compare(sealed.version() == 1 ? asVersion1(again, alert) : again, alert, differences);
        }
        return new ReplayReport(
                alert,
                sealed.codeVersion(),
                sealed.version(),
                opened.model.map(m -> EventCodec.sha256Hex(m.toBytes())).orElse(""),
                values,
                compared,
                sealed.version() == 1 ? SealedWindowV1.NOT_SEALED : List.of(),
                differences);
    }

    /** A sealed window with what it names. */
    record Opened(SealedWindow sealed, SignalCatalog catalog, Optional<AnomalyModel> model) {
        AnomalyPolicy policy() {
            return new AnomalyPolicy(catalog, sealed.limits(), new HashSet<>(sealed.expectedNodes()));
        }

        Optional<Scoring> scoring() {
            return model.map(m -> new Scoring(m, sealed.center()));
        }
    }

    Opened open(AnomalyRaised alert) {
        byte[] json = store.window(alert.windowDigest());
        try {
            Map<String, Object> fields = EventCodec.readMap(json);
            int version = fields.get("version") instanceof Integer number ? number : 0;
            if (version < 1 || version > SealedWindow.VERSION) {
                throw new EvidenceException("the sealed window has version " + fields.get("version")
                        + " but this detector reads 1 to " + SealedWindow.VERSION + ": use the one that sealed it, "
                        + fields.getOrDefault("codeVersion", "or a newer one"));
            }
            SignalCatalog catalog = SignalCatalog.parse(store.catalog(String.valueOf(fields.get("catalogDigest"))));
            SealedWindow sealed = version == 1
                    ? SealedWindowV1.read(json, alert, catalog)
                    : EventCodec.read(json, SealedWindow.class);
            return new Opened(sealed, catalog, model(alert, sealed, catalog));
        } catch (IllegalArgumentException e) {
            throw new EvidenceException(
                    "the sealed window " + alert.windowDigest() + " can not be read: " + e.getMessage(), e);
        }
    }

    static List<Decision> decide(Opened opened, RuleBook rules) {
        SealedWindow sealed = opened.sealed;
        ClusterWindow window = sealed.window();
        if (!sealed.early()) {
            return opened.policy().judge(sealed.track().copy(), window, opened.scoring(), rules);
        }
        List<Decision> decisions = new ArrayList<>();
        for (NodeWindow node : window.nodes().values()) {
            decisions.addAll(opened.policy().early(sealed.track().copy(), node, rules));
        }
        return decisions;
    }

    /** A rule needs no model; a model's verdict needs the very one, by its digest. */
    private Optional<AnomalyModel> model(AnomalyRaised alert, SealedWindow sealed, SignalCatalog catalog) {
        if (alert.modelId().startsWith("rule:")) {
            return Optional.empty();
        }
        byte[] bytes;
        try {
            bytes = models.bytes(sealed.modelId());
        } catch (RegistryException e) {
            throw new EvidenceException(String.valueOf(e.getMessage()), e);
        }
        String found = EventCodec.sha256Hex(bytes);
        if (sealed.version() > 1 && !found.equals(sealed.modelDigest())) {
            throw new EvidenceException("model " + sealed.modelId() + " was changed: expected SHA-256 "
                    + sealed.modelDigest() + " but found " + found);
        }
        return Optional.of(AnomalyModel.fromBytes(catalog, bytes));
    }

    private static int values(Opened opened, List<Difference> differences) {
        FeatureAccumulator accumulator = new FeatureAccumulator(opened.catalog, WindowLimits.defaults());
        int count = 0;
        for (NodeWindow window : opened.sealed.windows()) {
            Map<String, Double> again = accumulator.again(window);
            Set<String> names = new java.util.TreeSet<>(again.keySet());
            names.addAll(window.values().keySet());
            for (String name : names) {
                count++;
                compare(
                                "values of " + window.node() + ", " + name,
                                window.values().get(name),
                                again.get(name))
                        .ifPresent(differences::add);
            }
        }
        return count;
    }

    /** Compares every field of the record; returns how many. */
    private static int compare(AnomalyRaised again, AnomalyRaised published, List<Difference> differences) {
        RecordComponent[] fields = AnomalyRaised.class.getRecordComponents();
        for (RecordComponent field : fields) {
            try {
                compare(
                                field.getName(),
                                field.getAccessor().invoke(published),
                                field.getAccessor().invoke(again))
                        .ifPresent(differences::add);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("a record's accessor can not fail: " + field, e);
            }
        }
        return fields.length;
    }

    private static Optional<Difference> compare(String field, @Nullable Object published, @Nullable Object again) {
        String before = json(published);
        String after = json(again);
        return before.equals(after) ? Optional.empty() : Optional.of(new Difference(field, before, after));
    }

    /** Shortest decimals name a double's bits exactly, but for NaN and zeros with a sign, which JSON keeps too. */
    private static String json(@Nullable Object value) {
        if (value == null) {
            return "absent";
        }
        String text = new String(EventCodec.canonicalJson(value), StandardCharsets.UTF_8);
        return value instanceof Double number
                ? text + " (bits " + Long.toHexString(Double.doubleToRawLongBits(number)) + ")"
                : text;
    }

    private static AnomalyRaised asVersion1(AnomalyRaised again, AnomalyRaised published) {
        return new AnomalyRaised(
                again.eventId(),
                again.at(),
                again.anomalyId(),
                again.node(),
                again.cause(),
                again.severity(),
                again.signal(),
                again.unit(),
                again.direction(),
                again.expected(),
                again.observed(),
                again.score(),
                again.threshold(),
                again.contributions()
                        .subList(
                                0,
                                Math.min(
                                        SealedWindowV1.CONTRIBUTIONS,
                                        again.contributions().size())),
                again.peers(),
                again.windowStart(),
                again.windowEnd(),
                again.modelId(),
                again.provenanceDigest(),
                again.windowDigest(),
                published.onset(),
                published.leadMillis(),
                published.rules(),
                published.shadow(),
                published.origins());
    }

    /** What maintenance held back is kept as the alert that it would have been. */
    static Optional<Decision.Raise> raised(Decision decision) {
        if (decision instanceof Decision.Hold hold) {
            return Optional.of(new Decision.Raise(hold.anomalyId(), hold.finding()));
        }
        return decision instanceof Decision.Raise raise ? Optional.of(raise) : Optional.empty();
    }

    private static String words(List<Decision> decisions) {
        if (decisions.isEmpty()) {
            return "nothing raised";
        }
        Map<String, String> words = new TreeMap<>();
        for (Decision decision : decisions) {
            if (decision instanceof Decision.Raise raise) {
                words.put(raise.anomalyId(), "raised " + raise.finding().cause() + " on " + raise.node());
            } else if (decision instanceof Decision.Hold hold) {
                words.put(hold.anomalyId(), "held " + hold.finding().cause() + " on " + hold.node());
            } else if (decision instanceof Decision.Clear clear) {
                words.put(clear.anomalyId(), "cleared " + clear.cause() + " on " + clear.node());
            }
        }
        return words.toString();
    }
}
