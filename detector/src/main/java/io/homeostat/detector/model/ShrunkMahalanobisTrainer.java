package io.homeostat.detector.model;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.tribuo.Dataset;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.anomaly.Event;
import org.tribuo.math.la.DenseMatrix;
import org.tribuo.provenance.ModelProvenance;
import org.tribuo.provenance.TrainerProvenance;

/**
 * Trains {@link ShrunkMahalanobisModel}: robust centre and scale per feature, and a correlation matrix that is shrunk
 * towards the identity, because a live baseline has few windows (Ledoit and Wolf, 2004, with a fixed intensity).
 *
 * <p>The newest part of the data is held back from the fit; the threshold lies above the greatest score there. By
 * exchangeability a clean window exceeds the greatest of m held-back scores with probability 1/(m + 1) at most; the
 * margin lowers that further. Deterministic; not thread-safe.
 */
public final class ShrunkMahalanobisTrainer extends EventTrainer {
    private static final double MAD_TO_SIGMA = 1.4826;
    /** Windows beyond this many scales do not shape the correlations: a baseline may hold a hiccup. */
    private static final double WINSOR = 5;

    @Config(mandatory = true, description = "Weight of the identity in the correlation matrix, in (0, 1].")
    private double shrinkage;

    @Config(mandatory = true, description = "Least scale of a feature: smaller differences do not matter.")
    private double scaleFloor;

    @Config(mandatory = true, description = "Newest part of the data that is held back to calibrate the threshold.")
    private double holdBack;

    @Config(mandatory = true, description = "Threshold over the greatest held-back score.")
    private double margin;

    /** For Tribuo's configuration system. */
    @SuppressWarnings("unused")
    private ShrunkMahalanobisTrainer() {}

    public ShrunkMahalanobisTrainer(double shrinkage, double scaleFloor, double holdBack, double margin) {
        if (!(shrinkage > 0 && shrinkage <= 1)) {
            throw new IllegalArgumentException("shrinkage must lie in (0, 1] but is " + shrinkage);
        }
        if (!(scaleFloor > 0)) {
            throw new IllegalArgumentException("scaleFloor must be above 0 but is " + scaleFloor);
        }
        if (!(holdBack > 0 && holdBack < 1)) {
            throw new IllegalArgumentException("holdBack must lie in (0, 1) but is " + holdBack);
        }
        if (!(margin >= 1)) {
            throw new IllegalArgumentException("margin must be at least 1 but is " + margin);
        }
        this.shrinkage = shrinkage;
        this.scaleFloor = scaleFloor;
        this.holdBack = holdBack;
        this.margin = margin;
    }

    /**
     * A third of the weight on the identity, because 60 windows hardly know 100 correlations; 0.3 is the scale floor of
     * the peer comparison; a third held back; half as much again as the worst clean window.
     */
    static ShrunkMahalanobisTrainer standard() {
        return new ShrunkMahalanobisTrainer(0.33, 0.3, 1.0 / 3, 1.5);
    }

    /** The newest windows, to which a model is not fitted. */
    <T> List<T> heldBack(List<T> windows) {
        return windows.subList(windows.size() - held(windows.size()), windows.size());
    }

    private int held(int windows) {
        return Math.max(1, (int) (windows * holdBack));
    }

    @Override
    public ShrunkMahalanobisModel train(Dataset<Event> examples, Map<String, Provenance> runProvenance) {
        TrainerProvenance trainer = begin();
        ImmutableFeatureMap features = examples.getFeatureIDMap();
        double[][] rows = Rows.of(examples, features);
        int held = held(rows.length);
        int fitted = rows.length - held;
        if (fitted < 2) {
            throw new IllegalArgumentException(
                    "expected at least 3 baseline windows to train on but found " + rows.length);
        }
        double[][] fit = Arrays.copyOf(rows, fitted);
        int size = features.size();
        double[] center = new double[size];
        double[] scale = new double[size];
        for (int j = 0; j < size; j++) {
            fitFeature(fit, j, center, scale);
        }
        double[] precision = precision(fit, center, scale);
        ModelProvenance provenance = provenance(ShrunkMahalanobisModel.class, examples, trainer, runProvenance);
        double greatest = 0;
        for (int i = fitted; i < rows.length; i++) {
            greatest = Math.max(greatest, ShrunkMahalanobisModel.distance(rows[i], center, scale, precision));
        }
        // sqrt(d) + 3 bounds the length of a standard normal vector of d features but for one in 100,000.
        double threshold = Math.max(margin * greatest, Math.sqrt(size) + 3);
        return new ShrunkMahalanobisModel(
                "shrunk-mahalanobis",
                provenance,
                features,
                examples.getOutputIDInfo(),
                center,
                scale,
                precision,
                threshold);
    }

    private void fitFeature(double[][] fit, int j, double[] center, double[] scale) {
        double[] values = Arrays.stream(fit)
                .mapToDouble(row -> row[j])
                .filter(v -> !Double.isNaN(v))
                .sorted()
                .toArray();
        if (values.length == 0) {
            scale[j] = scaleFloor;
            return;
        }
        double median = median(values);
        double mad = median(
                Arrays.stream(values).map(v -> Math.abs(v - median)).sorted().toArray());
        double variance = Arrays.stream(values)
                .map(v -> (v - median) * (v - median))
                .average()
                .orElse(0);
        center[j] = median;
        // Leader and followers make two heaps: MAD sees one of them only, so the standard deviation counts too.
        scale[j] = Math.max(scaleFloor, Math.max(MAD_TO_SIGMA * mad, Math.sqrt(variance)));
    }

    /** Inverse of the shrunk second-moment matrix of the scaled and clipped rows, row by row. */
    private double[] precision(double[][] fit, double[] center, double[] scale) {
        int size = center.length;
        DenseMatrix moments = new DenseMatrix(size, size);
        for (double[] row : fit) {
            double[] z = ShrunkMahalanobisModel.scaled(row, center, scale, WINSOR);
            for (int i = 0; i < size; i++) {
                for (int j = 0; j < size; j++) {
                    moments.set(i, j, moments.get(i, j) + z[i] * z[j] / fit.length);
                }
            }
        }
        DenseMatrix identity = DenseMatrix.createIdentity(size);
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                double shrunk = (1 - shrinkage) * moments.get(i, j);
                // A quiet feature keeps a variance of one: quiet is no reason to shout at its first move.
                moments.set(i, j, i == j ? Math.max(shrunk + shrinkage, 1) : shrunk);
            }
        }
        DenseMatrix inverse = moments.choleskyFactorization()
                .orElseThrow(() -> new IllegalStateException(
                        "the shrunk correlation matrix of " + size + " features must be positive definite"))
                .solve(identity);
        double[] precision = new double[size * size];
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                precision[i * size + j] = inverse.get(i, j);
            }
        }
        return precision;
    }

    private static double median(double[] sorted) {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
