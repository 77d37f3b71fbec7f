package io.homeostat.ledger.gate;

import io.homeostat.ledger.gate.Genesis.Kind;
import io.homeostat.ledger.gate.Genesis.Tier;
import io.homeostat.ledger.journal.LedgerEvent;
import io.homeostat.merkle.MerkleTree;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The gate's own rules as ledger state: the policy in force and those before it, the keys, and the changes that wait for
 * approvals. Changed by events only. Not thread-safe.
 */
public final class GateBook {
    /** Versions of the policy that are told to readers; older ones stand in the journal. */
    public static final int HISTORY_KEPT = 256;

    /** Changes that may wait at one time: when one takes effect, all others are looked at. */
    public static final int MAX_OPEN_CHANGES = 16;

    private final KeyRegister keys;
    private final Deque<Version> history = new ArrayDeque<>();
    /** Open cases of changes, oldest first. */
    private final Map<String, LedgerEvent.ChangeProposed> open = new LinkedHashMap<>();

    private final RefusalBook refusals = new RefusalBook();

    private ApprovalPolicy policy;

    /**
     * When a version came into force.
     *
     * @param sequence of the POLICY_CHANGED leaf, 0 for the genesis
     * @param caseId that brought it, empty for the genesis
     */
    public record Version(long version, long sequence, long timeMicros, String caseId, byte[] digest) {}

    public GateBook(Genesis genesis) {
        keys = new KeyRegister(genesis.keys());
        policy = new ApprovalPolicy(1, genesis.tiers());
    }

    /** Called with the GENESIS leaf. */
    public void begin(long timeMicros) {
        remember(new Version(1, 0, timeMicros, "", digest(policy.tiers())));
    }

    public ApprovalPolicy policy() {
        return policy;
    }

    public KeyRegister keys() {
        return keys;
    }

    public RefusalBook refusals() {
        return refusals;
    }

    /** Oldest first, at most {@link #HISTORY_KEPT}. */
    public Collection<Version> history() {
        return Collections.unmodifiableCollection(history);
    }

    /** Changes that wait, oldest first. */
    public Collection<LedgerEvent.ChangeProposed> open() {
        return Collections.unmodifiableCollection(open.values());
    }

    public void propose(LedgerEvent.ChangeProposed change) {
        open.put(change.caseId(), change);
    }

    /** The case of a change was decided; an approved one takes effect by the events that follow. */
    public void close(String caseId) {
        open.remove(caseId);
    }

    public void changePolicy(String caseId, List<Tier> tiers, long sequence, long timeMicros) {
        policy = new ApprovalPolicy(policy.version() + 1, tiers);
        remember(new Version(policy.version(), sequence, timeMicros, caseId, digest(tiers)));
    }

    public void changeKeys(KeyChange change, long sequence) {
        keys.apply(change, sequence);
    }

    /** Why nobody could approve what the policy gates, or change it again; null when all of it can be filled. */
    public static @Nullable String unfit(List<Tier> tiers, KeyRegister keys) {
        for (Kind kind : List.of(Kind.POLICY, Kind.KEYS)) {
            if (tiers.stream().noneMatch(t -> t.kind() == kind)) {
                return "the policy has no tier of kind " + kind + ": it could never be changed again";
            }
        }
        return keys.unfillable(tiers);
    }

    /** Cases whose change does not fit any more once policy and keys are these. */
    public List<String> superseded(String except, long version, List<Tier> tiers, KeyRegister then) {
        List<String> cases = new ArrayList<>();
        for (LedgerEvent.ChangeProposed change : open.values()) {
            if (!change.caseId().equals(except) && !fits(change, version, tiers, then)) {
                cases.add(change.caseId());
            }
        }
        return cases;
    }

    private static boolean fits(LedgerEvent.ChangeProposed change, long version, List<Tier> tiers, KeyRegister then) {
        return change.ofPolicy()
                ? change.baseVersion() == version && unfit(ApprovalPolicy.tiersOf(change.body()), then) == null
                : then.obstacle(KeyChange.fromBody(change.body()), tiers) == null;
    }

    /** Puts a snapshot's content in the place of the genesis'. */
    public void restore(
            ApprovalPolicy inForce,
            List<Version> versions,
            List<KeyRegister.Entry> entries,
            Map<String, Long> signCounts) {
        policy = inForce;
        history.clear();
        versions.forEach(this::remember);
        keys.restore(entries, signCounts);
    }

    private void remember(Version version) {
        history.addLast(version);
        if (history.size() > HISTORY_KEPT) {
            history.removeFirst();
        }
    }

    private static byte[] digest(List<Tier> tiers) {
        return MerkleTree.sha256(ApprovalPolicy.body(tiers));
    }
}
