package io.homeostat.merkle.bundle;

import io.homeostat.merkle.ChangePayload;
import io.homeostat.merkle.Checkpoint;
import io.homeostat.merkle.Frames;
import io.homeostat.merkle.MerkleFrontier;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.SignedNote;
import io.homeostat.merkle.bundle.Leaf.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Follows policy and keys from the genesis on, leaf by leaf, trusting nobody but that genesis: a change counts only with the
 * approvals that the policy before it asks for, each signature checked, and what was followed is held against signed heads.
 * Money is passed over (only its hash is taken), so memory is that of policy, keys and open changes.
 *
 * <p>Whoever keeps {@link #toBytes()} can not be led back: it goes on from its own size and root. Not thread-safe; {@link
 * #copy()} before leaves whose head is not known yet.
 *
 * <p>What it does not see: a head that its source withholds, and authenticators' counters of other cases.
 */
public final class GateFollower {
    private static final int HEADER_BYTES = 18;
    private static final int CASE_OPENED = 8;
    private static final int CASE_DECIDED = 10;
    private static final int CHANGE_PROPOSED = 50;
    private static final int KEYS_CHANGED = 52;
    private static final int MAX_LEAF_BYTES = 1 << 16;

    private final Genesis genesis;
    private MerkleFrontier frontier;
    private Policy policy;
    private long policyVersion;
    private final KeyBook keys;
    private final Map<String, GateCase> open = new LinkedHashMap<>();
    /** By sequence: the genesis, and the leaves of changes that took effect or are open. They prove what is followed. */
    private final TreeMap<Long, byte[]> evidence = new TreeMap<>();

    private final Map<String, List<Long>> evidenceOfOpen = new LinkedHashMap<>();

    /** What the very next leaf must be: the decision of a case, or its change. Null when nothing is owed. */
    private @Nullable String due;

    private GateFollower(Genesis genesis) {
        this.genesis = genesis;
        this.frontier = new MerkleFrontier();
        this.policy = genesis.policy();
        this.policyVersion = 1;
        this.keys = new KeyBook(genesis.keys());
    }

    private GateFollower(GateFollower other) {
        genesis = other.genesis;
        frontier = other.frontier.copy();
        policy = other.policy;
        policyVersion = other.policyVersion;
        keys = other.keys.copy();
        other.open.forEach((id, gate) -> open.put(id, gate.copy()));
        evidence.putAll(other.evidence);
        due = other.due;
        other.evidenceOfOpen.forEach((id, list) -> evidenceOfOpen.put(id, new ArrayList<>(list)));
    }

    /**
     * @param leaf of sequence 0
     * @throws IllegalArgumentException when it is no GENESIS leaf
     */
    public static GateFollower begin(byte[] leaf) {
        if (!(LeafDecoder.decode(leaf) instanceof Leaf.GenesisLeaf first) || first.sequence() != 0) {
            throw new IllegalArgumentException("leaf 0 must be the GENESIS");
        }
        GateFollower follower = new GateFollower(first.genesis());
        follower.evidence.put(0L, leaf.clone());
        follower.frontier.append(MerkleTree.leafHash(leaf));
        return follower;
    }

    /**
     * The next leaf.
     *
     * @throws IllegalArgumentException when the leaf stands at another place, or changes policy or keys without its approvals;
     *     what was followed is then of no use any more
     */
    public void append(byte[] leaf) {
        long at = frontier.size();
        if (leaf.length < HEADER_BYTES || sequence(leaf) != at) {
            throw new IllegalArgumentException("leaf " + at + " of the journal is missing or of another sequence");
        }
        int type = Byte.toUnsignedInt(leaf[1]);
        String awaited = due;
        if (type >= CASE_OPENED && type <= CASE_DECIDED || type >= CHANGE_PROPOSED && type <= KEYS_CHANGED) {
            follow(leaf);
        }
        require(awaited == null || !awaited.equals(due), String.valueOf(awaited), "what follows from it was withheld");
        frontier.append(MerkleTree.leafHash(leaf));
    }

    /** True when the head is of exactly these leaves and a node of the genesis signed it. */
    public boolean isHead(SignedNote note) {
        Checkpoint head;
        try {
            head = Checkpoint.parse(note.text());
        } catch (IllegalArgumentException e) {
            return false;
        }
        return head.size() == frontier.size() && Arrays.equals(head.root(), frontier.root()) && genesis.signed(note);
    }

    /** Leaves that were followed. */
    public long size() {
        return frontier.size();
    }

    public Genesis genesis() {
        return genesis;
    }

    public Policy policy() {
        return policy;
    }

    public long policyVersion() {
        return policyVersion;
    }

    /** Keys that may sign now. */
    public List<Genesis.Key> activeKeys() {
        return keys.active();
    }

    public GateFollower copy() {
        return new GateFollower(this);
    }

    /** Frames of: the tree's right edge, and the leaves that prove policy and keys. */
    public byte[] toBytes() {
        List<byte[]> all = new ArrayList<>();
        all.add(frontier.toBytes());
        all.addAll(evidence.values());
        return Frames.encode(all);
    }

    /** @throws IllegalArgumentException when this was not written by {@link #toBytes()}; every signature is checked again */
    public static GateFollower fromBytes(byte[] bytes) {
        List<byte[]> all = Frames.decode(bytes, MAX_LEAF_BYTES);
        if (all.size() < 2) {
            throw new IllegalArgumentException(
                    "expected a frontier and the genesis but found " + all.size() + " frames");
        }
        GateFollower follower = begin(all.get(1));
        all.subList(2, all.size()).forEach(follower::follow);
        follower.frontier = MerkleFrontier.fromBytes(all.get(0));
        return follower;
    }

    private static long sequence(byte[] leaf) {
        return java.nio.ByteBuffer.wrap(leaf).getLong(2);
    }

    private void follow(byte[] bytes) {
        Leaf leaf = LeafDecoder.decode(bytes);
        if (leaf instanceof Leaf.CaseOpened opened) {
            if (opened.kind() == CaseKind.POLICY || opened.kind() == CaseKind.KEYS) {
                opened(opened);
                keep(opened.caseId(), bytes);
            }
        } else if (leaf instanceof Leaf.ChangeProposed proposed) {
            proposed(proposed);
            keep(proposed.caseId(), bytes);
        } else if (leaf instanceof Leaf.ApprovalRecorded approval && open.containsKey(approval.caseId())) {
            approved(approval, gate(approval.caseId()));
            keep(approval.caseId(), bytes);
        } else if (leaf instanceof Leaf.CaseDecided decided && open.containsKey(decided.caseId())) {
            decided(decided, gate(decided.caseId()));
            if (decided.outcome() == Leaf.Outcome.APPROVED) {
                keep(decided.caseId(), bytes);
            }
        } else if (leaf instanceof Leaf.PolicyChanged changed) {
            takeEffect(changed.caseId(), CaseKind.POLICY, changed.version());
            evidence.put(sequence(bytes), bytes.clone());
        } else if (leaf instanceof Leaf.KeysChanged changed) {
            takeEffect(changed.caseId(), CaseKind.KEYS, 0);
            evidence.put(sequence(bytes), bytes.clone());
        }
    }

    private void opened(Leaf.CaseOpened leaf) {
        PolicyTier tier = policy.changeTier(
                        leaf.kind() == CaseKind.POLICY ? PolicyTier.Kind.POLICY : PolicyTier.Kind.KEYS)
                .orElse(null);
        require(
                tier != null && Requirement.of(tier).isMetBy(leaf),
                leaf.caseId(),
                "it asks for less than the policy in force");
        require(!open.containsKey(leaf.caseId()), leaf.caseId(), "it is open already");
        open.put(leaf.caseId(), new GateCase(leaf, null));
    }

    private void proposed(Leaf.ChangeProposed leaf) {
        GateCase gate = gate(leaf.caseId());
        byte[] body = leaf.body().toArray();
        byte[] digest = gate.kind() == CaseKind.POLICY
                ? ChangePayload.policyDigest(leaf.baseVersion(), body)
                : ChangePayload.keysDigest(body);
        require(
                gate.proposed() == null && gate.payload().equals(new Bytes(digest)),
                leaf.caseId(),
                "its payload is not the proposed change");
        require(unfit(leaf, gate.kind()) == null, leaf.caseId(), unfit(leaf, gate.kind()));
        gate.propose(leaf);
    }

    /** Why the change does not fit policy and keys as they are now, null when it does. */
    private @Nullable String unfit(Leaf.ChangeProposed change, CaseKind kind) {
        byte[] body = change.body().toArray();
        if (kind == CaseKind.POLICY) {
            return change.baseVersion() == policyVersion
                    ? keys.refusalOf(Policy.decode(body))
                    : "it is based on policy " + change.baseVersion() + " but " + policyVersion + " is in force";
        }
        return keys.refusalOf(KeyChange.decode(body), policy);
    }

    private void approved(Leaf.ApprovalRecorded leaf, GateCase gate) {
        Genesis.Key key = keys.active(leaf.keyId()).orElse(null);
        boolean signed = key != null && GateCase.signedBy(leaf, key);
        Leaf.ChangeProposed proposed = gate.proposed();
        require(proposed != null, leaf.caseId(), "it was approved before anything was proposed");
        String subject = gate.kind() == CaseKind.KEYS && proposed != null
                ? keys.subject(KeyChange.decode(proposed.body().toArray()))
                : "";
        String refusal = gate.refusalOf(leaf, key, signed, subject);
        require(refusal == null && key != null, leaf.caseId(), "an approval does not count: " + refusal);
        if (key != null) {
            gate.record(leaf, key);
        }
        if (gate.isFilled() || gate.isDenied()) {
            due = leaf.caseId() + " decided";
        }
    }

    private void decided(Leaf.CaseDecided leaf, GateCase gate) {
        String refusal = gate.refusalOf(leaf);
        require(refusal == null, leaf.caseId(), "it can not have been decided like this: " + refusal);
        gate.decide(leaf.outcome());
        due = leaf.outcome() == Leaf.Outcome.APPROVED ? leaf.caseId() + " changed" : null;
        if (leaf.outcome() != Leaf.Outcome.APPROVED) {
            open.remove(leaf.caseId());
            List<Long> dropped = evidenceOfOpen.remove(leaf.caseId());
            if (dropped != null) {
                dropped.forEach(evidence::remove);
            }
        }
    }

    private void takeEffect(String caseId, CaseKind kind, long version) {
        GateCase gate = gate(caseId);
        Leaf.ChangeProposed change = gate.proposed();
        require(
                gate.kind() == kind && change != null && gate.outcome() == Leaf.Outcome.APPROVED && gate.isFilled(),
                caseId,
                "its change took effect without its approvals");
        if (change == null) {
            return;
        }
        require(unfit(change, kind) == null, caseId, unfit(change, kind));
        byte[] body = change.body().toArray();
        if (kind == CaseKind.POLICY) {
            require(version == policyVersion + 1, caseId, "the policy does not follow version " + policyVersion);
            policy = Policy.decode(body);
            policyVersion = version;
        } else {
            applyKeys(KeyChange.decode(body));
        }
        due = null;
        open.remove(caseId);
        evidenceOfOpen.remove(caseId);
    }

    private void applyKeys(KeyChange change) {
        keys.apply(change);
        if (change instanceof KeyChange.Revoke c) {
            open.values().forEach(gate -> gate.forget(c.keyId()::equals, person -> false));
        } else if (change instanceof KeyChange.Roles c) {
            open.values().forEach(gate -> gate.forget(key -> false, c.person()::equals));
        }
    }

    private GateCase gate(String caseId) {
        GateCase gate = open.get(caseId);
        if (gate == null) {
            throw new IllegalArgumentException("case " + caseId + " is about no open change of policy or keys");
        }
        return gate;
    }

    private void keep(String caseId, byte[] leaf) {
        long at = sequence(leaf);
        evidence.put(at, leaf.clone());
        evidenceOfOpen.computeIfAbsent(caseId, id -> new ArrayList<>()).add(at);
    }

    private static void require(boolean holds, String caseId, @Nullable String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException("case " + caseId + ": " + otherwise);
        }
    }
}
