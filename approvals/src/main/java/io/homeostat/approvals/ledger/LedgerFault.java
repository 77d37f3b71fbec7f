package io.homeostat.approvals.ledger;

/** The ledger could not be asked: no node answered in time, or its answer was not understood. Worth a retry. */
public final class LedgerFault extends RuntimeException {
    private static final long serialVersionUID = 1;

    LedgerFault(String message) {
        super(message);
    }

    LedgerFault(String message, Throwable cause) {
        super(message, cause);
    }
}
