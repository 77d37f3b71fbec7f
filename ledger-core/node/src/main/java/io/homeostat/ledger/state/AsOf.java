package io.homeostat.ledger.state;

/**
 * An account as it stood at an index or a time of the past; or why nobody can say. What is not known is never shown as a
 * balance of nothing.
 */
public sealed interface AsOf {
    /**
     * @param account with the index that was asked for
     * @param timeMicros ledger time of the leaf at that index
     */
    record Known(AccountView account, long timeMicros) implements AsOf {}

    /**
     * What is posted with an effective day up to and with the one that was asked for, as far as the newest leaf tells.
     *
     * @param account with the index of that leaf; of held funds nothing is said, because they count on no day yet
     * @param mayChange a later posting may still name such a day
     */
    record Effective(AccountView account, boolean mayChange) implements AsOf {}

    record Unknown(Why why) implements AsOf {}

    enum Why {
        /** No account of this id exists, now or then. */
        ACCOUNT_NOT_FOUND,
        /** The account was opened later. */
        ACCOUNT_NOT_YET_OPEN,
        /** The journal does not reach so far, or committed time has not come so far: it may still change. */
        BEYOND_HEAD,
        /** Before the first leaf. */
        BEFORE_HISTORY,
        /** This node lacks leaves of that part of the journal. */
        NOT_HERE,
        /** More leaves than {@link BalanceScan#MOST_LEAVES} lie between that index and either end of the journal. */
        TOO_FAR
    }
}
