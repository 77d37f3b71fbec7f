package io.homeostat.healer.guard;

/** Whether an action may be done; {@code words} says why not, empty when it may. */
public record GuardVerdict(Reason reason, String words) {
    /** Order is precedence. */
    public enum Reason {
        ALLOWED,
        NODE_UNKNOWN,
        MAJORITY_AT_RISK,
        LAST_VERIFIED_COPY,
        NO_VERIFIED_SOURCE
    }

    public boolean allowed() {
        return reason == Reason.ALLOWED;
    }
}
