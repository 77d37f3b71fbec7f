package io.homeostat.ledger.state;

import io.homeostat.ledger.state.TransferTable.Status;
import java.nio.ByteBuffer;
import java.util.UUID;

/** Consecutive rows of the transfer table in columns. The arrays are used again for later rows. Not thread-safe. */
final class RowChunk {
    final long[] idHigh;
    final long[] idLow;
    final long[] fingerprint;
    final long[] first;
    final long[] amount;
    final long[] sequence;
    final int[] debit;
    final int[] credit;
    final byte[] status;
    final byte[] reason;
    final byte[] flags;
    /** A frozen copy of the table reads it too. */
    boolean shared;

    RowChunk(int size) {
        idHigh = new long[size];
        idLow = new long[size];
        fingerprint = new long[size];
        first = new long[size];
        amount = new long[size];
        sequence = new long[size];
        debit = new int[size];
        credit = new int[size];
        status = new byte[size];
        reason = new byte[size];
        flags = new byte[size];
    }

    private RowChunk(RowChunk from) {
        idHigh = from.idHigh.clone();
        idLow = from.idLow.clone();
        fingerprint = from.fingerprint.clone();
        first = from.first.clone();
        amount = from.amount.clone();
        sequence = from.sequence.clone();
        debit = from.debit.clone();
        credit = from.credit.clone();
        status = from.status.clone();
        reason = from.reason.clone();
        flags = from.flags.clone();
    }

    RowChunk copy() {
        return new RowChunk(this);
    }

    boolean held(int i) {
        return status[i] == Status.HELD.ordinal();
    }

    TransferRow row(int i, long number) {
        return new TransferRow(
                number,
                new UUID(idHigh[i], idLow[i]),
                fingerprint[i],
                first[i],
                amount[i],
                sequence[i],
                debit[i],
                credit[i],
                Status.of(status[i]),
                reason[i],
                flags[i]);
    }

    /** As {@link TransferRow#to} does. */
    void write(int i, long number, ByteBuffer out) {
        out.putLong(number)
                .putLong(idHigh[i])
                .putLong(idLow[i])
                .putLong(fingerprint[i])
                .putLong(first[i])
                .putLong(amount[i])
                .putLong(sequence[i])
                .putInt(debit[i])
                .putInt(credit[i])
                .put(status[i])
                .put(reason[i])
                .put(flags[i]);
    }

    void put(int i, TransferRow row) {
        idHigh[i] = row.id().getMostSignificantBits();
        idLow[i] = row.id().getLeastSignificantBits();
        fingerprint[i] = row.fingerprint();
        first[i] = row.first();
        amount[i] = row.amount();
        sequence[i] = row.sequence();
        debit[i] = row.debit();
        credit[i] = row.credit();
        status[i] = (byte) row.status().ordinal();
        reason[i] = (byte) row.reasonNumber();
        flags[i] = (byte) row.flags();
    }
}
