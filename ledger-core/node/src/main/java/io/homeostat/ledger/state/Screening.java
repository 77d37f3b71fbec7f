package io.homeostat.ledger.state;

import io.homeostat.ledger.journal.LedgerEvent;

/**
 * A hold that waits for a detector's verdict.
 *
 * @param sequence of its SCREENING_BEGUN leaf
 */
record Screening(LedgerEvent.ScreeningBegun begun, long sequence) {}
