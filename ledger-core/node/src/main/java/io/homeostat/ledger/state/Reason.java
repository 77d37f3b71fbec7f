package io.homeostat.ledger.state;

import java.util.Locale;

/**
 * Why a command was accepted or refused. The order is the precedence: a command that is wrong in two ways is refused with
 * the reason that stands first. The number of a reason is part of the journal (REFUSED leaves) and never changes.
 */
public enum Reason {
    OK(0),
    /** The same id with the same content came before: the first outcome stands. */
    DUPLICATE(1),
    NOT_BEGUN(2),
    GENESIS_EXISTS(3),
    /** The same id with other content came before. */
    ID_CONFLICT(4),
    /** Writes are stopped for a time, for everybody; such a refusal is not remembered. */
    MAINTENANCE(70),
    /** Nothing is stopped, so nothing can be lifted. */
    NOT_IN_MAINTENANCE(71),
    MAINTENANCE_OUT_OF_RANGE(72),
    AMOUNT_MUST_BE_POSITIVE(5),
    ACCOUNTS_MUST_DIFFER(6),
    DEBIT_ACCOUNT_NOT_FOUND(7),
    CREDIT_ACCOUNT_NOT_FOUND(8),
    /** A leg names an account that is not there. */
    ACCOUNT_NOT_FOUND(15),
    /** The transfer that is to be reversed never was. */
    TRANSFER_NOT_FOUND(27),
    /** Only what is posted is reversed, and a reversal itself is not. */
    NOT_REVERSIBLE(28),
    /** A reversal stands, or waits for its approvals. */
    ALREADY_REVERSED(29),
    ASSET_MISMATCH(9),
    /** The debits of an asset are not its credits. */
    LEGS_UNBALANCED(16),
    AMOUNT_OVERFLOWS(10),
    /** An account whose debits must not exceed its credits would break that. */
    INSUFFICIENT_FUNDS(11),
    /** An account whose credits must not exceed its debits would break that. */
    CREDITS_EXCEED_DEBITS(19),
    ACCOUNT_EXISTS_WITH_OTHER_CONTENT(12),
    TIMEOUT_OUT_OF_RANGE(13),
    EFFECTIVE_DATE_OUT_OF_RANGE(18),
    /** Legs are never gated, so an amount that needs approvals or screening goes as a transfer of two accounts. */
    LEGS_REACH_TIER(17),
    /** A table of the state has reached its limit; such a refusal is not remembered. */
    LEDGER_FULL(14),
    HOLD_NOT_FOUND(20),
    NOT_A_HOLD(21),
    HOLD_ALREADY_POSTED(22),
    HOLD_ALREADY_VOIDED(23),
    HOLD_EXPIRED(24),
    POST_EXCEEDS_HOLD(25),
    /** Only the gate itself releases a gated hold, once its approvals are complete. */
    GATED(26),
    CASE_NOT_FOUND(40),
    CASE_EXISTS(41),
    TIER_NOT_FOUND(42),
    CASE_NOT_OPEN(43),
    CASE_EXPIRED(44),
    PAYLOAD_DIFFERS(45),
    STATEMENT_EXPIRED(46),
    STATEMENT_OUTLIVES_CASE(47),
    KEY_UNKNOWN(48),
    /** The key was rotated or revoked. */
    KEY_NOT_ACTIVE(53),
    SIGNATURE_INVALID(49),
    /** An authenticator's counter did not grow: two of them sign with one key, or the assertion is an old one. */
    SIGN_COUNT_WENT_BACK(77),
    APPROVER_IS_REQUESTER(50),
    /** Nobody approves the change of an own key. */
    APPROVER_IS_SUBJECT(54),
    PERSON_HAS_DECIDED(51),
    ROLE_NOT_DEMANDED(52),
    /** The proposed policy replaces another version than the one in force. */
    POLICY_STALE(55),
    /** The persons with keys could not approve what the proposed policy gates, or could never change it again. */
    POLICY_UNFILLABLE(56),
    /** The key id or the public key was registered before; both are used once and for all. */
    KEY_EXISTS(57),
    /** After this change of keys nobody could change policy or keys any more. */
    GATE_STRANDED(58),
    TOO_MANY_CHANGES(59),
    /** The transfer waits for no verdict, or not any more. */
    SCREENING_NOT_OPEN(75),
    /** Only a key with the role detector gives verdicts, and it gives nothing else. */
    NOT_A_DETECTOR(76),
    NODE_UNKNOWN(60),
    NODE_ALREADY_ISOLATED(61),
    NODE_NOT_ISOLATED(62),
    /** The ledger's own quorum guard: too few active nodes would be left. */
    QUORUM_AT_RISK(63),
    ATTESTATION_STALE(64),
    /** The only trail that is anchored is {@code <ledger name>/trail}; auditors take no other. */
    ANCHOR_ORIGIN_UNKNOWN(66),
    ANCHOR_GOES_BACK(65);

    private final int number;

    Reason(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    /** The name as it stands in answers, for example {@code insufficient_funds}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    public boolean accepted() {
        return this == OK || this == DUPLICATE;
    }
}
