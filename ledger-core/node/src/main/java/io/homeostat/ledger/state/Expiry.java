package io.homeostat.ledger.state;

import io.homeostat.ledger.gate.ApprovalCase;
import java.util.Comparator;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something that ends after a time: a plain hold, or a case and with it the hold that it gates. One and only one of the two
 * is set.
 *
 * @param sequence of the leaf that began it: breaks ties, the same on every replica
 */
record Expiry(
        long micros,
        long sequence,
        @Nullable UUID hold,
        @Nullable String caseId) {
    static final Comparator<Expiry> ORDER =
            Comparator.comparingLong(Expiry::micros).thenComparingLong(Expiry::sequence);

    static Expiry of(Hold hold) {
        return new Expiry(hold.expiresMicros(), hold.sequence(), hold.id(), null);
    }

    /** It names the case that the transfer becomes when nobody gives a verdict. */
    static Expiry of(Screening screening) {
        return new Expiry(
                screening.begun().dueMicros(),
                screening.sequence(),
                null,
                TransferDecider.caseId(screening.begun().id()));
    }

    static Expiry of(ApprovalCase opened) {
        return new Expiry(opened.opened().expiresMicros(), opened.openedSequence(), null, opened.id());
    }
}
