package io.homeostat.merkle.bundle;

import io.homeostat.merkle.bundle.ReplayHolds.Hold;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Transfers between two accounts, and holds from their making to their end. Not thread-safe. */
final class ReplayTransfers {
    private final ReplayPlace at;
    private final ReplayAccounts accounts;
    private final ReplayTerms terms;
    private final ReplayHolds holds;
    private final Map<String, GateCase> cases;
    private final ReplayScreenings screenings;
    private final ReplayChanges changes;
    private long gatedHolds;
    private long gatedPostings;

    ReplayTransfers(
            ReplayPlace at,
            ReplayAccounts accounts,
            ReplayTerms terms,
            ReplayHolds holds,
            Map<String, GateCase> cases,
            ReplayScreenings screenings,
            ReplayChanges changes) {
        this.at = at;
        this.accounts = accounts;
        this.terms = terms;
        this.holds = holds;
        this.cases = cases;
        this.screenings = screenings;
        this.changes = changes;
    }

    void posted(Leaf.TransferPosted leaf) {
        ReplayAccount debit = accounts.find(leaf.debit(), "debit");
        ReplayAccount credit = accounts.find(leaf.credit(), "credit");
        if (!terms.isNew(leaf.id())
                || debit == null
                || credit == null
                || !accounts.mayMove(debit, credit, leaf.amount())) {
            return;
        }
        Requirement tier = tierOf(debit, credit, leaf.amount());
        if (tier != null) {
            at.incomplete("transfer " + leaf.id() + " of " + leaf.amount() + " " + debit.asset + " falls in tier '"
                    + tier.name() + "' but was posted without a hold and without approval");
        }
        Requirement screening = tier == null ? screeningOf(debit, credit, leaf.amount()) : null;
        if (screening != null) {
            at.incomplete("transfer " + leaf.id() + " of " + leaf.amount() + " " + debit.asset
                    + " falls in screening tier '" + screening.name() + "' but was posted without a verdict");
        }
        long moved = terms.moved(leaf.debit(), leaf.credit(), leaf.amount());
        terms.check(leaf.timeMicros(), leaf.id(), terms.moved(leaf.credit(), leaf.debit(), leaf.amount()));
        terms.posted(leaf.id(), moved);
        debit.debitsPosted += leaf.amount();
        credit.creditsPosted += leaf.amount();
    }

    void held(Leaf.TransferHeld leaf) {
        ReplayAccount debit = accounts.find(leaf.debit(), "debit");
        ReplayAccount credit = accounts.find(leaf.credit(), "credit");
        if (!terms.isNew(leaf.id())
                || debit == null
                || credit == null
                || !accounts.mayMove(debit, credit, leaf.amount())) {
            return;
        }
        Requirement tier = tierOf(debit, credit, leaf.amount());
        Requirement screening = tier == null ? screeningOf(debit, credit, leaf.amount()) : null;
        Requirement gating = tier == null ? screening : tier;
        if (leaf.gated() != (gating != null)) {
            at.incomplete(
                    "hold " + leaf.id() + " of " + leaf.amount() + " " + debit.asset + " says gated=" + leaf.gated()
                            + " but the policy "
                            + (gating == null ? "does not gate it" : "gates it by tier '" + gating.name() + "'"));
        }
        if (screening != null) {
            at.expect(
                    "SCREENING_BEGUN of " + leaf.id(),
                    next -> next instanceof Leaf.ScreeningBegun b && b.id().equals(leaf.id()));
        }
        if (leaf.expiresMicros() < leaf.timeMicros()) {
            at.incomplete("hold " + leaf.id() + " expired before it was made");
        }
        terms.check(leaf.timeMicros(), leaf.id(), terms.moved(leaf.credit(), leaf.debit(), leaf.amount()));
        Hold hold = new Hold(leaf, debit, credit, tier, screening);
        holds.open(hold);
        gatedHolds += hold.gated() ? 1 : 0;
    }

    void holdPosted(Leaf.HoldPosted leaf) {
        Hold hold = holds.close(leaf.id(), "post");
        if (hold == null) {
            return;
        }
        long amount = leaf.amount();
        if (amount > hold.leaf().amount()) {
            at.incomplete("hold " + leaf.id() + " of " + hold.leaf().amount() + " was posted with " + amount);
            amount = hold.leaf().amount();
        }
        if (leaf.timeMicros() > hold.leaf().expiresMicros()) {
            at.incomplete("hold " + leaf.id() + " was posted after it had expired");
        }
        if (hold.gated()) {
            gatedPostings++;
            checkGatedPosting(leaf, hold);
        }
        if (terms.isReversal(leaf.id()) && amount != hold.leaf().amount()) {
            at.incomplete("reversal " + leaf.id() + " must be posted whole");
        }
        terms.posted(leaf.id(), terms.moved(hold.leaf().debit(), hold.leaf().credit(), amount));
        hold.debit().debitsPosted += amount;
        hold.credit().creditsPosted += amount;
    }

    private void checkGatedPosting(Leaf.HoldPosted leaf, Hold hold) {
        if (leaf.amount() != hold.leaf().amount()) {
            at.incomplete("gated hold " + leaf.id() + " must be posted whole, "
                    + hold.leaf().amount() + ", but was posted with " + leaf.amount());
        }
        GateCase gate = cases.get(CaseKind.TRANSFER.prefix() + leaf.id());
        if (screenings.clear(leaf.id()) && gate == null) {
            return;
        }
        if (gate == null) {
            at.incomplete("gated hold " + leaf.id() + " was posted without an approval case");
        } else if (gate.outcome() != Leaf.Outcome.APPROVED) {
            at.incomplete("gated hold " + leaf.id() + " was posted but its case is " + gate.stateText());
        } else if (!gate.isFilled()) {
            at.incomplete("gated hold " + leaf.id() + " was posted but its case lacks " + gate.missing());
        }
    }

    void holdVoided(Leaf.HoldVoided leaf) {
        Hold hold = holds.close(leaf.id(), "void");
        if (hold == null) {
            return;
        }
        terms.forgetReversal(leaf.id());
        if (!leaf.deniedByApprovers()) {
            if (hold.gated()) {
                at.incomplete("gated hold " + leaf.id() + " was voided by a client but ends with its case only");
            }
            return;
        }
        GateCase gate = cases.get(CaseKind.TRANSFER.prefix() + leaf.id());
        if (gate == null || !gate.isDenied()) {
            at.incomplete("hold " + leaf.id()
                    + " was voided as denied by approvers but no valid denial stands in the journal");
        }
    }

    void holdExpired(Leaf.HoldExpired leaf) {
        Hold hold = holds.close(leaf.id(), "expire");
        terms.forgetReversal(leaf.id());
        if (hold != null && leaf.timeMicros() < hold.leaf().expiresMicros()) {
            at.incomplete("hold " + leaf.id() + " expired before its time");
        }
    }

    private @Nullable Requirement screeningOf(ReplayAccount debit, ReplayAccount credit, long amount) {
        return changes.policy()
                .screening(
                        debit.asset, c -> c == 0 || c == debit.accountClass || c == credit.accountClass ? amount : 0);
    }

    private @Nullable Requirement tierOf(ReplayAccount debit, ReplayAccount credit, long amount) {
        return changes.policy()
                .approval(debit.asset, c -> c == 0 || c == debit.accountClass || c == credit.accountClass ? amount : 0);
    }

    long gatedHolds() {
        return gatedHolds;
    }

    long gatedPostings() {
        return gatedPostings;
    }
}
