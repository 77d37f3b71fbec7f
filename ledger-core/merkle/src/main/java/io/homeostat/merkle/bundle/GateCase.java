package io.homeostat.merkle.bundle;

import io.homeostat.merkle.ApprovalText;
import io.homeostat.merkle.TransferPayload;
import io.homeostat.merkle.bundle.Leaf.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** An approval case as the replay follows it: who counted for which role, and how it ended. Not thread-safe. */
final class GateCase {
    private final Leaf.CaseOpened opened;
    private final @Nullable UUID hold;
    private final List<Counted> counted = new ArrayList<>();
    private boolean denied;
    private Leaf.@Nullable Outcome outcome;
    private Leaf.@Nullable ChangeProposed proposed;

    /** @param place of the demand that the approval fills, -1 for a denial */
    private record Counted(String keyId, String person, int place) {}

    GateCase(Leaf.CaseOpened opened, @Nullable UUID hold) {
        this.opened = opened;
        this.hold = hold;
    }

    private GateCase(GateCase other) {
        opened = other.opened;
        hold = other.hold;
        counted.addAll(other.counted);
        denied = other.denied;
        outcome = other.outcome;
        proposed = other.proposed;
    }

    GateCase copy() {
        return new GateCase(this);
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
        return text.signedBy(key.key(), leaf.signature().toArray());
    }

    /**
     * Why this approval does not count, null when it does. The order is docs/encoding.md's.
     *
     * @param key null unless it is registered and may sign now
     * @param subject the person whose key the case changes, empty for other cases
     */
    @Nullable
    String refusalOf(Leaf.ApprovalRecorded leaf, Genesis.@Nullable Key key, boolean signed, String subject) {
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
            return "no such key is registered and active";
        }
        if (!signed) {
            return "its signature does not verify";
        }
        if (key.person().equals(opened.requester())) {
            return "person '" + key.person() + "' is the requester";
        }
        if (key.person().equals(subject)) {
            return "person '" + key.person() + "' would approve the change of an own key";
        }
        if (counted.stream().anyMatch(c -> c.person.equals(key.person()))) {
            return "person '" + key.person() + "' has decided this case before";
        }
        boolean fits = placeFor(key, leaf.approve(), leaf.timeMicros()) >= 0;
        return fits ? null : "person '" + key.person() + "' holds no demanded role that is open";
    }

    void record(Leaf.ApprovalRecorded leaf, Genesis.Key key) {
        int place = leaf.approve() ? placeFor(key, true, leaf.timeMicros()) : -1;
        counted.add(new Counted(key.keyId(), key.person(), place));
        denied |= !leaf.approve();
    }

    /** What was signed with this key, or by this person, counts no more; a decided case stays as it is. */
    void forget(Predicate<String> keyId, Predicate<String> person) {
        if (outcome == null) {
            counted.removeIf(c -> keyId.test(c.keyId) || person.test(c.person));
        }
    }

    CaseKind kind() {
        return opened.kind();
    }

    String id() {
        return opened.caseId();
    }

    Bytes payload() {
        return opened.payloadDigest();
    }

    void propose(Leaf.ChangeProposed leaf) {
        proposed = leaf;
    }

    /** The change that the case is about, null when it is about none. */
    Leaf.@Nullable ChangeProposed proposed() {
        return proposed;
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
            case SUPERSEDED -> proposed != null ? null : "it is about no change of policy or keys";
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
        return IntStream.range(0, opened.demands().size()).allMatch(i -> missingAt(i) <= 0);
    }

    /** The open demands in words. */
    String missing() {
        return IntStream.range(0, opened.demands().size())
                .filter(i -> missingAt(i) > 0)
                .mapToObj(i -> missingAt(i) + " x " + opened.demands().get(i).role())
                .collect(Collectors.joining(", "));
    }

    private int missingAt(int place) {
        long filled = counted.stream().filter(c -> c.place == place).count();
        return opened.demands().get(place).count() - (int) filled;
    }

    /** A person with a demanded role comes first; later in the case's life an escalation role may stand in. */
    private int placeFor(Genesis.Key key, boolean approve, long timeMicros) {
        List<Demand> demands = opened.demands();
        for (int i = 0; i < demands.size(); i++) {
            if ((!approve || missingAt(i) > 0)
                    && key.roles().contains(demands.get(i).role())) {
                return i;
            }
        }
        boolean escalated = opened.escalatesMicros() > 0
                && timeMicros >= opened.escalatesMicros()
                && opened.escalationRoles().stream().anyMatch(key.roles()::contains);
        for (int i = 0; escalated && i < demands.size(); i++) {
            if (!approve || missingAt(i) > 0) {
                return i;
            }
        }
        return -1;
    }
}
