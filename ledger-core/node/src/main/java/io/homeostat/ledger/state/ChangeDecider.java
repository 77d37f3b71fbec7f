package io.homeostat.ledger.state;

import io.homeostat.ledger.gate.ApprovalCase;
import io.homeostat.ledger.gate.ApprovalPolicy;
import io.homeostat.ledger.gate.GateBook;
import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.gate.KeyChange;
import io.homeostat.ledger.gate.KeyRegister;
import io.homeostat.ledger.gate.Requirement;
import io.homeostat.ledger.journal.LedgerEvent;
import io.homeostat.merkle.ChangePayload;
import io.homeostat.merkle.MerkleTree;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes of the gate itself: of the policy and of keys. They pass through the gate as money does, with the approvals that the
 * policy in force asks for. Reads the state and changes nothing.
 *
 * <p>A change that waits always fits: when another takes effect, those that do not fit any more are decided as superseded in
 * the same command. So nothing is in doubt when the last approval comes.
 */
final class ChangeDecider {
    private ChangeDecider() {}

    static Decision decide(LedgerState state, Command.ProposeChange c) {
        byte[] payload = c.ofPolicy()
                ? ChangePayload.policyDigest(c.baseVersion(), c.body())
                : ChangePayload.keysDigest(c.body());
        ApprovalCase known = state.cases.get(c.caseId());
        if (known != null) {
            boolean same =
                    known.payloadIs(payload) && known.opened().requester().equals(c.requester());
            return same ? Decision.duplicate(CaseDecider.wireName(known), c.caseId()) : refuse(Reason.CASE_EXISTS, c);
        }
        Requirement demanded = state.gate.policy().change(c.ofPolicy() ? Genesis.Kind.POLICY : Genesis.Kind.KEYS);
        if (demanded == null) {
            return refuse(Reason.TIER_NOT_FOUND, c);
        }
        if (state.casesFull()) {
            return refuse(Reason.LEDGER_FULL, c);
        }
        Reason obstacle = c.ofPolicy() ? obstacleToPolicy(state, c) : obstacleToKeys(state, c);
        if (obstacle != null) {
            return refuse(obstacle, c);
        }
        if (state.gate.open().size() >= GateBook.MAX_OPEN_CHANGES) {
            return refuse(Reason.TOO_MANY_CHANGES, c);
        }
        return Decision.accept(
                "open",
                c.caseId(),
                List.of(
                        new LedgerEvent.CaseOpened(
                                c.caseId(),
                                c.ofPolicy() ? LedgerEvent.CASE_OF_POLICY : LedgerEvent.CASE_OF_KEYS,
                                payload,
                                c.requester(),
                                demanded.expiresMicros(state.timeMicros),
                                demanded.demands(),
                                demanded.escalatesMicros(state.timeMicros),
                                demanded.escalationRoles()),
                        new LedgerEvent.ChangeProposed(c.caseId(), c.ofPolicy(), c.baseVersion(), c.body())));
    }

    /** Whether the case changes a key or the roles of this person. */
    static boolean isAbout(LedgerState state, ApprovalCase opened, String person) {
        LedgerEvent.ChangeProposed change = opened.change();
        return change != null
                && !change.ofPolicy()
                && state.gate.keys().subject(KeyChange.fromBody(change.body())).equals(person);
    }

    /** What follows from the last approval: the change, and the end of those that do not fit any more. */
    static void takeEffect(LedgerState state, ApprovalCase opened, List<LedgerEvent> events) {
        LedgerEvent.ChangeProposed change = opened.change();
        if (change == null) {
            throw new InvariantViolation("expected the change of open case " + opened.id() + " but found none");
        }
        GateBook gate = state.gate;
        ApprovalPolicy now = gate.policy();
        List<String> superseded;
        if (change.ofPolicy()) {
            long version = now.version() + 1;
            events.add(new LedgerEvent.PolicyChanged(opened.id(), version));
            superseded = gate.superseded(opened.id(), version, ApprovalPolicy.tiersOf(change.body()), gate.keys());
        } else {
            events.add(new LedgerEvent.KeysChanged(opened.id()));
            KeyRegister then = gate.keys().after(KeyChange.fromBody(change.body()));
            superseded = gate.superseded(opened.id(), now.version(), now.tiers(), then);
        }
        for (String caseId : superseded) {
            events.add(new LedgerEvent.CaseDecided(caseId, LedgerEvent.CASE_SUPERSEDED));
        }
    }

    private static @Nullable Reason obstacleToPolicy(LedgerState state, Command.ProposeChange c) {
        if (c.baseVersion() != state.gate.policy().version()) {
            return Reason.POLICY_STALE;
        }
        boolean fits = GateBook.unfit(ApprovalPolicy.tiersOf(c.body()), state.gate.keys()) == null;
        return fits ? null : Reason.POLICY_UNFILLABLE;
    }

    private static @Nullable Reason obstacleToKeys(LedgerState state, Command.ProposeChange c) {
        KeyRegister.Obstacle obstacle = state.gate
                .keys()
                .obstacle(KeyChange.fromBody(c.body()), state.gate.policy().tiers());
        if (obstacle == null) {
            return null;
        }
        return switch (obstacle) {
            case KEY_EXISTS -> Reason.KEY_EXISTS;
            case KEY_NOT_ACTIVE -> Reason.KEY_NOT_ACTIVE;
            case REGISTER_FULL -> Reason.LEDGER_FULL;
            case STRANDS_GATE -> Reason.GATE_STRANDED;
        };
    }

    private static Decision refuse(Reason reason, Command.ProposeChange c) {
        byte[] digest = MerkleTree.sha256(CommandCodec.encodeOne(c));
        return Decision.refuse(reason, c.caseId(), LedgerEvent.REFUSED_CASE, c.caseId(), c.requester(), digest);
    }
}
