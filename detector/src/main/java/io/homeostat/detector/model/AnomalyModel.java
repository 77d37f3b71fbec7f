package io.homeostat.detector.model;

import com.google.protobuf.InvalidProtocolBufferException;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.provenance.ProvenanceUtil;
import com.oracle.labs.mlrg.olcut.provenance.primitives.DateTimeProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.StringProvenance;
import io.homeostat.detector.signal.Signal;
import io.homeostat.detector.signal.SignalCatalog;
import io.homeostat.events.Contribution;
import io.homeostat.events.codec.EventCodec;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.anomaly.AnomalyFactory;
import org.tribuo.anomaly.Event;
import org.tribuo.impl.ArrayExample;
import org.tribuo.protos.core.ModelProto;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/**
 * A trained model in the words of the catalog: values in units in, score and contributions in units out.
 *
 * <p>The adaptive mean is an array of the caller ({@link #newCenter}, {@link #adapt}). Immutable, thread-safe.
 */
public final class AnomalyModel {
    /** A feature must be there in this part of the baseline: what is rarer has no known normal. */
    private static final double PRESENCE = 0.5;
    /** Step of the adaptive mean: a half-life of about 23 minutes at one window a second. */
    private static final double ADAPT_RATE = 5e-4;
    /** One window moves the mean as if it lay this many scales away at most. */
    private static final double ADAPT_CLIP = 3;
    /** Contributions named in a score: all features of our catalog; a bound for a longer one. */
    private static final int MAX_CONTRIBUTIONS = 64;

    private final SignalCatalog catalog;
    private final ShrunkMahalanobisModel model;
    private final List<Signal> signals;
    private final String id;
    private final String provenanceJson;

    private AnomalyModel(SignalCatalog catalog, ShrunkMahalanobisModel model) {
        this.catalog = catalog;
        this.model = model;
        List<Signal> ofFeatures = new ArrayList<>();
        for (int j = 0; j < model.getFeatureIDMap().size(); j++) {
            ofFeatures.add(catalog.require(model.getFeatureIDMap().get(j).getName()));
        }
        this.signals = List.copyOf(ofFeatures);
        this.id = "mahalanobis-" + EventCodec.digest(model.parameters()).substring(0, 16);
        this.provenanceJson = new String(
                EventCodec.canonicalJson(plain(ProvenanceUtil.convertToMap(model.getProvenance()))),
                java.nio.charset.StandardCharsets.UTF_8);
    }

    /**
     * Trains on clean windows, oldest first.
     *
     * @throws IllegalArgumentException when no feature is there often enough, or the rows are too few
     */
    public static AnomalyModel train(SignalCatalog catalog, List<BaselineRow> baseline) {
        List<Signal> features = catalog.features().stream()
                .filter(name -> {
                    long present = baseline.stream()
                            .filter(row -> row.values().containsKey(name))
                            .count();
                    return present > 0 && present >= PRESENCE * baseline.size();
                })
                .map(catalog::require)
                .toList();
        if (features.isEmpty()) {
            throw new IllegalArgumentException("expected at least one modelled signal in " + baseline.size()
                    + " baseline windows but found none; known are " + catalog.features());
        }
        Instant end = Instant.ofEpochMilli(
                baseline.stream().mapToLong(BaselineRow::startMillis).max().orElseThrow());
        OffsetDateTime endTime = end.atOffset(ZoneOffset.UTC);
        AnomalyFactory outputs = new AnomalyFactory();
        String digest = EventCodec.digest(baseline);
        MutableDataset<Event> data = new MutableDataset<>(
                new SimpleDataSourceProvenance(
                        "live baseline, " + baseline.size() + " windows, sha256 " + digest, endTime, outputs),
                outputs);
        for (BaselineRow row : baseline) {
            ArrayExample<Event> example = new ArrayExample<>(AnomalyFactory.EXPECTED_EVENT);
            for (Signal signal : features) {
                Double value = row.values().get(signal.name());
                if (value != null) {
                    example.add(signal.name(), signal.transform(value));
                }
            }
            if (example.size() > 0) {
                data.add(example);
            }
        }
        Map<String, Provenance> run = new LinkedHashMap<>();
        run.put("baseline-digest", new StringProvenance("baseline-digest", digest));
        run.put("catalog-digest", new StringProvenance("catalog-digest", catalog.digest()));
        run.put(EventTrainer.TRAINED_AT, new DateTimeProvenance(EventTrainer.TRAINED_AT, endTime));
        return new AnomalyModel(catalog, ShrunkMahalanobisTrainer.standard().train(data, run));
    }

    /**
     * What the registry tells of the model: where it comes from, and how it did on the part of the baseline that it was not
     * fitted to.
     */
    public Map<String, Object> card(List<BaselineRow> baseline, String codeVersion) {
        List<ModelScore> held = ShrunkMahalanobisTrainer.standard().heldBack(baseline).stream()
                .map(row -> score(row.values(), newCenter()))
                .toList();
        Map<String, Object> validation = new TreeMap<>();
        validation.put("windows", held.size());
        validation.put(
                "overThreshold", held.stream().filter(ModelScore::anomalous).count());
        validation.put(
                "greatestScore",
                held.stream().mapToDouble(ModelScore::score).max().orElse(0));
        validation.put("threshold", model.threshold());
        Map<String, Object> training = new TreeMap<>();
        training.put("windowDigest", EventCodec.digest(baseline));
        training.put("windows", baseline.size());
        training.put(
                "nodes",
                baseline.stream().map(BaselineRow::node).distinct().sorted().toList());
        training.put(
                "from",
                Instant.ofEpochMilli(baseline.stream()
                        .mapToLong(BaselineRow::startMillis)
                        .min()
                        .orElse(0)));
        training.put(
                "until",
                Instant.ofEpochMilli(baseline.stream()
                        .mapToLong(BaselineRow::startMillis)
                        .max()
                        .orElse(0)));
        Map<String, Object> card = new TreeMap<>();
        card.put("kind", "shrunk Mahalanobis distance, adaptive mean");
        card.put("training", training);
        card.put("validation", validation);
        card.put("features", signals.stream().map(Signal::name).toList());
        card.put("codeVersion", codeVersion);
        card.put("catalogDigest", catalog.digest());
        card.put("provenanceDigest", provenanceDigest());
        // Tribuo's own: the trainer's class and configuration, the data and the versions of Tribuo, Java and the
        // machine.
        card.put("provenance", EventCodec.readMap(provenanceJson.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        return card;
    }

    public static AnomalyModel fromBytes(SignalCatalog catalog, byte[] bytes) {
        try {
            Model<?> model = Model.deserialize(ModelProto.parseFrom(bytes));
            if (!(model instanceof ShrunkMahalanobisModel ours)) {
                throw new IllegalArgumentException("expected a " + ShrunkMahalanobisModel.class.getSimpleName()
                        + " but found a " + model.getClass().getSimpleName());
            }
            return new AnomalyModel(catalog, ours);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("expected a Tribuo model as protobuf: " + e.getMessage(), e);
        }
    }

    public byte[] toBytes() {
        return model.serialize().toByteArray();
    }

    /** Names the parameters: equal models have equal ids. */
    public String id() {
        return id;
    }

    /** Tribuo's provenance as canonical JSON. */
    public String provenanceJson() {
        return provenanceJson;
    }

    public String provenanceDigest() {
        return EventCodec.digestOfText(provenanceJson);
    }

    public String catalogDigest() {
        return catalog.digest();
    }

    /** The mean to start with; handed back to {@link #score} and {@link #adapt}. */
    public double[] newCenter() {
        return model.center();
    }

    public ModelScore score(Map<String, Double> values, double[] center) {
        double[] row = row(values);
        double[] shares = model.shares(row, center);
        List<Contribution> contributions = new ArrayList<>();
        for (int j = 0; j < shares.length; j++) {
            if (shares[j] > 0) {
                Signal signal = signals.get(j);
                contributions.add(new Contribution(
                        signal.name(),
                        signal.unit(),
                        signal.inverse(center[j]),
                        values.getOrDefault(signal.name(), 0.0),
                        shares[j]));
            }
        }
        contributions.sort(
                Comparator.comparingDouble((Contribution c) -> -c.share()).thenComparing(Contribution::feature));
        List<Contribution> greatest = contributions.subList(0, Math.min(MAX_CONTRIBUTIONS, contributions.size()));
        return new ModelScore(model.score(row, center), model.threshold(), greatest);
    }

    /** Whether {@link #score} is anomalous, to the bit, without the contributions. */
    public boolean odd(Map<String, Double> values, double[] center) {
        return model.score(row(values), center) > model.threshold();
    }

    /** The mean after a clean window: a small, clipped step towards it. */
    public double[] adapt(Map<String, Double> values, double[] center) {
        double[] row = row(values);
        double[] scale = model.scale();
        double[] moved = center.clone();
        for (int j = 0; j < moved.length; j++) {
            if (!Double.isNaN(row[j])) {
                double bound = ADAPT_CLIP * scale[j];
                moved[j] += ADAPT_RATE * Math.max(-bound, Math.min(bound, row[j] - moved[j]));
            }
        }
        return moved;
    }

    private double[] row(Map<String, Double> values) {
        double[] row = new double[signals.size()];
        for (int j = 0; j < row.length; j++) {
            Double value = values.get(signals.get(j).name());
            row[j] = value == null ? Double.NaN : signals.get(j).transform(value);
        }
        return row;
    }

    /** Maps, lists and texts only, so that the JSON is canonical. */
    static Object plain(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> sorted = new TreeMap<>();
            map.forEach((key, inner) -> sorted.put(String.valueOf(key), plain(inner)));
            return sorted;
        }
        if (value instanceof Iterable<?> list) {
            List<Object> items = new ArrayList<>();
            list.forEach(item -> items.add(plain(item)));
            return items;
        }
        return String.valueOf(value);
    }
}
