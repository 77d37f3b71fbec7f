package io.homeostat.detector.signal;

import io.homeostat.events.Direction;
import java.io.Serializable;
import java.util.List;

/**
 * A fixed bound on one signal: hard evidence that needs no baseline.
 *
 * @param side on which side of {@code bound} the rule fires
 * @param windows consecutive windows with the signal present before the rule counts
 * @param early true to judge each export at once instead of at the end of its window
 * @param startGrace true when the rule rests while the node starts again after its process had ended
 * @param when further conditions, all of which must hold
 */
public record Rule(Direction side, double bound, int windows, boolean early, boolean startGrace, List<Condition> when)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    public Rule {
        if (side == Direction.ABSENT) {
            throw new IllegalArgumentException("a rule's side must be ABOVE or BELOW but is ABSENT");
        }
        if (windows < 1) {
            throw new IllegalArgumentException("a rule's windows must be at least 1 but is " + windows);
        }
        if (early && windows != 1) {
            throw new IllegalArgumentException("an early rule must have windows = 1 but has " + windows);
        }
        when = List.copyOf(when);
    }

    public boolean violatedBy(double value) {
        return side == Direction.ABOVE ? value > bound : value < bound;
    }

    /** The rule in words: its SHA-256 is the provenance of an anomaly that the rule raised. */
    public String text(String signal) {
        StringBuilder text = new StringBuilder("rule v1: " + signal + " " + side + " " + bound + " for " + windows
                + " windows" + (early ? ", early" : "") + (startGrace ? ", not while starting" : ""));
        for (Condition condition : when) {
            text.append(", when ")
                    .append(condition.signal())
                    .append(' ')
                    .append(condition.side())
                    .append(' ')
                    .append(condition.bound());
        }
        return text.toString();
    }

    /** Another signal of the same node must lie on {@code side} of {@code bound}; a signal never seen does not. */
    public record Condition(String signal, Direction side, double bound) implements Serializable {
        private static final long serialVersionUID = 1L;

        public boolean holdsFor(double value) {
            return side == Direction.ABOVE ? value > bound : value < bound;
        }
    }
}
