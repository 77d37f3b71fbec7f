package io.homeostat.approvals.desk;

import io.homeostat.approvals.ledger.LedgerCase;

/** What became of a signed decision. */
public sealed interface DecisionOutcome {
    /** The ledger recorded it at {@code index}. */
    record Recorded(long index, LedgerCase held) implements DecisionOutcome {}

    /**
     * Not sent: the decision itself is incomplete.
     *
     * @param field name of the member that is wrong
     */
    record Incomplete(String field, String detail) implements DecisionOutcome {}

    /** The ledger refused it. {@code reason} is the ledger's own, {@code words} say it to a person. */
    record Refused(int status, String reason, String words) implements DecisionOutcome {}
}
