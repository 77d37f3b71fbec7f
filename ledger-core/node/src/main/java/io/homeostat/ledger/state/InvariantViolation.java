package io.homeostat.ledger.state;

/** Something that must always hold does not: a bug, damaged memory or a false file. Nobody handles it: the node stops. */
public final class InvariantViolation extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public InvariantViolation(String message) {
        super(message);
    }

    public InvariantViolation(String message, Throwable cause) {
        super(message, cause);
    }
}
