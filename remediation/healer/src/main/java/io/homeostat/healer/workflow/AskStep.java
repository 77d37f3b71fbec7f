package io.homeostat.healer.workflow;

import io.homeostat.events.IncidentEvent.ApprovalRequested;
import io.homeostat.events.RecoveryAction;
import io.homeostat.healer.act.ActFault;
import io.homeostat.healer.act.ApprovalCase;
import io.homeostat.healer.act.LedgerApi;
import io.homeostat.healer.act.Reply;
import java.time.Instant;
import java.util.stream.Collectors;

/** Opens the approval case in the ledger's gate and asks people. */
final class AskStep implements RecoveryStep {
    /** The principal of the healer's token: the gate never lets it approve its own case. */
    static final String REQUESTER = "remediation";

    private final LedgerApi ledger;
    private final String tier;
    private final RecoveryLimits limits;

    AskStep(LedgerApi ledger, String tier, RecoveryLimits limits) {
        this.ledger = ledger;
        this.tier = tier;
        this.limits = limits;
    }

    @Override
    public StepResult take(StepContext context) {
        RecoveryState state = context.state();
        String digest = state.requirePlanned().digest();
        String caseId = caseId(state);
        ApprovalCase opened;
        try {
            Reply<String> reply = ledger.openCase(caseId, digest, tier, REQUESTER);
            if (reply instanceof Reply.Refused<String> no && !no.reason().equals("case_exists")) {
                return StepResult.escalate(
                        state, "the ledger refused to open case " + caseId + ": " + no.reason() + ", " + no.detail());
            }
            opened = ledger.approvalCase(caseId);
        } catch (ActFault e) {
            if (e.kind() == ActFault.Kind.PERMANENT || state.waits() + 1 >= limits.tries()) {
                return StepResult.escalate(state, "people could not be asked: " + e.getMessage());
            }
            return StepResult.wait(state, limits.retryAfter(state.waits()));
        }
        if (!opened.payloadDigest().equals(digest)) {
            return StepResult.escalate(
                    state,
                    "case " + caseId + " in the ledger is over payload " + opened.payloadDigest() + " but the plan is "
                            + digest);
        }
        Instant expiresAt = opened.expiresAt();
        EventIds ids = new EventIds(state);
        ApprovalRequested event = new ApprovalRequested(
                ids.next(),
                context.now(),
                state.incidentId(),
                state.node(),
                caseId,
                digest,
                REQUESTER,
                summary(state),
                opened.demandsOrNone(),
                expiresAt);
        return StepResult.of(
                ids.save(state).withAsked(new RecoveryState.Asked(caseId, expiresAt, java.util.List.of(), "")),
                Outcome.ASKED,
                event);
    }

    static String caseId(RecoveryState state) {
        return "recovery:" + state.plan().planId();
    }

    private static String summary(RecoveryState state) {
        return "Recover " + state.node() + " from " + state.requirePlanned().cause() + ": "
                + state.plan().actions().stream()
                        .map(RecoveryAction::kind)
                        .map(Enum::name)
                        .collect(Collectors.joining(", "));
    }
}
