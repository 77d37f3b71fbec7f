package io.homeostat.detector.model;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.DateTimeProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.StringProvenance;
import io.homeostat.events.codec.EventCodec;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import org.tribuo.Dataset;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.anomaly.AnomalyFactory;
import org.tribuo.anomaly.Event;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.provenance.TrainerProvenance;

/**
 * Trains a {@link StreamModel} on the rows of normal work, oldest first. One configuration serves all data: what differs
 * between them, spreads and the season, is measured in training. Deterministic; not thread-safe.
 */
public final class StreamTrainer extends EventTrainer {
    /** Fewer rows say nothing about what is normal. */
    public static final int MIN_ROWS = 32;
    /** Bound on the cells of training: 64 MB of doubles; the newest rows that fit are used. */
    public static final int MAX_CELLS = 8_000_000;
    /** Bound on columns: each has a ring of its newest rows. */
    public static final int MAX_COLUMNS = 1_000;
    /** Of a standard normal: makes a quantile of residuals a spread. */
    private static final double NORMAL_99 = 2.5758;

    /** Least spread of a column of denormal numbers: a part of those would be zero. */
    private static final double LEAST_SPREAD = 1e-290;

    private static final double SCALE_QUANTILE = 0.99;

    @Config(mandatory = true, description = "Step of the adaptive mean of each column.")
    private double adaptRate;

    @Config(mandatory = true, description = "One row moves the adaptive mean as if this many spreads away at most.")
    private double adaptClip;

    @Config(mandatory = true, description = "Step of the fast mean of innovations.")
    private double fastRate;

    @Config(mandatory = true, description = "Step of the causal exponentially weighted mean of raw scores.")
    private double smoothRate;

    @Config(mandatory = true, description = "Step of a slower mean of raw scores.")
    private double slowRate;

    @Config(mandatory = true, description = "Weight of the slower mean in the geometric mean of both.")
    private double slowPart;

    @Config(mandatory = true, description = "Step of the mean of innovations that alarms go by.")
    private double paceRate;

    @Config(mandatory = true, description = "Rows ahead that the forecast looks.")
    private int horizon;

    @Config(mandatory = true, description = "Newest rows that the innovation is measured against.")
    private int order;

    @Config(mandatory = true, description = "Ridge penalty of both autoregressions as a part of the rows.")
    private double ridge;

    @Config(mandatory = true, description = "Above this many columns a column is forecast from its own past only.")
    private int maxCrossColumns;

    @Config(mandatory = true, description = "Least scale of a residual, in spreads of its column.")
    private double scaleFloor;

    @Config(mandatory = true, description = "Least spread of a column, as a part of its range in training.")
    private double spreadFloor;

    @Config(mandatory = true, description = "Columns count by the mean of this power of their oddness.")
    private double power;

    @Config(mandatory = true, description = "Step of the mean oddness of a column, which weighs it.")
    private double unrestRate;

    @Config(mandatory = true, description = "One row moves that mean as if it were this odd at most.")
    private double unrestClip;

    @Config(mandatory = true, description = "Exponent of a column's oddness against its usual one.")
    private double unrestPart;

    @Config(mandatory = true, description = "Ratio below which a calm column gains no more weight.")
    private double unrestLeast;

    @Config(mandatory = true, description = "Part of a jump's score that is lost per row.")
    private double holdFall;

    @Config(mandatory = true, description = "Part of a jump's score that is kept at first.")
    private double holdPart;

    @Config(mandatory = true, description = "Step of the mean that is the level before a jump.")
    private double levelRate;

    @Config(description = "Which parts give the score.")
    private Members members = Members.BOTH;

    /** For Tribuo's configuration system. */
    @SuppressWarnings("unused")
    private StreamTrainer() {}

    private StreamTrainer(Members members) {
        this.adaptRate = 5e-4;
        this.adaptClip = 3;
        this.fastRate = 0.5;
        this.smoothRate = 0.12;
        this.slowRate = 0.04;
        this.slowPart = 0.2;
        this.paceRate = 0.4;
        this.horizon = 5;
        this.order = 3;
        this.ridge = 0.01;
        this.maxCrossColumns = 100;
        this.scaleFloor = 0.3;
        this.spreadFloor = 0.01;
        this.power = 0.85;
        this.unrestRate = 1.0 / 1_440;
        this.unrestClip = 4;
        this.unrestPart = 0.5;
        this.unrestLeast = 0.1;
        this.holdFall = 0.06;
        this.holdPart = 0.15;
        this.levelRate = 0.02;
        this.members = members;
    }

    /** The one configuration; its values were chosen on SMD and ASD, see docs/detection.md. */
    public static StreamTrainer standard() {
        return new StreamTrainer(Members.BOTH);
    }

    /** The same with a part of the score alone, for ablations. */
    public static StreamTrainer ablation(Members members) {
        return new StreamTrainer(members);
    }

    /**
     * Trains on plain rows.
     *
     * @param columns one name each; their order is the order of the rows' values
     * @param rows oldest first; NaN is a missing value
     * @param source what the rows are, in words, for the provenance
     * @param end time of the newest row: the model's time, so that equal rows give equal models
     */
    public StreamModel train(List<String> columns, double[][] rows, String source, Instant end) {
        checkShape(columns, rows);
        double[][] whole = carryForward(rows);
        AnomalyFactory outputs = new AnomalyFactory();
        String digest = EventCodec.sha256Hex(bytes(columns, rows));
        MutableDataset<Event> data = new MutableDataset<>(
                new SimpleDataSourceProvenance(
                        source + ", " + rows.length + " rows, sha256 " + digest, end.atOffset(ZoneOffset.UTC), outputs),
                outputs);
        String[] names = names(columns);
        for (double[] row : whole) {
            data.add(new ArrayExample<>(AnomalyFactory.EXPECTED_EVENT, names, row));
        }
        Map<String, Provenance> run = new HashMap<>();
        run.put("training-digest", new StringProvenance("training-digest", digest));
        run.put("columns", new StringProvenance("columns", String.join(",", columns)));
        run.put(TRAINED_AT, new DateTimeProvenance(TRAINED_AT, end.atOffset(ZoneOffset.UTC)));
        return train(data, run);
    }

    @Override
    public StreamModel train(Dataset<Event> examples, Map<String, Provenance> runProvenance) {
        TrainerProvenance trainer = begin();
        ImmutableFeatureMap features = examples.getFeatureIDMap();
        double[][] rows = carryForward(Rows.of(examples, features));
        int size = features.size();
        double[] center = new double[size];
        double[] spread = new double[size];
        double shared = sharedScale(rows);
        for (int j = 0; j < size; j++) {
            measure(rows, j, shared, center, spread);
        }
        double[][] residuals = residuals(rows, center, spread);
        int season = Season.of(residuals);
        RidgeVarModel far = new RidgeVarTrainer(farLags(season, rows.length), ridge, maxCrossColumns)
                .train(examples, runProvenance, features, residuals);
        RidgeVarModel near = new RidgeVarTrainer(nearLags(rows.length), ridge, maxCrossColumns)
                .train(examples, runProvenance, features, residuals);
        StreamSettings settings = new StreamSettings(
                adaptRate,
                adaptClip,
                fastRate,
                smoothRate,
                slowRate,
                slowPart,
                paceRate,
                season,
                1,
                members,
                power,
                new Unrest(unrestRate, unrestClip, unrestPart, unrestLeast),
                new Hold(Double.MAX_VALUE, holdFall, holdPart, levelRate));
        Optional<Model<Event>> whole = members.wholeRow()
                ? Optional.of(WholeRow.train(members, residuals, near, examples, runProvenance))
                : Optional.empty();
        double[] farScale = new double[size];
        double[] newScale = new double[size];
        double[] usual = new double[size];
        scales(residuals, far, near, farScale, newScale, usual);
        StreamModel model = new StreamModel(
                "stream",
                provenance(StreamModel.class, examples, trainer, runProvenance),
                features,
                examples.getOutputIDInfo(),
                settings,
                center,
                spread,
                farScale,
                newScale,
                usual,
                levelScales(residuals, size),
                far,
                near,
                whole);
        // First without a jump that is held: what is a jump is measured on the scores of training too.
        double holdFrom = members.held() ? norm(model, rows, StreamScore::raw) : 1;
        StreamModel holding = model.with(1, holdFrom);
        return holding.with(norm(holding, rows, StreamScore::score), holdFrom);
    }

    private int[] farLags(int season, int rows) {
        TreeSet<Integer> lags = new TreeSet<>(List.of(Math.min(horizon, rows / 4)));
        if (season > 2 * horizon) {
            lags.add(season - horizon);
            lags.add(season);
        }
        return lags.stream().mapToInt(Integer::intValue).toArray();
    }

    private int[] nearLags(int rows) {
        return java.util.stream.IntStream.rangeClosed(1, Math.min(order, rows / 4))
                .toArray();
    }

    /** One when all columns lie in [0, 1]: then they share a scale, and a part of it is a move in each. Else zero. */
    private static double sharedScale(double[][] rows) {
        for (double[] row : rows) {
            for (double value : row) {
                if (value < 0 || value > 1) {
                    return 0;
                }
            }
        }
        return 1;
    }

    private void measure(double[][] rows, int j, double shared, double[] center, double[] spread) {
        double sum = 0;
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        for (double[] row : rows) {
            sum += row[j];
            least = Math.min(least, row[j]);
            most = Math.max(most, row[j]);
        }
        center[j] = sum / rows.length;
        double square = 0;
        for (double[] row : rows) {
            square += (row[j] - center[j]) * (row[j] - center[j]);
        }
        // A column that never moved has no range of its own: one percent of its value, or of one, is a move.
        double range = most > least ? most - least : Math.max(1, Math.abs(center[j]));
        double floor = Math.max(spreadFloor * Math.max(range, shared), LEAST_SPREAD);
        spread[j] = Math.max(Math.sqrt(square / rows.length), floor);
    }

    /** The rows in spreads from the adaptive mean, as {@link StreamModel#score} walks them. */
    private double[][] residuals(double[][] rows, double[] center, double[] spread) {
        double[][] residuals = new double[rows.length][center.length];
        double[] mean = new double[center.length];
        for (int t = 0; t < rows.length; t++) {
            for (int j = 0; j < mean.length; j++) {
                double residual = StreamModel.scaled(rows[t][j], center[j], spread[j]) - mean[j];
                residuals[t][j] = residual;
                mean[j] += adaptRate * Math.max(-adaptClip, Math.min(adaptClip, residual));
            }
        }
        return residuals;
    }

    private void scales(
            double[][] residuals,
            RidgeVarModel far,
            RidgeVarModel near,
            double[] farScale,
            double[] newScale,
            double[] usual) {
        int size = farScale.length;
        double[][] farErrors = new double[size][residuals.length];
        double[][] moves = new double[size][residuals.length];
        double[] fast = new double[size];
        double[] error = new double[size];
        for (int t = 0; t < residuals.length; t++) {
            far.residual(residuals[t], past(residuals, t, far.lags()), error);
            for (int j = 0; j < size; j++) {
                farErrors[j][t] = Math.abs(error[j]);
            }
            near.residual(residuals[t], past(residuals, t, near.lags()), error);
            for (int j = 0; j < size; j++) {
                double moved = error[j] - fast[j];
                fast[j] += fastRate * moved;
                moves[j][t] = Math.abs(moved);
            }
        }
        for (int j = 0; j < size; j++) {
            farScale[j] = Math.max(scaleFloor, quantile(farErrors[j]) / NORMAL_99);
            newScale[j] = Math.max(scaleFloor, quantile(moves[j]) / NORMAL_99);
            double odd = 0;
            for (int t = 0; t < residuals.length; t++) {
                odd += Math.min(unrestClip, farErrors[j][t] / farScale[j] * moves[j][t] / newScale[j]);
            }
            usual[j] = Math.max(Unrest.LEAST_USUAL, odd / residuals.length);
        }
    }

    private double[] levelScales(double[][] residuals, int size) {
        double[] scales = new double[size];
        for (int j = 0; j < size; j++) {
            int column = j;
            double[] far = Arrays.stream(residuals)
                    .mapToDouble(row -> Math.abs(row[column]))
                    .toArray();
            scales[j] = Math.max(scaleFloor, quantile(far) / NORMAL_99);
        }
        return scales;
    }

    static double[][] past(double[][] rows, int t, int[] lags) {
        double[][] past = new double[lags.length][];
        for (int l = 0; l < lags.length; l++) {
            past[l] = t >= lags[l] ? rows[t - lags[l]] : new double[rows[0].length];
        }
        return past;
    }

    /** The score that one row of training in a hundred exceeds. */
    private static double norm(StreamModel model, double[][] rows, ToDoubleFunction<StreamScore> kind) {
        StreamState state = model.newState();
        double[] scores = new double[rows.length];
        for (int t = 0; t < rows.length; t++) {
            scores[t] = kind.applyAsDouble(model.score(state, rows[t], true));
        }
        double norm = quantile(scores);
        // A training without any movement scores zero throughout; any norm will do.
        return norm > 0 ? norm : 1;
    }

    private static double quantile(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.floor(SCALE_QUANTILE * (sorted.length - 1))];
    }

    private static void checkShape(List<String> columns, double[][] rows) {
        if (rows.length < MIN_ROWS) {
            throw new IllegalArgumentException(
                    "expected at least " + MIN_ROWS + " rows of training but found " + rows.length);
        }
        if (columns.isEmpty() || columns.size() > MAX_COLUMNS) {
            throw new IllegalArgumentException("expected 1 to " + MAX_COLUMNS + " columns but found " + columns.size());
        }
        if ((long) rows.length * columns.size() > MAX_CELLS) {
            throw new IllegalArgumentException("expected at most " + MAX_CELLS + " cells of training but found "
                    + rows.length + " rows of " + columns.size() + " columns");
        }
    }

    /** A missing value is the one before it, at the start the first one there is, and zero in an empty column. */
    private static double[][] carryForward(double[][] rows) {
        double[][] whole = new double[rows.length][];
        double[] last = new double[rows[0].length];
        for (int j = 0; j < last.length; j++) {
            int column = j;
            last[j] = Arrays.stream(rows)
                    .mapToDouble(row -> row[column])
                    .filter(v -> !Double.isNaN(v))
                    .findFirst()
                    .orElse(0);
        }
        for (int t = 0; t < rows.length; t++) {
            whole[t] = rows[t].clone();
            for (int j = 0; j < last.length; j++) {
                if (Double.isNaN(whole[t][j])) {
                    whole[t][j] = last[j];
                }
                last[j] = whole[t][j];
            }
        }
        return whole;
    }

    /** Feature names that sort as the columns stand, because Tribuo numbers features by name. */
    private static String[] names(List<String> columns) {
        List<String> names = new ArrayList<>();
        for (int j = 0; j < columns.size(); j++) {
            names.add(name(j));
        }
        return names.toArray(String[]::new);
    }

    static String name(int column) {
        return String.format(java.util.Locale.ROOT, "c%04d", column);
    }

    private static byte[] bytes(List<String> columns, double[][] rows) {
        byte[] head = String.join(",", columns).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        java.nio.ByteBuffer buffer =
                java.nio.ByteBuffer.allocate(head.length + rows.length * columns.size() * Double.BYTES);
        buffer.put(head);
        for (double[] row : rows) {
            for (double value : row) {
                buffer.putDouble(value);
            }
        }
        return buffer.array();
    }
}
