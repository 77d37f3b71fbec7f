package io.homeostat.ledger.state;

import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A transfer as it stood at one moment.
 *
 * @param status {@code posted}, {@code held}, {@code voided}, {@code expired}, {@code rejected}
 * @param reason why it was rejected, {@link Reason#OK} otherwise
 * @param debit account id; null only for a rejected transfer that named an unknown account
 * @param credit account id; null only for a rejected transfer that named an unknown account
 * @param amount minor units; of a posted hold what was posted
 * @param asset empty when neither account is known
 * @param gated true when only complete approvals release it
 * @param caseId of a gated transfer
 * @param requester known while a hold is open, and of a gated transfer for good
 * @param legs in the order of the request; empty when debit, credit and amount say it all
 * @param bookingDate day, in UTC, on which it was posted; null unless it is posted
 * @param effectiveDate day on which it counts, when the client named one
 * @param reverses the transfer of which it is the opposite
 * @param reversedBy its own reversal, posted or waiting for its approvals
 * @param index sequence of the newest leaf about it; of a rejected one the newest leaf at that moment
 */
public record TransferView(
        UUID id,
        String status,
        Reason reason,
        @Nullable String debit,
        @Nullable String credit,
        long amount,
        String asset,
        boolean gated,
        @Nullable String caseId,
        @Nullable String requester,
        List<Leg> legs,
        @Nullable LocalDate bookingDate,
        @Nullable LocalDate effectiveDate,
        @Nullable UUID reverses,
        Command.@Nullable ReversalReason reversalReason,
        @Nullable UUID reversedBy,
        long index) {
    /** @param amount minor units: positive is a credit of the account, negative a debit */
    public record Leg(String account, String asset, long amount) {}

    public TransferView {
        legs = List.copyOf(legs);
    }
}
