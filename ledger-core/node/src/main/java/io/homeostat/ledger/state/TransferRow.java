package io.homeostat.ledger.state;

import io.homeostat.ledger.archive.ArchivedRow;
import io.homeostat.ledger.state.TransferTable.Status;
import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * What is remembered of one transfer id, as it stood when it was asked for.
 *
 * @param number its place in the order of decisions, from 0
 * @param fingerprint of the request's content
 * @param first sequence of the first leaf about it; of a rejected one that of the next leaf at that moment
 * @param sequence of the newest leaf about it
 */
record TransferRow(
        long number,
        UUID id,
        long fingerprint,
        long first,
        long amount,
        long sequence,
        int debit,
        int credit,
        Status status,
        int reasonNumber,
        int flags) {
    static final int BYTES = ArchivedRow.BYTES;

    boolean gated() {
        return (flags & TransferTable.GATED) != 0;
    }

    /** True for what began as a hold, whatever became of it. */
    boolean wasHold() {
        return (flags & TransferTable.HOLD) != 0;
    }

    boolean hasLegs() {
        return (flags & TransferTable.LEGS) != 0;
    }

    boolean hasTerms() {
        return (flags & TransferTable.TERMS) != 0;
    }

    TransferRow closed(Status as, long asAmount, long atSequence) {
        return new TransferRow(
                number, id, fingerprint, first, asAmount, atSequence, debit, credit, as, reasonNumber, flags);
    }

    /**
     * As it stands in the index on disk and in snapshots, big-endian.
     *
     * <pre>
     * u64 number | u128 id | u64 fingerprint | u64 first | u64 amount | u64 sequence | u32 debit | u32 credit
     * | u8 status | u8 reason | u8 flags
     * </pre>
     */
    void to(ByteBuffer out) {
        out.putLong(number)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .putLong(fingerprint)
                .putLong(first)
                .putLong(amount)
                .putLong(sequence)
                .putInt(debit)
                .putInt(credit)
                .put((byte) status.ordinal())
                .put((byte) reasonNumber)
                .put((byte) flags);
    }

    static TransferRow of(byte[] content) {
        if (content.length != BYTES) {
            throw new InvariantViolation(
                    "expected a row of " + BYTES + " bytes in the index of old transfers but found " + content.length);
        }
        ByteBuffer in = ByteBuffer.wrap(content);
        return new TransferRow(
                in.getLong(),
                new UUID(in.getLong(), in.getLong()),
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.getInt(),
                in.getInt(),
                Status.of(in.get()),
                in.get(),
                in.get());
    }
}
