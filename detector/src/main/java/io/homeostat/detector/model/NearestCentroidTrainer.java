package io.homeostat.detector.model;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.tribuo.Dataset;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.MutableDataset;
import org.tribuo.anomaly.Event;
import org.tribuo.clustering.ClusterID;
import org.tribuo.clustering.ClusteringFactory;
import org.tribuo.clustering.kmeans.KMeansModel;
import org.tribuo.clustering.kmeans.KMeansTrainer;
import org.tribuo.impl.ArrayExample;
import org.tribuo.math.distance.DistanceType;
import org.tribuo.provenance.TrainerProvenance;

/**
 * Fits a {@link NearestCentroidModel} with Tribuo's K-Means (Lloyd, started by k-means++). The examples are standardised; a
 * value that lacks counts as zero. One thread and a fixed seed: equal examples give equal centroids. Not thread-safe.
 */
public final class NearestCentroidTrainer extends EventTrainer {
    /** Far below the rounds that Lloyd's algorithm may take, far above those that still move a score. */
    private static final int ROUNDS = 20;
    /** Values beyond so many spreads do not draw a centroid to them: a training may hold a fault. */
    private static final double WINSOR = 5;

    private static final long SEED = 1;
    /** Tells each of its rounds at INFO; held here because a logger that nobody holds forgets its level. */
    private static final Logger ROUNDS_LOG = Logger.getLogger(KMeansTrainer.class.getName());

    @Config(mandatory = true, description = "Centroids, fewer when the training has fewer rows.")
    private int centroids;

    /** For Tribuo's configuration system. */
    @SuppressWarnings("unused")
    private NearestCentroidTrainer() {}

    public NearestCentroidTrainer(int centroids) {
        if (centroids < 1 || centroids > 1_000) {
            throw new IllegalArgumentException("centroids must lie in 1 to 1000 but are " + centroids);
        }
        this.centroids = centroids;
    }

    @Override
    public NearestCentroidModel train(Dataset<Event> examples, Map<String, Provenance> runProvenance) {
        TrainerProvenance trainer = begin();
        ImmutableFeatureMap features = examples.getFeatureIDMap();
        double[][] rows = Rows.of(examples, features);
        MutableDataset<ClusterID> points =
                new MutableDataset<>(examples.getSourceProvenance(), new ClusteringFactory());
        String[] names = new String[features.size()];
        for (int j = 0; j < names.length; j++) {
            names[j] = features.get(j).getName();
        }
        for (double[] row : rows) {
            for (int j = 0; j < row.length; j++) {
                row[j] = Double.isNaN(row[j]) ? 0 : Math.max(-WINSOR, Math.min(WINSOR, row[j]));
            }
            points.add(new ArrayExample<>(ClusteringFactory.UNASSIGNED_CLUSTER_ID, names, row));
        }
        ROUNDS_LOG.setLevel(Level.WARNING);
        KMeansModel clusters = new KMeansTrainer(
                        distinct(rows),
                        ROUNDS,
                        DistanceType.L2.getDistance(),
                        KMeansTrainer.Initialisation.PLUSPLUS,
                        1,
                        SEED)
                .train(points, runProvenance);
        double[][] found = NearestCentroidModel.centroids(clusters);
        double greatest = 0;
        for (double[] row : rows) {
            greatest = Math.max(greatest, NearestCentroidModel.distance(row, found));
        }
        return new NearestCentroidModel(
                "nearest-centroid",
                provenance(NearestCentroidModel.class, examples, trainer, runProvenance),
                features,
                examples.getOutputIDInfo(),
                clusters,
                Math.max(greatest, 1));
    }

    /** Centroids to look for: k-means++ draws each from what is left of the others, so it takes as many different rows. */
    private int distinct(double[][] rows) {
        Set<List<Double>> seen = new HashSet<>();
        for (double[] row : rows) {
            seen.add(Arrays.stream(row).boxed().toList());
            if (seen.size() >= centroids) {
                break;
            }
        }
        return seen.size();
    }
}
