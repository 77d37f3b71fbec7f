package io.homeostat.healer.act;

/** The world failed while acting: unreachable, too slow, or an answer that is not in the contract. */
public final class ActFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Whether trying again may help. */
    public enum Kind {
        RETRYABLE,
        PERMANENT
    }

    private final Kind kind;

    public ActFault(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public ActFault(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
