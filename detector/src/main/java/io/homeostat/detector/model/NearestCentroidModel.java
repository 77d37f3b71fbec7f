package io.homeostat.detector.model;

import com.google.protobuf.Any;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.oracle.labs.mlrg.olcut.util.Pair;
import java.io.IOException;
import java.util.Arrays;
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
import org.tribuo.clustering.kmeans.KMeansModel;
import org.tribuo.impl.ModelDataCarrier;
import org.tribuo.math.la.DenseVector;
import org.tribuo.protos.core.ModelDataProto;
import org.tribuo.protos.core.ModelProto;
import org.tribuo.provenance.ModelProvenance;

/**
 * The score is the Euclidean distance to the nearest centroid of Tribuo's K-Means: normal work has some typical states, and
 * what is far from each of them is odd.
 *
 * <p>A feature that an example lacks counts as zero, the mean. Immutable but for Tribuo's name; thread-safe. Stored as
 * protobuf:
 *
 * <pre>
 * message NearestCentroidModel {
 *   tribuo.core.ModelDataProto metadata = 1;
 *   tribuo.core.ModelProto clusters = 2;  // Tribuo's KMeansModel
 *   double threshold = 3;
 * }
 * </pre>
 */
public final class NearestCentroidModel extends Model<Event> {
    private static final long serialVersionUID = 1L;
    private static final ModelForm FORM = new ModelForm(NearestCentroidModel.class, 1);

    private final KMeansModel clusters;
    private final double[][] centroids;
    private final double threshold;

    NearestCentroidModel(
            String name,
            ModelProvenance provenance,
            ImmutableFeatureMap features,
            ImmutableOutputInfo<Event> outputs,
            KMeansModel clusters,
            double threshold) {
        super(name, provenance, features, outputs, false);
        this.clusters = clusters;
        this.centroids = centroids(clusters);
        this.threshold = threshold;
    }

    /** Called by Tribuo, by name. */
    public static NearestCentroidModel deserializeFromProto(int version, String className, Any message)
            throws InvalidProtocolBufferException {
        return FORM.read(version, className, message, NearestCentroidModel::read);
    }

    @Override
    public ModelProto serialize() {
        return FORM.write(createDataCarrier(), out -> {
            out.writeMessage(2, clusters.serialize());
            out.writeDouble(3, threshold);
        });
    }

    @Override
    public Prediction<Event> predict(Example<Event> example) {
        return ModelForm.prediction(example, distance(values(example), centroids), threshold);
    }

    @Override
    public Map<String, List<Pair<String, Double>>> getTopFeatures(int n) {
        // A feature matters by its distance from the nearest centroid, see getExcuse.
        return Map.of();
    }

    @Override
    public Optional<Excuse<Event>> getExcuse(Example<Event> example) {
        double[] values = values(example);
        double[] nearest = nearest(values, centroids);
        return ModelForm.excuse(
                example,
                predict(example),
                values.length,
                j -> featureIDMap.get(j).getName(),
                j -> Math.abs(values[j] - nearest[j]));
    }

    @Override
    protected NearestCentroidModel copy(String newName, ModelProvenance newProvenance) {
        return new NearestCentroidModel(newName, newProvenance, featureIDMap, outputIDInfo, clusters, threshold);
    }

    /** One row each, by feature id: Tribuo numbers the features of both models by name. */
    static double[][] centroids(KMeansModel clusters) {
        return Arrays.stream(clusters.getCentroidVectors())
                .map(DenseVector::toArray)
                .toArray(double[][]::new);
    }

    static double distance(double[] values, double[][] centroids) {
        return Math.sqrt(square(values, nearest(values, centroids)));
    }

    private static double[] nearest(double[] values, double[][] centroids) {
        double[] nearest = centroids[0];
        double least = Double.POSITIVE_INFINITY;
        for (double[] centroid : centroids) {
            double square = square(values, centroid);
            if (square < least) {
                least = square;
                nearest = centroid;
            }
        }
        return nearest;
    }

    private static double square(double[] values, double[] centroid) {
        double square = 0;
        for (int j = 0; j < values.length; j++) {
            square += (values[j] - centroid[j]) * (values[j] - centroid[j]);
        }
        return square;
    }

    private double[] values(Example<Event> example) {
        return Rows.of(example, featureIDMap, featureIDMap.size(), 0);
    }

    private static NearestCentroidModel read(CodedInputStream in) throws IOException {
        ModelDataProto metadata = ModelDataProto.getDefaultInstance();
        ModelProto clusters = ModelProto.getDefaultInstance();
        double threshold = Double.NaN;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag >>> 3) {
                case 1 -> metadata = ModelDataProto.parseFrom(in.readByteArray());
                case 2 -> clusters = ModelProto.parseFrom(in.readByteArray());
                case 3 -> threshold = in.readDouble();
                default -> in.skipField(tag);
            }
        }
        ModelDataCarrier<?> carrier = ModelDataCarrier.deserialize(metadata);
        int size = carrier.featureDomain().size();
        boolean fits = Model.deserialize(clusters) instanceof KMeansModel found
                && Arrays.stream(centroids(found)).allMatch(c -> c.length == size)
                && threshold > 0;
        if (!fits) {
            throw new IllegalArgumentException(
                    "expected centroids of " + size + " features each and a threshold above 0 but found a "
                            + clusters.getClassName() + ", threshold " + threshold);
        }
        return new NearestCentroidModel(
                carrier.name(),
                carrier.provenance(),
                carrier.featureDomain(),
                ModelForm.outputs(carrier),
                (KMeansModel) Model.deserialize(clusters),
                threshold);
    }
}
