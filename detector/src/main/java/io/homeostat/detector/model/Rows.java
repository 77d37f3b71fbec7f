package io.homeostat.detector.model;

import java.util.Arrays;
import org.tribuo.Dataset;
import org.tribuo.Feature;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.anomaly.Event;

/** The examples of a dataset as arrays by feature id; NaN where an example lacks the feature. */
final class Rows {
    private Rows() {}

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
}
