package io.homeostat.ledger.state;

import io.homeostat.ledger.state.Command.AccountClass;

/**
 * An account as it stood at one moment; amounts in minor units.
 *
 * @param index sequence of the newest leaf at that moment
 */
public record AccountView(
        String id,
        String asset,
        int exponent,
        AccountClass accountClass,
        boolean debitsMustNotExceedCredits,
        boolean creditsMustNotExceedDebits,
        long debitsPosted,
        long creditsPosted,
        long debitsHeld,
        long creditsHeld,
        long index) {
    /** The same account with the balances that were found for an earlier index. */
    AccountView at(long earlier, BalanceScan scan) {
        return new AccountView(
                id,
                asset,
                exponent,
                accountClass,
                debitsMustNotExceedCredits,
                creditsMustNotExceedDebits,
                scan.debitsPosted(),
                scan.creditsPosted(),
                scan.debitsHeld(),
                scan.creditsHeld(),
                earlier);
    }

    /** The same account with other sums of what is posted, and nothing held. */
    AccountView posted(long debits, long credits) {
        return new AccountView(
                id,
                asset,
                exponent,
                accountClass,
                debitsMustNotExceedCredits,
                creditsMustNotExceedDebits,
                debits,
                credits,
                0,
                0,
                index);
    }

    /** Credits minus debits, posted only. */
    public long balance() {
        return creditsPosted - debitsPosted;
    }
}
