package io.homeostat.healer.workflow;

import io.homeostat.healer.act.ActFault;
import io.homeostat.healer.act.ApprovalCase;
import io.homeostat.healer.act.LedgerApi;
import java.time.Instant;

/** What the topic or the clock says is only a reason to ask: the gate's own record decides. */
final class CheckApprovalStep implements RecoveryStep {
    private final LedgerApi ledger;
    private final RecoveryLimits limits;

    CheckApprovalStep(LedgerApi ledger, RecoveryLimits limits) {
        this.ledger = ledger;
        this.limits = limits;
    }

    @Override
    public StepResult take(StepContext context) {
        RecoveryState state = context.state();
        RecoveryState.Asked asked = state.asked();
        ApprovalCase found;
        String proof;
        try {
            found = ledger.approvalCase(asked.caseId());
            proof = found.approved() && found.escalates() ? ledger.caseProof(asked.caseId()) : "";
        } catch (ActFault e) {
            if (e.kind() == ActFault.Kind.PERMANENT || state.waits() + 1 >= limits.tries()) {
                return StepResult.escalate(
                        state, "case " + asked.caseId() + " could not be checked at the ledger: " + e.getMessage());
            }
            return StepResult.wait(state, limits.retryAfter(state.waits()));
        }
        String digest = state.requirePlanned().digest();
        if (!found.caseId().equals(asked.caseId()) || !found.payloadDigest().equals(digest)) {
            return StepResult.escalate(
                    state,
                    "expected case " + asked.caseId() + " over plan " + digest + " but the ledger has " + found.caseId()
                            + " over " + found.payloadDigest());
        }
        if (found.approved()) {
            return StepResult.of(
                    state.withAsked(
                            new RecoveryState.Asked(asked.caseId(), asked.expiresAt(), found.signatures(), proof)),
                    Outcome.APPROVED);
        }
        if (found.open()) {
            return stillOpen(state, asked, context.now());
        }
        return StepResult.escalate(state, "case " + asked.caseId() + " was " + found.state());
    }

    private StepResult stillOpen(RecoveryState state, RecoveryState.Asked asked, Instant now) {
        Instant expiresAt = asked.expiresAt() == null ? now : asked.expiresAt();
        if (now.isBefore(expiresAt)) {
            return StepResult.of(state, Outcome.UNDECIDED);
        }
        if (now.isBefore(expiresAt.plus(limits.expiryGrace()))) {
            // The ledger's time and ours differ a little; it closes the case itself.
            return StepResult.wait(state, limits.pollMax());
        }
        return StepResult.escalate(state, "case " + asked.caseId() + " was expired: nobody decided in time");
    }
}
