package io.homeostat.detector.model;

import com.google.protobuf.Any;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.oracle.labs.mlrg.olcut.util.Pair;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tribuo.Example;
import org.tribuo.Excuse;
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
 * Mahalanobis distance with a shrunk precision matrix. A feature that an example lacks counts as expected.
 *
 * <p>Immutable but for Tribuo's name; thread-safe. Stored as protobuf:
 *
 * <pre>
 * message ShrunkMahalanobisModel {
 *   tribuo.core.ModelDataProto metadata = 1;
 *   repeated double center = 2;     // packed, by feature id
 *   repeated double scale = 3;      // packed, by feature id
 *   repeated double precision = 4;  // packed, row by row
 *   double threshold = 5;
 * }
 * </pre>
 */
public final class ShrunkMahalanobisModel extends Model<Event> {
    private static final long serialVersionUID = 1L;
    private static final ModelForm FORM = new ModelForm(ShrunkMahalanobisModel.class, 1);
    /** Beyond this many scales a feature is as odd as it can be; keeps the score finite. */
    private static final double MAX_Z = 1_000;

    private final double[] center;
    private final double[] scale;
    private final double[] precision;
    private final double threshold;

    ShrunkMahalanobisModel(
            String name,
            ModelProvenance provenance,
            ImmutableFeatureMap features,
            ImmutableOutputInfo<Event> outputs,
            double[] center,
            double[] scale,
            double[] precision,
            double threshold) {
        super(name, provenance, features, outputs, false);
        this.center = center;
        this.scale = scale;
        this.precision = precision;
        this.threshold = threshold;
    }

    /** Called by Tribuo, by name. */
    public static ShrunkMahalanobisModel deserializeFromProto(int version, String className, Any message)
            throws InvalidProtocolBufferException {
        return FORM.read(version, className, message, ShrunkMahalanobisModel::read);
    }

    @Override
    public ModelProto serialize() {
        return FORM.write(createDataCarrier(), out -> {
            ModelForm.writePacked(out, 2, center);
            ModelForm.writePacked(out, 3, scale);
            ModelForm.writePacked(out, 4, precision);
            out.writeDouble(5, threshold);
        });
    }

    @Override
    public Prediction<Event> predict(Example<Event> example) {
        double score = distance(row(example), center, scale, precision);
        return ModelForm.prediction(example, score, threshold);
    }

    @Override
    public Map<String, List<Pair<String, Double>>> getTopFeatures(int n) {
        // The distance has no weights of its own: a feature matters by its deviation, see getExcuse.
        return Map.of();
    }

    @Override
    public Optional<Excuse<Event>> getExcuse(Example<Event> example) {
        double[] shares = shares(row(example), center);
        return ModelForm.excuse(
                example,
                predict(example),
                shares.length,
                j -> featureIDMap.get(j).getName(),
                j -> shares[j]);
    }

    @Override
    protected ShrunkMahalanobisModel copy(String newName, ModelProvenance newProvenance) {
        return new ShrunkMahalanobisModel(
                newName, newProvenance, featureIDMap, outputIDInfo, center, scale, precision, threshold);
    }

    double[] center() {
        return center.clone();
    }

    double[] scale() {
        return scale.clone();
    }

    double threshold() {
        return threshold;
    }

    /** Everything that a score depends on, for the model's identity. */
    List<Object> parameters() {
        List<String> names = new ArrayList<>();
        for (int j = 0; j < center.length; j++) {
            names.add(featureIDMap.get(j).getName());
        }
        return List.of(names, center, scale, precision, threshold);
    }

    double score(double[] row, double[] movedCenter) {
        return distance(row, movedCenter, scale, precision);
    }

    /** Part of each feature in the squared distance; what pulls the distance down counts as zero. */
    double[] shares(double[] row, double[] movedCenter) {
        double[] z = scaled(row, movedCenter, scale, MAX_Z);
        double[] shares = new double[z.length];
        double sum = 0;
        for (int i = 0; i < z.length; i++) {
            shares[i] = Math.max(0, z[i] * product(i, z, precision));
            sum += shares[i];
        }
        for (int i = 0; i < z.length; i++) {
            shares[i] = sum == 0 ? 0 : shares[i] / sum;
        }
        return shares;
    }

    static double distance(double[] row, double[] center, double[] scale, double[] precision) {
        double[] z = scaled(row, center, scale, MAX_Z);
        double sum = 0;
        for (int i = 0; i < z.length; i++) {
            sum += z[i] * product(i, z, precision);
        }
        return Math.sqrt(Math.max(0, sum));
    }

    static double[] scaled(double[] row, double[] center, double[] scale, double bound) {
        double[] z = new double[row.length];
        for (int i = 0; i < row.length; i++) {
            z[i] = Double.isNaN(row[i]) ? 0 : Math.max(-bound, Math.min(bound, (row[i] - center[i]) / scale[i]));
        }
        return z;
    }

    private static double product(int i, double[] z, double[] precision) {
        double sum = 0;
        for (int j = 0; j < z.length; j++) {
            sum += precision[i * z.length + j] * z[j];
        }
        return sum;
    }

    private double[] row(Example<Event> example) {
        return Rows.of(example, featureIDMap, center.length, Double.NaN);
    }

    private static ShrunkMahalanobisModel read(CodedInputStream in) throws IOException {
        ModelDataProto metadata = ModelDataProto.getDefaultInstance();
        double[] center = {};
        double[] scale = {};
        double[] precision = {};
        double threshold = Double.NaN;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag >>> 3) {
                case 1 -> metadata = ModelDataProto.parseFrom(in.readByteArray());
                case 2 -> center = ModelForm.readPacked(in);
                case 3 -> scale = ModelForm.readPacked(in);
                case 4 -> precision = ModelForm.readPacked(in);
                case 5 -> threshold = in.readDouble();
                default -> in.skipField(tag);
            }
        }
        ModelDataCarrier<?> carrier = ModelDataCarrier.deserialize(metadata);
        int size = carrier.featureDomain().size();
        boolean fits = center.length == size && scale.length == size && precision.length == size * size;
        if (!fits || !(threshold > 0)) {
            throw new IllegalArgumentException("expected " + size + " features but found " + center.length
                    + " centres, " + scale.length + " scales, " + precision.length + " precisions, threshold "
                    + threshold);
        }
        return new ShrunkMahalanobisModel(
                carrier.name(),
                carrier.provenance(),
                carrier.featureDomain(),
                ModelForm.outputs(carrier),
                center,
                scale,
                precision,
                threshold);
    }
}
