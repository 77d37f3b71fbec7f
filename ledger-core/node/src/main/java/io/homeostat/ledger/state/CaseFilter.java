package io.homeostat.ledger.state;

/** Which cases a list holds. */
public enum CaseFilter {
    OPEN,
    DECIDED,
    ALL
}
