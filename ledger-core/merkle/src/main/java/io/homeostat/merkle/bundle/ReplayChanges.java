package io.homeostat.merkle.bundle;

import io.homeostat.merkle.ChangePayload;
import io.homeostat.merkle.bundle.Leaf.Bytes;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The policy and the keys in force, and the changes that cases make to them. Not thread-safe. */
final class ReplayChanges {
    private final ReplayPlace at;
    private final Map<String, GateCase> cases;
    private final Set<String> openChanges = new LinkedHashSet<>();
    private Policy policy = new Policy(List.of());
    private long policyVersion = 1;
    private KeyBook keys = new KeyBook(List.of());

    ReplayChanges(ReplayPlace at, Map<String, GateCase> cases) {
        this.at = at;
        this.cases = cases;
    }

    void begin(Genesis genesis) {
        policy = genesis.policy();
        keys = new KeyBook(genesis.keys());
    }

    Policy policy() {
        return policy;
    }

    KeyBook keys() {
        return keys;
    }

    void caseOpened(Leaf.CaseOpened leaf) {
        boolean ofPolicy = leaf.kind() == CaseKind.POLICY;
        PolicyTier tier = policy.changeTier(ofPolicy ? PolicyTier.Kind.POLICY : PolicyTier.Kind.KEYS)
                .orElse(null);
        if (tier == null || !Requirement.of(tier).isMetBy(leaf)) {
            at.incomplete("case " + leaf.caseId() + " demands " + leaf.demands() + " until " + leaf.expiresMicros()
                    + " but the policy in force "
                    + (tier == null ? "allows no such change" : "asks for tier '" + tier.name() + "'"));
        }
        openChanges.add(leaf.caseId());
        at.expect(
                "CHANGE_PROPOSED of " + leaf.caseId(),
                next -> next instanceof Leaf.ChangeProposed p && p.caseId().equals(leaf.caseId()));
    }

    void proposed(Leaf.ChangeProposed leaf) {
        GateCase gate = cases.get(leaf.caseId());
        if (gate == null || !openChanges.contains(leaf.caseId()) || gate.proposed() != null) {
            at.incomplete("a change was proposed for " + leaf.caseId() + ", which waits for none");
            return;
        }
        byte[] body = leaf.body().toArray();
        boolean ofPolicy = gate.kind() == CaseKind.POLICY;
        Bytes digest = new Bytes(
                ofPolicy ? ChangePayload.policyDigest(leaf.baseVersion(), body) : ChangePayload.keysDigest(body));
        if (!digest.equals(gate.payload())) {
            at.incomplete("the payload digest of case " + leaf.caseId() + " is not the digest of the proposed change");
            return;
        }
        String refusal = unfit(ofPolicy, leaf);
        if (refusal != null) {
            at.incomplete("the change of case " + leaf.caseId() + " should not have been taken: " + refusal);
            return;
        }
        gate.propose(leaf);
    }

    /** Why the change does not fit the policy and keys as they are now, null when it does. */
    private @Nullable String unfit(boolean ofPolicy, Leaf.ChangeProposed leaf) {
        try {
            if (ofPolicy) {
                Policy next = Policy.decode(leaf.body().toArray());
                return leaf.baseVersion() == policyVersion
                        ? keys.refusalOf(next)
                        : "it is based on policy " + leaf.baseVersion() + " but " + policyVersion + " is in force";
            }
            return keys.refusalOf(KeyChange.decode(leaf.body().toArray()), policy);
        } catch (LeafMalformed e) {
            return String.valueOf(e.getMessage());
        }
    }

    void policyChanged(Leaf.PolicyChanged leaf) {
        Leaf.ChangeProposed change = approvedChange(leaf.caseId(), CaseKind.POLICY);
        if (change == null) {
            return;
        }
        if (leaf.version() != policyVersion + 1) {
            at.incomplete("policy version must be " + (policyVersion + 1) + " but is " + leaf.version());
        }
        policy = Policy.decode(change.body().toArray());
        policyVersion++;
    }

    void keysChanged(Leaf.KeysChanged leaf) {
        Leaf.ChangeProposed proposed = approvedChange(leaf.caseId(), CaseKind.KEYS);
        if (proposed == null) {
            return;
        }
        KeyChange change = KeyChange.decode(proposed.body().toArray());
        keys.apply(change);
        if (change instanceof KeyChange.Revoke c) {
            cases.values().forEach(gate -> gate.forget(c.keyId()::equals, person -> false));
        } else if (change instanceof KeyChange.Roles c) {
            cases.values().forEach(gate -> gate.forget(key -> false, c.person()::equals));
        }
    }

    /** The change of an approved case that has not taken effect yet; null after a finding. */
    private Leaf.@Nullable ChangeProposed approvedChange(String caseId, CaseKind kind) {
        GateCase gate = cases.get(caseId);
        Leaf.ChangeProposed change = gate == null ? null : gate.proposed();
        boolean lawful = gate != null
                && gate.kind() == kind
                && gate.outcome() == Leaf.Outcome.APPROVED
                && gate.isFilled()
                && openChanges.remove(caseId);
        String refusal = change == null ? "" : unfit(kind == CaseKind.POLICY, change);
        if (!lawful || change == null || refusal != null) {
            at.incomplete("the change of " + kind + " by case " + caseId + " took effect but "
                    + (lawful && refusal != null ? refusal : "its case was not approved"));
            return null;
        }
        return change;
    }

    /** The person whose key the case changes, empty when it changes none. */
    String subjectOf(GateCase gate) {
        Leaf.ChangeProposed change = gate.proposed();
        return change == null || gate.kind() != CaseKind.KEYS
                ? ""
                : keys.subject(KeyChange.decode(change.body().toArray()));
    }

    /** What an ended case leaves of its change: one that was approved takes effect at once, any other never does. */
    void decided(GateCase gate, Leaf.CaseDecided leaf) {
        Leaf.ChangeProposed change = gate.proposed();
        if (leaf.outcome() == Leaf.Outcome.SUPERSEDED
                && change != null
                && unfit(gate.kind() == CaseKind.POLICY, change) == null) {
            at.incomplete("case " + leaf.caseId() + " was set aside as superseded but its change still fits");
        }
        if (leaf.outcome() != Leaf.Outcome.APPROVED) {
            openChanges.remove(leaf.caseId());
        } else if (openChanges.contains(leaf.caseId())) {
            at.expect(
                    "the change of " + leaf.caseId(),
                    next -> next instanceof Leaf.PolicyChanged p && p.caseId().equals(leaf.caseId())
                            || next instanceof Leaf.KeysChanged k && k.caseId().equals(leaf.caseId()));
        }
    }
}
