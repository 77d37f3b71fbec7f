package io.homeostat.ledger.simulation;

/** Faults that a seed can meet. */
enum Fault {
    DROPPED,
    REPEATED,
    LATE,
    CUT,
    ONE_WAY_CUT,
    KILL,
    POWER_CUT,
    ALL_POWER_CUT,
    CRASH_IN_SNAPSHOT,
    CLOCK_JUMP,
    /** A leader was asked to write and did not, because of its clock. */
    CLOCK_REFUSED,
    BIT_FLIP_JOURNAL,
    BIT_FLIP_SNAPSHOT,
    DRIFT,
    FALSE_LEAF,
    WIPED,
    INSTALLED,
    /** A snapshot was written of a state whose older transfers are not in memory. */
    OLD_ON_DISK,
    LEADER_CHANGE
}
