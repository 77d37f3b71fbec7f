package io.homeostat.ledger.state;

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
        long index) {}
