package io.homeostat.detector.model;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.tribuo.Dataset;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.MutableFeatureMap;
import org.tribuo.anomaly.Event;
import org.tribuo.math.la.DenseMatrix;
import org.tribuo.provenance.ModelProvenance;
import org.tribuo.provenance.TrainerProvenance;

/**
 * Fits a {@link RidgeVarModel} by the normal equations. The examples are rows of standardised columns in order of time;
 * a column that an example lacks counts as zero. Deterministic; not thread-safe.
 *
 * <p>Above {@code maxCrossColumns} columns each column is forecast from its own past only: the square of the columns no
 * longer fits the rows that a training window has.
 */
public final class RidgeVarTrainer extends EventTrainer {
    /** Rows of a lag's own start have no past; a fit needs some rows beyond them. */
    private static final int MIN_ROWS = 8;

    @Config(mandatory = true, description = "Rows to look back, rising, separated by commas.")
    private String lags = "";

    @Config(mandatory = true, description = "Ridge penalty as a part of the number of rows.")
    private double ridge;

    @Config(mandatory = true, description = "Above this many columns a column is forecast from its own past only.")
    private int maxCrossColumns;

    /** For Tribuo's configuration system. */
    @SuppressWarnings("unused")
    private RidgeVarTrainer() {}

    public RidgeVarTrainer(int[] lags, double ridge, int maxCrossColumns) {
        if (lags.length == 0 || lags[0] < 1 || IntStream.range(1, lags.length).anyMatch(i -> lags[i] <= lags[i - 1])) {
            throw new IllegalArgumentException("lags must rise from 1 but are " + Arrays.toString(lags));
        }
        if (!(ridge > 0)) {
            throw new IllegalArgumentException("ridge must be above 0 but is " + ridge);
        }
        this.lags = IntStream.of(lags).mapToObj(String::valueOf).collect(java.util.stream.Collectors.joining(","));
        this.ridge = ridge;
        this.maxCrossColumns = maxCrossColumns;
    }

    @Override
    public RidgeVarModel train(Dataset<Event> examples, Map<String, Provenance> runProvenance) {
        ImmutableFeatureMap columns = examples.getFeatureIDMap();
        double[][] rows = Rows.of(examples, columns);
        for (double[] row : rows) {
            for (int j = 0; j < row.length; j++) {
                row[j] = Double.isNaN(row[j]) ? 0 : row[j];
            }
        }
        return train(examples, runProvenance, columns, rows);
    }

    /** As {@link #train(Dataset, Map)}, with the rows of the examples already at hand. */
    RidgeVarModel train(
            Dataset<Event> examples,
            Map<String, Provenance> runProvenance,
            ImmutableFeatureMap columns,
            double[][] rows) {
        TrainerProvenance trainer = begin();
        int[] back =
                Arrays.stream(lags.split(",", -1)).mapToInt(Integer::parseInt).toArray();
        int first = back[back.length - 1];
        if (rows.length < first + MIN_ROWS) {
            throw new IllegalArgumentException("expected at least " + (first + MIN_ROWS) + " rows for a lag of " + first
                    + " but found " + rows.length);
        }
        int size = columns.size();
        boolean own = size > maxCrossColumns;
        double[] coefficients = own ? ownLags(rows, back, size) : allLags(rows, back, size);
        double[] scale = new double[size];
        double[] greatest = {0};
        double[][] residuals = residuals(rows, back, coefficients, own);
        for (int j = 0; j < size; j++) {
            int column = j;
            double square = Arrays.stream(residuals)
                    .mapToDouble(r -> Math.min(r[column] * r[column], 100))
                    .average()
                    .orElse(0);
            scale[j] = Math.max(Math.sqrt(square), 1e-3);
        }
        for (double[] residual : residuals) {
            double sum = 0;
            for (int j = 0; j < size; j++) {
                sum += residual[j] / scale[j] * (residual[j] / scale[j]);
            }
            greatest[0] = Math.max(greatest[0], Math.sqrt(sum / size));
        }
        MutableFeatureMap features = new MutableFeatureMap();
        for (int j = 0; j < size; j++) {
            String name = columns.get(j).getName();
            features.add(name, 1);
            for (int lag : back) {
                features.add(RidgeVarModel.lagged(name, lag), 1);
            }
        }
        ModelProvenance provenance = provenance(RidgeVarModel.class, examples, trainer, runProvenance);
        return new RidgeVarModel(
                "ridge-var",
                provenance,
                new ImmutableFeatureMap(features),
                examples.getOutputIDInfo(),
                back,
                coefficients,
                scale,
                Math.max(greatest[0], 1),
                own);
    }

    /** Residuals of all rows that have a whole past. */
    static double[][] residuals(double[][] rows, int[] back, double[] coefficients, boolean own) {
        int first = back[back.length - 1];
        double[][] residuals = new double[rows.length - first][rows[0].length];
        double[][] past = new double[back.length][];
        for (int t = first; t < rows.length; t++) {
            for (int l = 0; l < back.length; l++) {
                past[l] = rows[t - back[l]];
            }
            double[] residual = residuals[t - first];
            RidgeVarModel.forecast(back.length, coefficients, own, past, residual);
            for (int j = 0; j < residual.length; j++) {
                residual[j] = rows[t][j] - residual[j];
            }
        }
        return residuals;
    }

    private double[] allLags(double[][] rows, int[] back, int size) {
        int inputs = size * back.length;
        double[][] gram = new double[inputs][inputs];
        double[][] cross = new double[inputs][size];
        double[] x = new double[inputs];
        double[] y = new double[size];
        int first = back[back.length - 1];
        for (int t = first; t < rows.length; t++) {
            for (int l = 0; l < back.length; l++) {
                for (int j = 0; j < size; j++) {
                    x[l * size + j] = RidgeVarModel.clip(rows[t - back[l]][j]);
                }
            }
            for (int j = 0; j < size; j++) {
                y[j] = RidgeVarModel.clip(rows[t][j]);
            }
            accumulate(gram, cross, x, y);
        }
        for (int i = 0; i < inputs; i++) {
            for (int j = 0; j < i; j++) {
                gram[i][j] = gram[j][i];
            }
            gram[i][i] += ridge * (rows.length - first);
        }
        // Tribuo 4.3.2 solves square right-hand sides only, and silently wrong otherwise: so the inverse comes first.
        DenseMatrix solved = DenseMatrix.createDenseMatrix(gram)
                .choleskyFactorization()
                .orElseThrow(() -> new IllegalStateException(
                        "the normal equations of " + inputs + " inputs must be positive definite"))
                .solve(DenseMatrix.createIdentity(inputs))
                .matrixMultiply(DenseMatrix.createDenseMatrix(cross));
        double[] coefficients = new double[inputs * size];
        for (int i = 0; i < inputs; i++) {
            for (int j = 0; j < size; j++) {
                coefficients[i * size + j] = solved.get(i, j);
            }
        }
        return coefficients;
    }

    private static void accumulate(double[][] gram, double[][] cross, double[] x, double[] y) {
        for (int i = 0; i < x.length; i++) {
            double xi = x[i];
            if (xi == 0) {
                continue;
            }
            double[] row = gram[i];
            for (int j = i; j < x.length; j++) {
                row[j] += xi * x[j];
            }
            double[] into = cross[i];
            for (int j = 0; j < y.length; j++) {
                into[j] += xi * y[j];
            }
        }
    }

    private double[] ownLags(double[][] rows, int[] back, int size) {
        double[] coefficients = new double[back.length * size];
        double[][] single = new double[rows.length][1];
        for (int j = 0; j < size; j++) {
            for (int t = 0; t < rows.length; t++) {
                single[t][0] = rows[t][j];
            }
            double[] one = allLags(single, back, 1);
            for (int l = 0; l < back.length; l++) {
                coefficients[l * size + j] = one[l];
            }
        }
        return coefficients;
    }
}
