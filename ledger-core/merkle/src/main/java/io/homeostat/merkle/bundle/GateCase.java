package io.homeostat.merkle.bundle;

import io.homeostat.merkle.ApprovalText;
import io.homeostat.merkle.TransferPayload;
import io.homeostat.merkle.bundle.Leaf.Bytes;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** An approval case as the replay follows it: who counted for which role, and how it ended. Not thread-safe. */
final class GateCase {
    private final Leaf.CaseOpened opened;
    private final @Nullable UUID hold;
    private final int[] filled;
    private final Set<String> decided = new HashSet<>();
    private boolean denied;
    private Leaf.@Nullable Outcome outcome;

    GateCase(Leaf.CaseOpened opened, @Nullable UUID hold) {
        this.opened = opened;
        this.hold = hold;
        this.filled = new int[opened.demands().size()];
    }

    /** The digest that approvers of this hold must sign for. */
    static Bytes payloadOf(Leaf.TransferHeld hold, String debit, String credit, String asset) {
        TransferPayload payload = new TransferPayload(hold.id(), debit, credit, asset, hold.amount(), hold.requester());
        return new Bytes(payload.digest());
    }

    static boolean signedBy(Leaf.ApprovalRecorded leaf, Genesis.Key key) {
        ApprovalText text = new ApprovalText(
                leaf.caseId(),
                leaf.payloadDigest().toArray(),
                leaf.approve(),
                leaf.expiresMicros(),
                leaf.reasonDigest().toArray());
        return text.signedBy(key.publicKey(), leaf.signature().toArray());
    }

    /** Why this approval does not count, null when it does. The order is docs/encoding.md's. */
    @Nullable
    String refusalOf(Leaf.ApprovalRecorded leaf, Genesis.@Nullable Key key, boolean signed) {
        if (outcome != null || denied || isFilled()) {
            return "the case is decided";
        }
        if (leaf.timeMicros() > opened.expiresMicros()) {
            return "the case had expired";
        }
        if (!leaf.payloadDigest().equals(opened.payloadDigest())) {
            return "it is for payload " + leaf.payloadDigest() + " but the case is about " + opened.payloadDigest();
        }
        if (leaf.expiresMicros() < leaf.timeMicros()) {
            return "the statement had expired at " + leaf.expiresMicros() + ", the leaf's time is " + leaf.timeMicros();
        }
        if (leaf.expiresMicros() > opened.expiresMicros()) {
            return "the statement outlives the case";
        }
        if (key == null) {
            return "genesis names no such key";
        }
        if (!signed) {
            return "its signature does not verify";
        }
        if (key.person().equals(opened.requester())) {
            return "person '" + key.person() + "' is the requester";
        }
        if (decided.contains(key.person())) {
            return "person '" + key.person() + "' has decided this case before";
        }
        boolean fits = leaf.approve() ? roleFor(key) >= 0 : holdsAnyDemandedRole(key);
        return fits ? null : "person '" + key.person() + "' holds no demanded role that is open";
    }

    void record(Leaf.ApprovalRecorded leaf, Genesis.Key key) {
        decided.add(key.person());
        if (leaf.approve()) {
            filled[roleFor(key)]++;
        } else {
            denied = true;
        }
    }

    /** Why the case can not have been decided like this, null when it can. */
    @Nullable
    String refusalOf(Leaf.CaseDecided leaf) {
        if (outcome != null) {
            return "it was decided as " + outcome + " before";
        }
        return switch (leaf.outcome()) {
            case APPROVED -> isFilled() ? null : "it lacks " + missing();
            case DENIED -> denied ? null : "nobody denied it";
            case EXPIRED -> leaf.timeMicros() >= opened.expiresMicros() ? null : "its time was not over";
        };
    }

    void decide(Leaf.Outcome decision) {
        if (outcome == null) {
            outcome = decision;
        }
    }

    Leaf.@Nullable Outcome outcome() {
        return outcome;
    }

    String stateText() {
        return outcome == null ? "open" : outcome.toString();
    }

    @Nullable
    UUID hold() {
        return hold;
    }

    boolean isDenied() {
        return denied;
    }

    boolean isFilled() {
        return IntStream.range(0, filled.length)
                .allMatch(i -> filled[i] >= opened.demands().get(i).count());
    }

    /** The open demands in words. */
    String missing() {
        return IntStream.range(0, filled.length)
                .filter(i -> filled[i] < opened.demands().get(i).count())
                .mapToObj(i -> opened.demands().get(i).count() - filled[i] + " x "
                        + opened.demands().get(i).role())
                .collect(Collectors.joining(", "));
    }

    private int roleFor(Genesis.Key key) {
        List<Demand> demands = opened.demands();
        for (int i = 0; i < filled.length; i++) {
            if (filled[i] < demands.get(i).count()
                    && key.roles().contains(demands.get(i).role())) {
                return i;
            }
        }
        return -1;
    }

    private boolean holdsAnyDemandedRole(Genesis.Key key) {
        return opened.demands().stream().anyMatch(d -> key.roles().contains(d.role()));
    }
}
