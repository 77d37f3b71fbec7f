package io.homeostat.approvals.ledger;

/** A write's outcome: the ledger took it, or said no with a reason. Saying no is no error. */
public sealed interface LedgerAnswer<T> {
    /** The command was accepted; {@code index} is the journal index. */
    record Accepted<T>(long index, T value) implements LedgerAnswer<T> {}

    /**
     * The command was refused.
     *
     * @param status HTTP status of the refusal
     * @param reason the ledger's reason in lower case, for example {@code approver_is_requester}
     * @param detail the ledger's words
     */
    record Refused<T>(int status, String reason, String detail) implements LedgerAnswer<T> {}
}
