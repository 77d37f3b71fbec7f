package io.homeostat.merkle.bundle;

import io.homeostat.merkle.VerdictText;
import io.homeostat.merkle.bundle.Leaf.Bytes;
import io.homeostat.merkle.bundle.ReplayHolds.Hold;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;

/** Holds that wait, or waited, for a signed verdict. Not thread-safe. */
final class ReplayScreenings {
    private static final long MICROS_PER_MILLI = 1_000;
    private static final String DETECTOR = "detector";

    private final ReplayPlace at;
    private final ReplayHolds holds;
    private final ReplayChanges changes;
    private final Consumer<Bytes> cited;
    private final Map<UUID, Screening> screenings = new HashMap<>();

    /** A hold that waits for its verdict, and what came of it. */
    private static final class Screening {
        final Leaf.ScreeningBegun begun;
        boolean clear;
        boolean toPeople;

        Screening(Leaf.ScreeningBegun begun) {
            this.begun = begun;
        }
    }

    ReplayScreenings(ReplayPlace at, ReplayHolds holds, ReplayChanges changes, Consumer<Bytes> cited) {
        this.at = at;
        this.holds = holds;
        this.changes = changes;
        this.cited = cited;
    }

    void begun(Leaf.ScreeningBegun leaf) {
        Hold hold = holds.get(leaf.id());
        Requirement tier = hold == null ? null : hold.screening();
        if (hold == null || tier == null || screenings.containsKey(leaf.id())) {
            at.incomplete("screening of " + leaf.id() + " belongs to no open hold that the policy screens");
            return;
        }
        boolean asked = leaf.demands().equals(tier.demands())
                && leaf.dueMicros() - leaf.timeMicros() <= tier.screenMillis() * MICROS_PER_MILLI
                && hold.payload().equals(leaf.payloadDigest());
        if (!asked) {
            at.incomplete("screening of " + leaf.id() + " has another payload, time or demands than tier '"
                    + tier.name() + "'");
        }
        screenings.put(leaf.id(), new Screening(leaf));
    }

    void verdict(Leaf.VerdictRecorded leaf) {
        cited.accept(leaf.evidenceDigest());
        Genesis.Key key = changes.keys().active(leaf.keyId()).orElse(null);
        VerdictText text = new VerdictText(
                CaseKind.TRANSFER.prefix() + leaf.id(),
                leaf.payloadDigest().toArray(),
                leaf.clear(),
                leaf.expiresMicros(),
                leaf.evidenceDigest().toArray());
        boolean signed =
                key != null && text.signedBy(key.key(), leaf.signature().toArray());
        if (!signed) {
            at.authorship(
                    "the verdict on " + leaf.id() + " by key '" + leaf.keyId() + "' is not signed by an active key");
        }
        Screening screening = screenings.get(leaf.id());
        boolean counts = signed
                && key != null
                && key.roles().equals(List.of(DETECTOR))
                && screening != null
                && !screening.clear
                && !screening.toPeople
                && screening.begun.payloadDigest().equals(leaf.payloadDigest())
                && leaf.timeMicros() <= leaf.expiresMicros()
                && leaf.expiresMicros() <= screening.begun.dueMicros();
        if (!counts || screening == null) {
            at.incomplete("the verdict on " + leaf.id() + " by key '" + leaf.keyId() + "' does not count");
            return;
        }
        screening.clear = leaf.clear();
        screening.toPeople = !leaf.clear();
        if (leaf.clear()) {
            at.expectPosting(leaf.id());
        } else {
            expectCase(leaf.id());
        }
    }

    void lapsed(Leaf.ScreeningLapsed leaf) {
        Screening screening = screenings.get(leaf.id());
        if (screening == null
                || screening.clear
                || screening.toPeople
                || leaf.timeMicros() <= screening.begun.dueMicros()) {
            at.incomplete("the screening of " + leaf.id() + " lapsed but it was not waiting, or its time was not over");
            return;
        }
        screening.toPeople = true;
        expectCase(leaf.id());
    }

    private void expectCase(UUID hold) {
        String caseId = CaseKind.TRANSFER.prefix() + hold;
        at.expect(
                "CASE_OPENED of " + caseId,
                next -> next instanceof Leaf.CaseOpened c && c.caseId().equals(caseId));
    }

    /** Whether a verdict that counts lets the hold through. */
    boolean clear(UUID hold) {
        Screening screening = screenings.get(hold);
        return screening != null && screening.clear;
    }

    /** Whether people must decide, by a verdict or because none came. */
    boolean toPeople(UUID hold) {
        Screening screening = screenings.get(hold);
        return screening != null && screening.toPeople;
    }
}
