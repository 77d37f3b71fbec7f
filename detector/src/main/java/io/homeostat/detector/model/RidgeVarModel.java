package io.homeostat.detector.model;

import com.google.protobuf.Any;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.oracle.labs.mlrg.olcut.util.Pair;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tribuo.Example;
import org.tribuo.Excuse;
import org.tribuo.Feature;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Model;
import org.tribuo.Prediction;
import org.tribuo.anomaly.Event;
import org.tribuo.impl.ModelDataCarrier;
import org.tribuo.protos.core.ModelDataProto;
import org.tribuo.protos.core.ModelProto;
import org.tribuo.provenance.ModelProvenance;

/**
 * A ridge vector autoregression over given lags: what a row should be, from the rows that lie the lags behind it.
 *
 * <p>An example carries a column as {@code name} and its past as {@code name@-lag}; what is missing counts as the mean,
 * zero. Inputs are clipped at ten spreads, so that one broken row does not break the forecast of the next. The score of
 * an example is the root mean square of its residuals over their scale. Immutable, thread-safe. Stored as protobuf:
 *
 * <pre>
 * message RidgeVarModel {
 *   tribuo.core.ModelDataProto metadata = 1;
 *   repeated double lags = 2;          // packed
 *   repeated double coefficients = 3;  // packed; [lag][from][to], or [lag][column] when ownLagsOnly
 *   repeated double scale = 4;         // packed, of the residual of each column
 *   double threshold = 5;
 *   bool ownLagsOnly = 6;
 * }
 * </pre>
 */
public final class RidgeVarModel extends Model<Event> {
    static final double CLIP = 10;
    private static final long serialVersionUID = 1L;
    private static final ModelForm FORM = new ModelForm(RidgeVarModel.class, 1);

    private final int[] lags;
    private final double[] coefficients;
    private final double[] scale;
    private final double threshold;
    private final boolean ownLagsOnly;
    /** Positions of the columns and of their lags in the feature map, as {@code [0 = now, else lag][column]}. */
    private final String[][] names;

    RidgeVarModel(
            String name,
            ModelProvenance provenance,
            ImmutableFeatureMap features,
            ImmutableOutputInfo<Event> outputs,
            int[] lags,
            double[] coefficients,
            double[] scale,
            double threshold,
            boolean ownLagsOnly) {
        super(name, provenance, features, outputs, false);
        this.lags = lags;
        this.coefficients = coefficients;
        this.scale = scale;
        this.threshold = threshold;
        this.ownLagsOnly = ownLagsOnly;
        this.names = names(features, lags);
    }

    /** Called by Tribuo, by name. */
    public static RidgeVarModel deserializeFromProto(int version, String className, Any message)
            throws InvalidProtocolBufferException {
        return FORM.read(version, className, message, RidgeVarModel::read);
    }

    @Override
    public ModelProto serialize() {
        return FORM.write(createDataCarrier(), out -> {
            ModelForm.writePacked(out, 2, Arrays.stream(lags).asDoubleStream().toArray());
            ModelForm.writePacked(out, 3, coefficients);
            ModelForm.writePacked(out, 4, scale);
            out.writeDouble(5, threshold);
            out.writeBool(6, ownLagsOnly);
        });
    }

    @Override
    public Prediction<Event> predict(Example<Event> example) {
        double[] residual = residualOf(example);
        double sum = 0;
        for (int j = 0; j < residual.length; j++) {
            sum += residual[j] / scale[j] * (residual[j] / scale[j]);
        }
        double score = Math.sqrt(sum / residual.length);
        return ModelForm.prediction(example, score, threshold);
    }

    @Override
    public Map<String, List<Pair<String, Double>>> getTopFeatures(int n) {
        // A forecast has no ranking of its own: a column matters by its residual, see getExcuse.
        return Map.of();
    }

    @Override
    public Optional<Excuse<Event>> getExcuse(Example<Event> example) {
        double[] residual = residualOf(example);
        return ModelForm.excuse(
                example, predict(example), residual.length, j -> names[0][j], j -> Math.abs(residual[j]) / scale[j]);
    }

    @Override
    protected RidgeVarModel copy(String newName, ModelProvenance newProvenance) {
        return new RidgeVarModel(
                newName, newProvenance, featureIDMap, outputIDInfo, lags, coefficients, scale, threshold, ownLagsOnly);
    }

    int[] lags() {
        return lags.clone();
    }

    double[] scale() {
        return scale.clone();
    }

    int columns() {
        return scale.length;
    }

    /** Everything that a residual depends on, for the identity of models that hold this one. */
    List<Object> parameters() {
        return List.of(lags, coefficients, ownLagsOnly);
    }

    /** Residuals of {@code row}, given the rows {@code lags()} behind it in the same order. */
    void residual(double[] row, double[][] past, double[] into) {
        forecast(lags.length, coefficients, ownLagsOnly, past, into);
        for (int j = 0; j < row.length; j++) {
            into[j] = row[j] - into[j];
        }
    }

    static void forecast(int lagCount, double[] coefficients, boolean ownLagsOnly, double[][] past, double[] into) {
        int columns = into.length;
        Arrays.fill(into, 0);
        for (int l = 0; l < lagCount; l++) {
            for (int from = 0; from < columns; from++) {
                double x = clip(past[l][from]);
                if (x == 0) {
                    continue;
                }
                if (ownLagsOnly) {
                    into[from] += x * coefficients[l * columns + from];
                } else {
                    int at = (l * columns + from) * columns;
                    for (int to = 0; to < columns; to++) {
                        into[to] += x * coefficients[at + to];
                    }
                }
            }
        }
    }

    static double clip(double value) {
        return Math.max(-CLIP, Math.min(CLIP, value));
    }

    static String lagged(String column, int lag) {
        return column + "@-" + lag;
    }

    private double[] residualOf(Example<Event> example) {
        Map<String, Double> values = new java.util.HashMap<>();
        for (Feature feature : example) {
            values.put(feature.getName(), feature.getValue());
        }
        double[][] rows = new double[names.length][scale.length];
        for (int l = 0; l < rows.length; l++) {
            for (int j = 0; j < scale.length; j++) {
                rows[l][j] = values.getOrDefault(names[l][j], 0.0);
            }
        }
        double[] residual = new double[scale.length];
        residual(rows[0], Arrays.copyOfRange(rows, 1, rows.length), residual);
        return residual;
    }

    private static String[][] names(ImmutableFeatureMap features, int[] lags) {
        List<String> columns = new ArrayList<>();
        for (int i = 0; i < features.size(); i++) {
            String name = features.get(i).getName();
            if (Arrays.stream(lags).noneMatch(lag -> name.endsWith("@-" + lag))) {
                columns.add(name);
            }
        }
        String[][] names = new String[lags.length + 1][];
        names[0] = columns.toArray(String[]::new);
        for (int l = 0; l < lags.length; l++) {
            int lag = lags[l];
            names[l + 1] = columns.stream().map(c -> lagged(c, lag)).toArray(String[]::new);
        }
        return names;
    }

    private static RidgeVarModel read(CodedInputStream in) throws IOException {
        ModelDataProto metadata = ModelDataProto.getDefaultInstance();
        double[] lags = {};
        double[] coefficients = {};
        double[] scale = {};
        double threshold = Double.NaN;
        boolean ownLagsOnly = false;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag >>> 3) {
                case 1 -> metadata = ModelDataProto.parseFrom(in.readByteArray());
                case 2 -> lags = ModelForm.readPacked(in);
                case 3 -> coefficients = ModelForm.readPacked(in);
                case 4 -> scale = ModelForm.readPacked(in);
                case 5 -> threshold = in.readDouble();
                case 6 -> ownLagsOnly = in.readBool();
                default -> in.skipField(tag);
            }
        }
        ModelDataCarrier<?> carrier = ModelDataCarrier.deserialize(metadata);
        long expected = (long) lags.length * scale.length * (ownLagsOnly ? 1 : scale.length);
        boolean fits =
                coefficients.length == expected && carrier.featureDomain().size() == scale.length * (lags.length + 1);
        if (!fits || !(threshold > 0)) {
            throw new IllegalArgumentException("expected " + expected + " coefficients of " + scale.length
                    + " columns and " + lags.length + " lags but found " + coefficients.length + ", threshold "
                    + threshold);
        }
        return new RidgeVarModel(
                carrier.name(),
                carrier.provenance(),
                carrier.featureDomain(),
                ModelForm.outputs(carrier),
                Arrays.stream(lags).mapToInt(l -> (int) l).toArray(),
                coefficients,
                scale,
                threshold,
                ownLagsOnly);
    }
}
