package io.homeostat.deploy.load;

import java.util.List;
import java.util.UUID;

/** What the load needs of a ledger: create accounts, offer transfers. Implemented over the ledger's client. */
public interface TransferDoor {
    /** Creates the accounts; those that exist with the same content are fine. */
    void create(List<Account> accounts);

    /**
     * Offers a batch, and again on other nodes while the outcome is unknown: ids make that safe.
     *
     * @return one verdict for each transfer, in order
     */
    List<Verdict> offer(List<Offer> batch);

    /** @param overdraft whether debits may exceed credits */
    record Account(String id, String asset, AccountKind kind, boolean overdraft) {}

    /** The class of an account as the ledger names it. */
    enum AccountKind {
        CUSTOMER,
        SETTLEMENT,
        EXTERNAL
    }

    /** A transfer with the id that makes it one. */
    record Offer(UUID id, TransferRow row) {}

    /** What became of an offer. */
    enum Verdict {
        /** Posted or held, and said so: from now on it must never be lost. */
        ACKNOWLEDGED,
        /** Refused by a rule of the ledger. */
        REJECTED,
        /** Nobody said anything in time. */
        UNKNOWN
    }
}
