package io.homeostat.detector.screening;

/**
 * A transfer as the screen sees it. Flat for Flink.
 *
 * @param sequence of the leaf, or the row of a file
 * @param timeMicros ledger time, microseconds since the epoch
 * @param kind one of the constants below
 * @param transfer the client's id, or empty
 * @param debit number of the account that pays, unique in its ledger
 * @param debitClass account class of docs/encoding.md, 0 when not known
 * @param amountMinor above zero
 * @param payloadDigest hex, of a transfer that waits; else empty
 * @param dueMicros ledger time until which a verdict counts; else 0
 */
public record Movement(
        long sequence,
        long timeMicros,
        int kind,
        String transfer,
        String asset,
        int debit,
        int credit,
        String debitId,
        String creditId,
        int debitClass,
        int creditClass,
        long amountMinor,
        int exponent,
        String payloadDigest,
        long dueMicros) {
    /** It is posted: scored for what is usual, and learnt. */
    public static final int POSTED = 1;
    /** It waits for a verdict: scored and answered; as an attempt it counts for velocity, and teaches nothing else. */
    public static final int ASKED = 2;
    /** It waited and is posted now: learnt; its attempt has been counted. */
    public static final int RELEASED = 3;

    static final int CLASS_SETTLEMENT = 2;
    static final int CLASS_EXTERNAL = 3;

    /** Accounts that stand for a whole bank or the outside: fans and new counterparties are their nature. */
    static boolean hub(int accountClass) {
        return accountClass == CLASS_SETTLEMENT || accountClass == CLASS_EXTERNAL;
    }
}
