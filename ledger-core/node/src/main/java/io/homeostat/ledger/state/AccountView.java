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
        long debitsPosted,
        long creditsPosted,
        long debitsHeld,
        long creditsHeld,
        long index) {
    /** Credits minus debits, posted only. */
    public long balance() {
        return creditsPosted - debitsPosted;
    }
}
