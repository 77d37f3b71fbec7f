package io.homeostat.detector.model;

import com.google.protobuf.Any;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.oracle.labs.mlrg.olcut.util.Pair;
import java.io.IOException;
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
 * Principal components: the score is the root of the squared prediction error, the part of an example that lies outside
 * the subspace in which training moved (Jackson and Mudholkar 1979). The examples of {@link StreamModel} hold the newest
 * rows as one window, so that a wrong order of right values is outside too.
 *
 * <p>A feature that an example lacks counts as zero, the mean. Immutable but for Tribuo's name; thread-safe. Stored as
 * protobuf:
 *
 * <pre>
 * message SubspaceModel {
 *   tribuo.core.ModelDataProto metadata = 1;
 *   repeated double components = 2;  // packed, orthonormal, one after the other, by feature id
 *   double threshold = 3;
 * }
 * </pre>
 */
public final class SubspaceModel extends Model<Event> {
    private static final long serialVersionUID = 1L;
    private static final ModelForm FORM = new ModelForm(SubspaceModel.class, 1);

    private final double[] components;
    private final double threshold;

    SubspaceModel(
            String name,
            ModelProvenance provenance,
            ImmutableFeatureMap features,
            ImmutableOutputInfo<Event> outputs,
            double[] components,
            double threshold) {
        super(name, provenance, features, outputs, false);
        this.components = components;
        this.threshold = threshold;
    }

    /** Called by Tribuo, by name. */
    public static SubspaceModel deserializeFromProto(int version, String className, Any message)
            throws InvalidProtocolBufferException {
        return FORM.read(version, className, message, SubspaceModel::read);
    }

    @Override
    public ModelProto serialize() {
        return FORM.write(createDataCarrier(), out -> {
            ModelForm.writePacked(out, 2, components);
            out.writeDouble(3, threshold);
        });
    }

    @Override
    public Prediction<Event> predict(Example<Event> example) {
        double score = distance(values(example), components);
        return ModelForm.prediction(example, score, threshold);
    }

    @Override
    public Map<String, List<Pair<String, Double>>> getTopFeatures(int n) {
        // A subspace has no ranking of its own: a feature matters by what is left of it, see getExcuse.
        return Map.of();
    }

    @Override
    public Optional<Excuse<Event>> getExcuse(Example<Event> example) {
        double[] rest = rest(values(example), components);
        return ModelForm.excuse(
                example, predict(example), rest.length, j -> featureIDMap.get(j).getName(), j -> Math.abs(rest[j]));
    }

    @Override
    protected SubspaceModel copy(String newName, ModelProvenance newProvenance) {
        return new SubspaceModel(newName, newProvenance, featureIDMap, outputIDInfo, components, threshold);
    }

    static double distance(double[] values, double[] components) {
        double sum = 0;
        for (double value : rest(values, components)) {
            sum += value * value;
        }
        return Math.sqrt(sum);
    }

    /** What is left of the values outside the subspace. */
    private static double[] rest(double[] values, double[] components) {
        double[] rest = values.clone();
        for (int c = 0; c < components.length; c += values.length) {
            double along = 0;
            for (int j = 0; j < values.length; j++) {
                along += values[j] * components[c + j];
            }
            for (int j = 0; j < values.length; j++) {
                rest[j] -= along * components[c + j];
            }
        }
        return rest;
    }

    private double[] values(Example<Event> example) {
        return Rows.of(example, featureIDMap, featureIDMap.size(), 0);
    }

    private static SubspaceModel read(CodedInputStream in) throws IOException {
        ModelDataProto metadata = ModelDataProto.getDefaultInstance();
        double[] components = {};
        double threshold = Double.NaN;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag >>> 3) {
                case 1 -> metadata = ModelDataProto.parseFrom(in.readByteArray());
                case 2 -> components = ModelForm.readPacked(in);
                case 3 -> threshold = in.readDouble();
                default -> in.skipField(tag);
            }
        }
        ModelDataCarrier<?> carrier = ModelDataCarrier.deserialize(metadata);
        int size = carrier.featureDomain().size();
        if (components.length % size != 0 || components.length / size > size || !(threshold > 0)) {
            throw new IllegalArgumentException("expected components of " + size + " features each but found "
                    + components.length + " numbers, threshold " + threshold);
        }
        return new SubspaceModel(
                carrier.name(),
                carrier.provenance(),
                carrier.featureDomain(),
                ModelForm.outputs(carrier),
                components,
                threshold);
    }
}
