package io.homeostat.healer.breaker;

/** What can move a breaker. */
public enum BreakerSignal {
    /** Soft evidence: observe. */
    WARNING,
    /** Hard evidence: isolate. */
    CRITICAL,
    /** The node takes part again, on trial. */
    READMITTED,
    /** Quiet windows and an equal digest. */
    VERIFIED,
    /** The observed anomaly went away by itself. */
    QUIET
}
