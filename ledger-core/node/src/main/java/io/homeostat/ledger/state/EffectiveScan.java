package io.homeostat.ledger.state;

import io.homeostat.ledger.journal.Journal;
import io.homeostat.merkle.bundle.Leaf;
import io.homeostat.merkle.bundle.LeafDecoder;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Sums what is posted on one account with an effective day that is asked for, over a part of the journal. A transfer that names no
 * day counts on the day of its posting; a hold that names one counts on it whenever it is posted. Not thread-safe; used once.
 */
final class EffectiveScan {
    private static final int LEAVES_PER_READ = 4096;
    private static final int BYTES_PER_READ = 1 << 20;
    private static final int TYPE_AT = 1;
    private static final int BODY_AT = 18;
    private static final int TRANSFER_POSTED = 3;
    private static final int HOLD_POSTED = 5;
    private static final int LEGS_POSTED = 30;
    private static final int TRANSFER_TERMS = 31;

    private final Journal journal;
    private final int ordinal;
    private final IntPredicate days;
    private final Function<UUID, Held> holds;
    /** Of the transfer that follows. */
    private Leaf.@Nullable TransferTerms terms;

    private long debits;
    private long credits;

    /** A hold that was posted. */
    record Held(long debit, long credit, @Nullable Integer effectiveDay) {}

    /** @param days the effective days, since the epoch, that are summed up */
    EffectiveScan(Journal journal, int ordinal, IntPredicate days, Function<UUID, Held> holds) {
        this.journal = journal;
        this.ordinal = ordinal;
        this.days = days;
        this.holds = holds;
    }

    long debits() {
        return debits;
    }

    long credits() {
        return credits;
    }

    /** The leaves from..last; false when one of them is missing. */
    boolean read(long from, long last) {
        // The terms of the first transfer may stand before it.
        for (long at = Math.max(0, from - 1); at <= last; ) {
            List<byte[]> leaves = journal.read(at, (int) Math.min(LEAVES_PER_READ, last - at + 1), BYTES_PER_READ);
            if (leaves.isEmpty()) {
                return false;
            }
            for (byte[] leaf : leaves) {
                follow(leaf, at >= from);
                at++;
            }
        }
        return true;
    }

    private void follow(byte[] leaf, boolean counts) {
        int type = leaf[TYPE_AT];
        if (type == TRANSFER_TERMS) {
            terms = (Leaf.TransferTerms) LeafDecoder.decode(leaf);
            return;
        }
        Leaf.TransferTerms before = terms;
        terms = null;
        if (!counts) {
            return;
        }
        if (type == TRANSFER_POSTED) {
            // Nearly all leaves are of this type, and nearly all of other accounts.
            ByteBuffer body = ByteBuffer.wrap(leaf);
            int debit = body.getInt(BODY_AT + 16);
            int credit = body.getInt(BODY_AT + 20);
            if ((debit == ordinal || credit == ordinal) && days.test(day(leaf, dayOf(before)))) {
                post(debit, credit, body.getLong(BODY_AT + 24));
            }
        } else if (type == HOLD_POSTED) {
            Leaf.HoldPosted posted = (Leaf.HoldPosted) LeafDecoder.decode(leaf);
            Held hold = holds.apply(posted.id());
            if (days.test(day(leaf, hold.effectiveDay()))) {
                post(hold.debit(), hold.credit(), posted.amount());
            }
        } else if (type == LEGS_POSTED) {
            Leaf.LegsPosted legs = (Leaf.LegsPosted) LeafDecoder.decode(leaf);
            for (Leaf.Leg leg : legs.legs()) {
                if (leg.account() == ordinal && days.test(day(leaf, dayOf(before)))) {
                    debits += leg.amount() < 0 ? -leg.amount() : 0;
                    credits += leg.amount() > 0 ? leg.amount() : 0;
                }
            }
        }
    }

    static @Nullable Integer dayOf(Leaf.@Nullable TransferTerms terms) {
        return terms == null || terms.effectiveDay().isEmpty()
                ? null
                : terms.effectiveDay().getAsInt();
    }

    private static int day(byte[] leaf, @Nullable Integer effective) {
        return effective != null ? effective : (int) LegsDecider.day(BalanceScan.timeMicros(leaf));
    }

    private void post(long debit, long credit, long amount) {
        debits += debit == ordinal ? amount : 0;
        credits += credit == ordinal ? amount : 0;
    }
}
