package io.homeostat.ledger.state;

import io.homeostat.ledger.journal.Journal;
import io.homeostat.merkle.bundle.Leaf;
import io.homeostat.merkle.bundle.LeafDecoder;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The balances of one account at an index of the past, from the leaves: forward from the first leaf, or back from the newest
 * balances, whichever is shorter. Exact, and in constant memory but for the account's open holds. Not thread-safe; used for one
 * question.
 */
final class BalanceScan {
    /** About 10 s of reading. Further from both ends nothing is answered: a node has other work. */
    static final long MOST_LEAVES = 1 << 24;

    private static final int LEAVES_PER_READ = 4096;
    private static final int BYTES_PER_READ = 1 << 20;
    private static final int TYPE_AT = 1;
    private static final int TIME_AT = 10;
    private static final int BODY_AT = 18;
    private static final int ACCOUNT_CREATED = 2;
    private static final int TRANSFER_POSTED = 3;
    private static final int HOLD_EXPIRED = 7;
    private static final int LEGS_POSTED = 30;

    private final Journal journal;
    private final int ordinal;
    private final Function<UUID, @Nullable Held> closed;
    private final Map<UUID, Held> open = new HashMap<>();
    private boolean exists;
    private long debitsPosted;
    private long creditsPosted;
    private long debitsHeld;
    private long creditsHeld;

    /** A hold, by the accounts and the amount of its first leaf. */
    record Held(long debit, long credit, long amount) {}

    /** @param closed what a hold held that is closed in the newest state */
    BalanceScan(Journal journal, int ordinal, Function<UUID, @Nullable Held> closed) {
        this.journal = journal;
        this.ordinal = ordinal;
        this.closed = closed;
    }

    long debitsPosted() {
        return debitsPosted;
    }

    long creditsPosted() {
        return creditsPosted;
    }

    long debitsHeld() {
        return debitsHeld;
    }

    long creditsHeld() {
        return creditsHeld;
    }

    /** True when the account existed at the index that was reached. */
    boolean exists() {
        return exists;
    }

    /** Adds up the leaves 0..index; false when one of them is missing. */
    boolean forward(long index) {
        for (long at = 0; at <= index; ) {
            List<byte[]> leaves = read(at, index);
            if (leaves.isEmpty()) {
                return false;
            }
            leaves.forEach(leaf -> follow(leaf, 1));
            at += leaves.size();
        }
        return true;
    }

    /** Takes the leaves after {@code index} off the balances that the newest leaf gave; false when one is missing. */
    boolean back(long index, long newest, AccountView now) {
        exists = true;
        debitsPosted = now.debitsPosted();
        creditsPosted = now.creditsPosted();
        debitsHeld = now.debitsHeld();
        creditsHeld = now.creditsHeld();
        // Forward too: sums do not depend on the order, and what each hold held is looked up.
        for (long at = index + 1; at <= newest; ) {
            List<byte[]> leaves = read(at, newest);
            if (leaves.isEmpty()) {
                return false;
            }
            leaves.forEach(leaf -> follow(leaf, -1));
            at += leaves.size();
        }
        return true;
    }

    static long timeMicros(byte[] leaf) {
        return ByteBuffer.wrap(leaf).getLong(TIME_AT);
    }

    private List<byte[]> read(long from, long last) {
        return journal.read(from, (int) Math.min(LEAVES_PER_READ, last - from + 1), BYTES_PER_READ);
    }

    private void follow(byte[] leaf, int sign) {
        int type = leaf[TYPE_AT];
        if (type == TRANSFER_POSTED) {
            // Nearly all leaves are of this type, and nearly all of other accounts.
            ByteBuffer body = ByteBuffer.wrap(leaf);
            post(body.getInt(BODY_AT + 16), body.getInt(BODY_AT + 20), sign * body.getLong(BODY_AT + 24));
        } else if (type >= ACCOUNT_CREATED && type <= HOLD_EXPIRED || type == LEGS_POSTED) {
            follow(LeafDecoder.decode(leaf), sign);
        }
    }

    private void follow(Leaf leaf, int sign) {
        if (leaf instanceof Leaf.AccountCreated created) {
            exists = created.ordinal() == ordinal ? sign > 0 : exists;
        } else if (leaf instanceof Leaf.TransferHeld held) {
            Held hold = new Held(held.debit(), held.credit(), held.amount());
            if (touches(hold)) {
                hold(hold, sign);
                if (sign > 0) {
                    open.put(held.id(), hold);
                }
            }
        } else if (leaf instanceof Leaf.HoldPosted posted) {
            close(posted.id(), posted.amount(), sign);
        } else if (leaf instanceof Leaf.HoldVoided voided) {
            close(voided.id(), 0, sign);
        } else if (leaf instanceof Leaf.HoldExpired expired) {
            close(expired.id(), 0, sign);
        } else if (leaf instanceof Leaf.LegsPosted legs) {
            for (Leaf.Leg leg : legs.legs()) {
                if (leg.account() == ordinal) {
                    debitsPosted += leg.amount() < 0 ? -sign * leg.amount() : 0;
                    creditsPosted += leg.amount() > 0 ? sign * leg.amount() : 0;
                }
            }
        }
    }

    private void close(UUID id, long posted, int sign) {
        Held hold = sign > 0 ? open.remove(id) : closed.apply(id);
        if (hold != null && touches(hold)) {
            hold(hold, -sign);
            post(hold.debit, hold.credit, sign * posted);
        }
    }

    private boolean touches(Held hold) {
        return hold.debit == ordinal || hold.credit == ordinal;
    }

    private void hold(Held hold, int sign) {
        debitsHeld += hold.debit == ordinal ? sign * hold.amount : 0;
        creditsHeld += hold.credit == ordinal ? sign * hold.amount : 0;
    }

    private void post(long debit, long credit, long amount) {
        debitsPosted += debit == ordinal ? amount : 0;
        creditsPosted += credit == ordinal ? amount : 0;
    }
}
