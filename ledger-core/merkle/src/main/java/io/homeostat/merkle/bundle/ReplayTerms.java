package io.homeostat.merkle.bundle;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Ids of transfers, what each moved, its terms, and which transfer reverses which. Not thread-safe. */
final class ReplayTerms {
    private static final long MICROS_PER_DAY = 86_400_000_000L;
    private static final int MOST_DAYS_APART = 366;

    private final ReplayPlace at;
    private final TransferIds transferIds = new TransferIds();
    /** The one reversal of each reversed transfer, and the reverse of it. */
    private final Map<UUID, UUID> reversals = new HashMap<>();

    private final Map<UUID, UUID> reversed = new HashMap<>();
    private Leaf.@Nullable TransferTerms terms;
    private long posted;

    ReplayTerms(ReplayPlace at) {
        this.at = at;
    }

    boolean isNew(UUID id) {
        boolean fresh = transferIds.add(id);
        if (!fresh) {
            at.incomplete("transfer " + id + " exists already");
        }
        return fresh;
    }

    void announced(Leaf.TransferTerms leaf) {
        terms = leaf;
        at.expect(
                "the leaf of transfer " + leaf.id(),
                next -> next instanceof Leaf.TransferPosted p && p.id().equals(leaf.id())
                        || next instanceof Leaf.TransferHeld h && h.id().equals(leaf.id())
                        || next instanceof Leaf.LegsPosted l && l.id().equals(leaf.id()));
    }

    /** Judges what the leaf before said of this transfer. {@code opposite} is what it must undo if it is a reversal. */
    void check(long timeMicros, UUID id, long opposite) {
        Leaf.TransferTerms said = terms;
        terms = null;
        if (said == null || said.sequence() != at.sequence() - 1 || !said.id().equals(id)) {
            return;
        }
        if (said.effectiveDay().isPresent()) {
            long apart = said.effectiveDay().getAsInt() - Math.floorDiv(timeMicros, MICROS_PER_DAY);
            if (Math.abs(apart) > MOST_DAYS_APART) {
                at.incomplete("the effective day of transfer " + id + " lies " + apart + " days from its booking");
            }
        }
        UUID target = said.reverses().orElse(null);
        if (target == null) {
            return;
        }
        if (transferIds.moved(target) == 0) {
            at.incomplete("transfer " + id + " reverses " + target + ", which is not posted");
        } else if (reversed.containsKey(target)) {
            at.incomplete("transfer " + id + " reverses " + target + ", which is a reversal itself");
        } else if (reversals.containsKey(target)) {
            at.incomplete(
                    "transfer " + id + " reverses " + target + ", which " + reversals.get(target) + " has reversed");
        } else if (transferIds.moved(target) != opposite) {
            at.incomplete("transfer " + id + " is not the opposite of " + target + ", which it reverses");
        }
        reversals.put(target, id);
        reversed.put(id, target);
    }

    /** A reversal that was held and came to nothing: the transfer may be reversed again. */
    void forgetReversal(UUID id) {
        UUID target = reversed.remove(id);
        if (target != null) {
            reversals.remove(target);
        }
    }

    long moved(long debit, long credit, long amount) {
        return transferIds.leg(debit, -amount) + transferIds.leg(credit, amount);
    }

    long leg(long account, long amount) {
        return transferIds.leg(account, amount);
    }

    void posted(UUID id, long moved) {
        transferIds.posted(id, moved);
        posted++;
    }

    /** How many transfers have moved money. */
    long posted() {
        return posted;
    }

    boolean isReversal(UUID id) {
        return reversed.containsKey(id);
    }
}
