package io.homeostat.merkle.bundle;

import io.homeostat.merkle.bundle.Leaf.Bytes;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Holds that are open. Not thread-safe. */
final class ReplayHolds {
    private final ReplayPlace at;
    private final Map<UUID, Hold> open = new HashMap<>();

    /** @param tier the one that gates it by the policy, whatever the leaf says; null when none does */
    record Hold(
            Leaf.TransferHeld leaf,
            ReplayAccount debit,
            ReplayAccount credit,
            @Nullable Requirement tier,
            @Nullable Requirement screening) {
        boolean gated() {
            return tier != null || screening != null || leaf.gated();
        }

        Bytes payload() {
            return GateCase.payloadOf(leaf, debit.id, credit.id, debit.asset);
        }
    }

    ReplayHolds(ReplayPlace at) {
        this.at = at;
    }

    void open(Hold hold) {
        hold.debit.debitsHeld += hold.leaf.amount();
        hold.credit.creditsHeld += hold.leaf.amount();
        open.put(hold.leaf.id(), hold);
    }

    @Nullable
    Hold get(UUID id) {
        return open.get(id);
    }

    /** The open hold that a case of this id is about; the id has one text form. */
    @Nullable
    Hold ofCase(String caseId) {
        String prefix = CaseKind.TRANSFER.prefix();
        try {
            UUID id = UUID.fromString(caseId.startsWith(prefix) ? caseId.substring(prefix.length()) : caseId);
            return caseId.equals(prefix + id) ? open.get(id) : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    @Nullable
    Hold close(UUID id, String verb) {
        Hold hold = open.remove(id);
        if (hold == null) {
            at.incomplete("no open hold " + id + " to " + verb);
            return null;
        }
        hold.debit.debitsHeld -= hold.leaf.amount();
        hold.credit.creditsHeld -= hold.leaf.amount();
        return hold;
    }
}
