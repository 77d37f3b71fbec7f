package io.homeostat.deploy.chaos;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Area under the precision-recall curve as average precision: the mean over positives of the precision at their score. Equal
 * scores are one threshold, so that their order does not matter. Used by one thread.
 */
final class AveragePrecision {
    private record Point(double score, boolean positive) {}

    private final List<Point> points = new ArrayList<>();
    private int positives;

    void add(double score, boolean positive) {
        points.add(new Point(score, positive));
        positives += positive ? 1 : 0;
    }

    int size() {
        return points.size();
    }

    /** What a detector that knows nothing would get. */
    double prevalence() {
        return points.isEmpty() ? Double.NaN : (double) positives / points.size();
    }

    /** NaN without a positive. */
    double value() {
        List<Point> sorted = new ArrayList<>(points);
        sorted.sort(Comparator.comparingDouble((Point p) -> -p.score()));
        double sum = 0;
        int found = 0;
        int i = 0;
        while (i < sorted.size()) {
            int equal = i;
            int more = 0;
            while (equal < sorted.size()
                    && sorted.get(equal).score() == sorted.get(i).score()) {
                more += sorted.get(equal).positive() ? 1 : 0;
                equal++;
            }
            found += more;
            sum += more * (double) found / equal;
            i = equal;
        }
        return positives == 0 ? Double.NaN : sum / positives;
    }
}
