package io.homeostat.detector.model;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import java.util.Map;
import org.tribuo.Dataset;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.anomaly.Event;
import org.tribuo.math.la.DenseMatrix;
import org.tribuo.provenance.TrainerProvenance;

/**
 * Fits a {@link SubspaceModel}: the fewest principal components of the second moments that hold a given part of the
 * movement. The examples are standardised, zero is the mean. Deterministic; not thread-safe.
 */
public final class SubspaceTrainer extends EventTrainer {
    /** Values beyond so many spreads do not turn the components: a training may hold a fault. */
    private static final double WINSOR = 5;

    @Config(mandatory = true, description = "Part of the movement that the subspace holds, in (0, 1).")
    private double part;

    /** For Tribuo's configuration system. */
    @SuppressWarnings("unused")
    private SubspaceTrainer() {}

    public SubspaceTrainer(double part) {
        if (!(part > 0 && part < 1)) {
            throw new IllegalArgumentException("part must lie in (0, 1) but is " + part);
        }
        this.part = part;
    }

    @Override
    public SubspaceModel train(Dataset<Event> examples, Map<String, Provenance> runProvenance) {
        TrainerProvenance trainer = begin();
        ImmutableFeatureMap features = examples.getFeatureIDMap();
        double[][] rows = Rows.of(examples, features);
        double[] components = components(moments(rows, features.size()));
        double greatest = 0;
        for (double[] row : rows) {
            greatest = Math.max(greatest, SubspaceModel.distance(row, components));
        }
        return new SubspaceModel(
                "subspace",
                provenance(SubspaceModel.class, examples, trainer, runProvenance),
                features,
                examples.getOutputIDInfo(),
                components,
                Math.max(greatest, 1));
    }

    /** Second moments of the clipped rows; a value that lacks becomes zero, in {@code rows} too. */
    private static double[][] moments(double[][] rows, int size) {
        double[][] moments = new double[size][size];
        double[] clipped = new double[size];
        for (double[] row : rows) {
            for (int j = 0; j < size; j++) {
                row[j] = Double.isNaN(row[j]) ? 0 : row[j];
                clipped[j] = Math.max(-WINSOR, Math.min(WINSOR, row[j]));
            }
            for (int i = 0; i < size; i++) {
                for (int j = i; j < size; j++) {
                    moments[i][j] += clipped[i] * clipped[j];
                }
            }
        }
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < i; j++) {
                moments[i][j] = moments[j][i];
            }
        }
        return moments;
    }

    private double[] components(double[][] moments) {
        int size = moments.length;
        double whole = 0;
        for (int i = 0; i < size; i++) {
            whole += moments[i][i];
        }
        if (whole == 0) {
            return new double[0];
        }
        DenseMatrix.EigenDecomposition found = DenseMatrix.createDenseMatrix(moments)
                .eigenDecomposition()
                .orElseThrow(() ->
                        new IllegalStateException("the moments of " + size + " features must have real eigenvalues"));
        // Tribuo sorts the eigenvalues from the greatest down.
        int kept = 0;
        double held = 0;
        while (kept < size && held < part * whole) {
            held += found.eigenvalues().get(kept++);
        }
        double[] components = new double[kept * size];
        for (int c = 0; c < kept; c++) {
            for (int j = 0; j < size; j++) {
                components[c * size + j] = found.getEigenVector(c).get(j);
            }
        }
        return components;
    }
}
