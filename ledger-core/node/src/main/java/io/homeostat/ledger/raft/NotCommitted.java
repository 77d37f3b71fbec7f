package io.homeostat.ledger.raft;

/** Why commands have no outcome. Only {@link Kind#UNKNOWN} leaves open whether they were, or will be, applied. */
public final class NotCommitted extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What the caller may conclude. */
    public enum Kind {
        /** This node does not lead, or no leader is known: nothing was written. */
        NO_LEADER,
        /** The queue is full: nothing was written. */
        OVERLOADED,
        /** The disk of the leader has too little free space: nothing was written. */
        STORAGE_FULL,
        /** The leader's clock is too far from those of the majority: nothing was written. */
        CLOCK_SKEW,
        /** The entry was handed to the log, and no answer came: it may be applied yet. */
        UNKNOWN,
        /** A read could not be confirmed by a quorum. */
        NO_QUORUM,
        /** A guard or the Raft group refused a change of members or leadership. */
        REFUSED
    }

    private final Kind kind;
    private final String reason;

    public NotCommitted(Kind kind, String detail) {
        this(kind, kind.name().toLowerCase(java.util.Locale.ROOT), detail);
    }

    public NotCommitted(Kind kind, String reason, String detail) {
        super(detail, null, false, false);
        this.kind = kind;
        this.reason = reason;
    }

    public Kind kind() {
        return kind;
    }

    /** Slug, for example {@code quorum_at_risk}. */
    public String reason() {
        return reason;
    }

    public String detail() {
        String message = getMessage();
        return message == null ? reason : message;
    }
}
