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
    BIT_FLIP_JOURNAL,
    BIT_FLIP_SNAPSHOT,
    DRIFT,
    FALSE_LEAF,
    WIPED,
    INSTALLED,
    LEADER_CHANGE
}
