package io.homeostat.ledger.state;

import io.homeostat.ledger.journal.LedgerEvent.Demand;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An approval case as it stood at one moment. The arrays are copies.
 *
 * @param kind {@code transfer}, {@code recovery}, {@code policy} or {@code keys}
 * @param state {@code open}, {@code approved}, {@code denied}, {@code expired}, {@code superseded}
 * @param payloadDigest SHA-256 of what is to be approved
 * @param decidedIndex sequence of the CASE_DECIDED leaf, -1 while open
 * @param refusals attempts on this case that were refused, also those that left no leaf because of the bound
 * @param transfer the money, for kind {@code transfer}
 * @param escalatesAtMicros ledger time from which on a person with an escalation role may stand in, 0 for never
 * @param change what would change, for kinds {@code policy} and {@code keys}
 */
public record CaseView(
        String caseId,
        String kind,
        String state,
        byte[] payloadDigest,
        String requester,
        long expiresAtMicros,
        List<Demand> demands,
        List<Approval> approvals,
        long openedAtMicros,
        long openedIndex,
        long decidedIndex,
        long refusals,
        @Nullable Money transfer,
        long escalatesAtMicros,
        List<String> escalationRoles,
        @Nullable Change change) {
    public CaseView {
        escalationRoles = List.copyOf(escalationRoles);
        demands = List.copyOf(demands);
        approvals = List.copyOf(approvals);
    }

    /**
     * A signature that counted.
     *
     * @param role the demanded role that this person fills
     * @param approve false for a deny
     * @param index sequence of its leaf
     */
    public record Approval(
            String keyId,
            String person,
            String role,
            boolean approve,
            byte[] reasonDigest,
            byte[] signature,
            long expiresAtMicros,
            long index) {}

    /** @param exponent digits of the minor unit, 2 for cents */
    public record Money(UUID id, String debit, String credit, long amount, String asset, int exponent) {}

    /**
     * @param baseVersion of the policy that it replaces, 0 for a change of keys
     * @param body canonical, of a policy or of a change of keys
     */
    public record Change(long baseVersion, byte[] body) {}
}
