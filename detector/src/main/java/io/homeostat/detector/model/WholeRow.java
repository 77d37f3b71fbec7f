package io.homeostat.detector.model;

import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import java.util.Map;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Trainer;
import org.tribuo.anomaly.AnomalyFactory;
import org.tribuo.anomaly.Event;
import org.tribuo.anomaly.libsvm.LibSVMAnomalyTrainer;
import org.tribuo.anomaly.libsvm.SVMAnomalyType;
import org.tribuo.common.libsvm.KernelType;
import org.tribuo.common.libsvm.LibSVMModel;
import org.tribuo.common.libsvm.SVMParameters;
import org.tribuo.impl.ArrayExample;

/**
 * The members of {@link StreamModel} that score a row as a whole, each a Tribuo model over examples made of residuals.
 * Stateless.
 */
final class WholeRow {
    /** Rows of the window whose components {@link Members#PCA} knows. */
    private static final int WINDOW = 3;
    /** Above this many columns the window is one row: its square must fit the rows that a training has. */
    private static final int MAX_WINDOW_COLUMNS = 100;
    /** Rows that the one-class SVM learns from, evenly spaced: its time grows with their square. */
    private static final int SVM_ROWS = 2_000;

    private WholeRow() {}

    /** Trains the member's model, on the rows as residuals from the adaptive mean. */
    static Model<Event> train(
            Members member,
            double[][] residuals,
            RidgeVarModel near,
            Dataset<Event> source,
            Map<String, Provenance> run) {
        int step = member == Members.SVM ? 1 + residuals.length / SVM_ROWS : 1;
        MutableDataset<Event> data = new MutableDataset<>(source.getSourceProvenance(), new AnomalyFactory());
        double[] error = new double[residuals[0].length];
        for (int t = 0; t < residuals.length; t += step) {
            near.residual(residuals[t], StreamTrainer.past(residuals, t, near.lags()), error);
            data.add(
                    example(member, residuals[t], StreamTrainer.past(residuals, t, lags(member, error.length)), error));
        }
        return trainer(member, residuals[0].length).train(data, run);
    }

    /** Rows behind the newest one that a member looks at, beside those of the autoregression. */
    static int[] lags(Members member, int columns) {
        if (member != Members.PCA || columns > MAX_WINDOW_COLUMNS) {
            return new int[0];
        }
        return java.util.stream.IntStream.range(1, WINDOW).toArray();
    }

    /** Higher is odder, never below zero but for the SVM. */
    static double score(Model<Event> model, Members member, double[] residual, double[][] past, double[] nearError) {
        double score = model.predict(example(member, residual, past, nearError))
                .getOutput()
                .getScore();
        // LibSVM's decision falls below zero outside of what it knows.
        return model instanceof LibSVMModel ? Math.exp(-score) : score;
    }

    private static ArrayExample<Event> example(Members member, double[] residual, double[][] past, double[] nearError) {
        double[] now = member == Members.VAR ? nearError : residual;
        String[] names = new String[now.length * (1 + past.length)];
        double[] values = new double[names.length];
        for (int l = 0; l <= past.length; l++) {
            for (int j = 0; j < now.length; j++) {
                String column = StreamTrainer.name(j);
                names[l * now.length + j] = l == 0 ? column : RidgeVarModel.lagged(column, l);
                values[l * now.length + j] = l == 0 ? now[j] : past[l - 1][j];
            }
        }
        return new ArrayExample<>(AnomalyFactory.EXPECTED_EVENT, names, values);
    }

    private static Trainer<Event> trainer(Members member, int columns) {
        return switch (member) {
            case MAHALANOBIS, VAR -> new ShrunkMahalanobisTrainer(0.05, 0.05, 0.05, 1.5);
            case PCA -> new SubspaceTrainer(0.9);
            case KMEANS -> new NearestCentroidTrainer(10);
            case SVM -> {
                SVMParameters<Event> parameters =
                        new SVMParameters<>(new SVMAnomalyType(SVMAnomalyType.SVMMode.ONE_CLASS), KernelType.RBF);
                parameters.setNu(0.05);
                parameters.setGamma(1.0 / columns);
                // LibSVM tells its progress on standard output, which belongs to the command's JSON.
                libsvm.svm.svm_set_print_string_function(line -> {});
                yield new LibSVMAnomalyTrainer(parameters);
            }
            case BOTH, UNWEIGHTED, UNHELD, FORECAST, INNOVATION ->
                throw new IllegalArgumentException(member + " scores column by column");
        };
    }
}
