package io.homeostat.detector.replay;

import java.time.Instant;
import java.util.List;

/**
 * What past alerts would have been, had a rule always been in force.
 *
 * @param rows one for each alert that is kept, by time
 * @param faultsMissed labelled faults whose alerts would all have been suppressed
 * @param faults labelled faults that had an alert
 */
public record BackTestReport(List<Row> rows, List<String> faultsMissed, int faults) {
    public BackTestReport {
        rows = List.copyOf(rows);
        faultsMissed = List.copyOf(faultsMissed);
    }

    /** What becomes of an alert. */
    public enum Outcome {
        /** Raised all the same. */
        KEPT,
        /** Not raised. */
        SUPPRESSED,
        /** Held back by maintenance, and raised at its end if it lasts. */
        HELD,
        /** Its evidence has expired or was changed: nobody can say. */
        UNKNOWN
    }

    /**
     * One past alert.
     *
     * @param detail the signal that leads it then, or why nothing can be said
     */
    public record Row(
            String alert, Instant at, String node, String cause, String signal, Outcome outcome, String detail) {}

    public long count(Outcome outcome) {
        return rows.stream().filter(row -> row.outcome() == outcome).count();
    }
}
