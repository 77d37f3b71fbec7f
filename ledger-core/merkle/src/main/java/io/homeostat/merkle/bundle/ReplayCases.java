package io.homeostat.merkle.bundle;

import io.homeostat.merkle.bundle.Leaf.Bytes;
import io.homeostat.merkle.bundle.ReplayHolds.Hold;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Approval cases: what opens one, which statements of people count, and how one ends. Not thread-safe. */
final class ReplayCases {
    private static final long MICROS_PER_SECOND = 1_000_000;

    private final ReplayPlace at;
    private final Map<String, GateCase> cases;
    private final ReplayHolds holds;
    private final ReplayScreenings screenings;
    private final ReplayChanges changes;
    private final Consumer<Bytes> cited;
    private final Set<String> persons = new HashSet<>();
    private long approvalsChecked;
    private long approvalsCounted;

    ReplayCases(
            ReplayPlace at,
            Map<String, GateCase> cases,
            ReplayHolds holds,
            ReplayScreenings screenings,
            ReplayChanges changes,
            Consumer<Bytes> cited) {
        this.at = at;
        this.cases = cases;
        this.holds = holds;
        this.screenings = screenings;
        this.changes = changes;
        this.cited = cited;
    }

    void opened(Leaf.CaseOpened leaf) {
        if (leaf.kind() == CaseKind.RECOVERY) {
            cited.accept(leaf.payloadDigest());
        }
        if (cases.containsKey(leaf.caseId())) {
            at.incomplete("case " + leaf.caseId() + " exists already");
            return;
        }
        if (!leaf.caseId().startsWith(leaf.kind().prefix())) {
            at.incomplete("the id of a " + leaf.kind() + " case must begin with '"
                    + leaf.kind().prefix() + "' but is " + leaf.caseId());
        }
        Hold hold = null;
        if (leaf.kind() == CaseKind.TRANSFER) {
            hold = checkTransferCase(leaf);
        } else if (leaf.kind() == CaseKind.RECOVERY) {
            if (changes.policy().recoveryTiers().stream()
                    .noneMatch(t -> Requirement.of(t).isMetBy(leaf))) {
                at.incomplete("no recovery tier of the policy has the demands " + leaf.demands()
                        + " and the expiry of case " + leaf.caseId());
            }
        } else {
            changes.caseOpened(leaf);
        }
        cases.put(
                leaf.caseId(),
                new GateCase(leaf, hold == null ? null : hold.leaf().id()));
    }

    private @Nullable Hold checkTransferCase(Leaf.CaseOpened leaf) {
        Hold hold = holds.ofCase(leaf.caseId());
        if (hold != null && hold.screening() != null) {
            return checkCaseAfterScreening(leaf, hold, hold.screening());
        }
        if (hold == null || hold.tier() == null) {
            at.incomplete("case " + leaf.caseId() + " belongs to no open gated hold");
            return hold;
        }
        if (!hold.payload().equals(leaf.payloadDigest())) {
            at.incomplete("the payload digest of case " + leaf.caseId() + " is not the digest of hold "
                    + hold.leaf().id());
        }
        if (!leaf.requester().equals(hold.leaf().requester())) {
            at.incomplete("case " + leaf.caseId() + " names another requester than its hold");
        }
        if (!hold.tier().isMetBy(leaf)) {
            at.incomplete("case " + leaf.caseId() + " demands " + leaf.demands() + " until " + leaf.expiresMicros()
                    + " but tier '" + hold.tier().name() + "' demands "
                    + hold.tier().demands() + " within "
                    + hold.tier().expirySeconds() + " s");
        }
        return hold;
    }

    private Hold checkCaseAfterScreening(Leaf.CaseOpened leaf, Hold hold, Requirement tier) {
        long escalates = tier.escalateAfterSeconds() * MICROS_PER_SECOND;
        boolean asked = leaf.demands().equals(tier.demands())
                && leaf.expiresMicros() <= hold.leaf().expiresMicros()
                && tier.escalationRoles().containsAll(leaf.escalationRoles())
                && (leaf.escalatesMicros() == 0
                        || escalates > 0 && leaf.escalatesMicros() - leaf.timeMicros() >= escalates);
        if (!screenings.toPeople(hold.leaf().id()) || !asked) {
            at.incomplete("case " + leaf.caseId() + " follows from no screening of tier '" + tier.name()
                    + "', or demands something else than it");
        }
        Bytes payload = hold.payload();
        if (!payload.equals(leaf.payloadDigest())
                || !leaf.requester().equals(hold.leaf().requester())) {
            at.incomplete("case " + leaf.caseId() + " has another payload or requester than its hold");
        }
        return hold;
    }

    void approved(Leaf.ApprovalRecorded leaf) {
        cited.accept(leaf.reasonDigest());
        approvalsChecked++;
        Genesis.Key key = changes.keys().active(leaf.keyId()).orElse(null);
        boolean signed = key != null && GateCase.signedBy(leaf, key);
        if (!signed) {
            // One lie, two questions: nobody registered said it, and so it can not complete a case.
            at.authorship(
                    key == null
                            ? "approval by key '" + leaf.keyId() + "', which is not registered and active"
                            : "the signature of key '" + leaf.keyId() + "' does not verify over the approval's text");
        }
        GateCase gate = cases.get(leaf.caseId());
        String refusal = gate == null
                ? "the case is not in the journal"
                : gate.refusalOf(leaf, key, signed, changes.subjectOf(gate));
        if (refusal != null || gate == null || key == null) {
            at.incomplete("the approval of case " + leaf.caseId() + " by key '" + leaf.keyId() + "' does not count: "
                    + refusal);
            return;
        }
        if (!changes.keys().countGrows(key, leaf.signature().toArray())) {
            at.incomplete(
                    "the authenticator of key '" + leaf.keyId() + "' counted no further: a copy, or an old assertion");
        }
        changes.keys().count(key, leaf.signature().toArray());
        gate.record(leaf, key);
        approvalsCounted++;
        persons.add(key.person());
        if (gate.isDenied() || gate.isFilled()) {
            Leaf.Outcome outcome = gate.isDenied() ? Leaf.Outcome.DENIED : Leaf.Outcome.APPROVED;
            at.expect(
                    "CASE_DECIDED " + outcome + " of " + leaf.caseId(),
                    next -> next instanceof Leaf.CaseDecided d
                            && d.caseId().equals(leaf.caseId())
                            && d.outcome() == outcome);
        }
    }

    /** A refusal stands for what was wrong at its leaf: a reason that can not be true was edited. */
    void refused(Leaf.ApprovalRefused leaf) {
        cited.accept(leaf.commandDigest());
        GateCase gate = cases.get(leaf.caseId());
        boolean ofApproval = leaf.what() == 1;
        String contradiction = switch (leaf.reasonCode()) {
            case 40 -> ofApproval && gate != null ? "the case is in the journal" : null;
            case 43 -> ofApproval && (gate == null || gate.outcome() == null) ? "the case was not decided" : null;
            case 48 -> changes.keys().status(leaf.keyId()) != null ? "the key is registered" : null;
            case 53 ->
                changes.keys().status(leaf.keyId()) == null
                                || changes.keys().active(leaf.keyId()).isPresent()
                        ? "the key was not retired"
                        : null;
            case 44, 45, 46, 47, 49, 50, 51, 52, 54, 75, 76, 77 -> null;
            default -> "no statement is refused for it";
        };
        if (contradiction != null) {
            at.incomplete("the refusal of key '" + leaf.keyId() + "' in " + leaf.caseId() + " gives reason "
                    + leaf.reasonCode() + " but " + contradiction);
        }
    }

    void decided(Leaf.CaseDecided leaf) {
        GateCase gate = cases.get(leaf.caseId());
        if (gate == null) {
            at.incomplete("case " + leaf.caseId() + " was decided but never opened");
            return;
        }
        String refusal = gate.refusalOf(leaf);
        if (refusal != null) {
            at.incomplete("case " + leaf.caseId() + " was decided as " + leaf.outcome() + " but " + refusal);
        }
        changes.decided(gate, leaf);
        gate.decide(leaf.outcome());
        UUID hold = gate.hold();
        if (leaf.outcome() == Leaf.Outcome.APPROVED && hold != null && holds.get(hold) != null) {
            at.expectPosting(hold);
        }
    }

    long approvalsChecked() {
        return approvalsChecked;
    }

    long approvalsCounted() {
        return approvalsCounted;
    }

    /** How many people said something that counted. */
    int persons() {
        return persons.size();
    }
}
