package io.homeostat.merkle.bundle;

/** One account as the leaves make it. Not thread-safe. */
final class ReplayAccount {
    final String id;
    final String asset;
    final int accountClass;
    final boolean debitsMustNotExceedCredits;
    final boolean creditsMustNotExceedDebits;
    long debitsPosted;
    long creditsPosted;
    long debitsHeld;
    long creditsHeld;

    ReplayAccount(Leaf.AccountCreated leaf) {
        this.id = leaf.id();
        this.asset = leaf.asset();
        this.accountClass = leaf.accountClass();
        this.debitsMustNotExceedCredits = leaf.debitsMustNotExceedCredits();
        this.creditsMustNotExceedDebits = leaf.creditsMustNotExceedDebits();
    }
}
