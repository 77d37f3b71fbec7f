package io.homeostat.detector.model;

import java.util.Arrays;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.Feature;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.anomaly.Event;

/** Examples as arrays by feature id. */
final class Rows {
    private Rows() {}

    /** Of a dataset; NaN where an example lacks the feature. */
    static double[][] of(Dataset<Event> examples, ImmutableFeatureMap features) {
        double[][] rows = new double[examples.size()][features.size()];
        for (int i = 0; i < rows.length; i++) {
            Arrays.fill(rows[i], Double.NaN);
            for (Feature feature : examples.getExample(i)) {
                rows[i][features.getID(feature.getName())] = feature.getValue();
            }
        }
        return rows;
    }

    /**
     * Of one example that is scored; features that the model does not know have no part in it.
     *
     * @param lacking stands where the example lacks a feature
     */
    static double[] of(Example<Event> example, ImmutableFeatureMap features, int size, double lacking) {
        double[] row = new double[size];
        Arrays.fill(row, lacking);
        for (Feature feature : example) {
            int id = features.getID(feature.getName());
            if (id >= 0) {
                row[id] = feature.getValue();
            }
        }
        return row;
    }
}
