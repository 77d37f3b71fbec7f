package io.homeostat.ledger.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The transfers of one entry in columns, their accounts already looked for before the first is decided.
 *
 * <p>Waiting for memory is most of what a transfer costs, and what a search reads next hangs on what it read before. So all of
 * them go one step together before any goes the next: slots of all names, then the names, then the balances, each in a short
 * loop whose reads do not depend on each other. The processor has several under way at once, and finds all of it near when the
 * transfers are decided.
 *
 * <p>An account is never renamed nor removed, so one that is found stays right while the entry is applied; one that is not
 * found may be made by a command of the same entry. The columns are used again for each entry. Not thread-safe.
 */
final class TransferColumns {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private long[] idHigh = new long[0];
    private long[] idLow = new long[0];
    private long[] fingerprint = new long[0];
    private long[] amount = new long[0];
    private int[] debit = new int[0];
    private int[] credit = new int[0];
    /** Number of the asset, {@link AccountTable#NONE} when the transfer is not one to post at once. */
    private int[] asset = new int[0];
    /** Of both names of each. */
    private long[] mixes = new long[0];
    /** Commands of the entry that are transfers, so many. */
    private int[] transfer = new int[0];

    private int transfers;

    /** Written so that reading ahead is not left out as useless. */
    @SuppressWarnings("unused")
    private long touched;

    /** The texts that repeat from transfer to transfer, where they were last read. */
    private int assetFrom;

    private int assetLength;
    private int assetNumber;
    private long assetMix;
    private int principalFrom;
    private int principalLength;
    private long principalMix;

    void read(Entry entry, AccountTable accounts) {
        int count = entry.count();
        if (count > idHigh.length) {
            grow(Math.max(count, 2 * idHigh.length));
        }
        byte[] in = entry.bytes();
        assetLength = 0;
        principalLength = 0;
        transfers = 0;
        for (int i = 0; i < count; i++) {
            if (entry.isTransfer(i)) {
                transfer[transfers++] = i;
                parse(i, in, entry.place(i), accounts);
            }
        }
        find(in, entry, accounts);
    }

    private void parse(int i, byte[] in, int place, AccountTable accounts) {
        idHigh[i] = (long) LONG.get(in, place);
        idLow[i] = (long) LONG.get(in, place + 8);
        int at = place + 16;
        int length = in[at++];
        long debitMix = Mix.text(in, at, length);
        at += length;
        length = in[at++];
        long creditMix = Mix.text(in, at, length);
        at += length;
        length = in[at++];
        asset(in, at, length, accounts);
        at += length;
        amount[i] = (long) LONG.get(in, at);
        boolean hold = in[at + 8] != 0;
        int timeoutSeconds = (int) INT.get(in, at + 9);
        at += 13;
        length = in[at++];
        principal(in, at, length);
        fingerprint[i] = Mix.of(debitMix, creditMix, assetMix, principalMix, amount[i], hold, timeoutSeconds);
        asset[i] = hold || timeoutSeconds != 0 ? AccountTable.NONE : assetNumber;
        mixes[2 * i] = debitMix;
        mixes[2 * i + 1] = creditMix;
    }

    private void find(byte[] in, Entry entry, AccountTable accounts) {
        long read = 0;
        for (int n = 0; n < transfers; n++) {
            int i = transfer[n];
            debit[i] = accounts.place(mixes[2 * i]);
            credit[i] = accounts.place(mixes[2 * i + 1]);
        }
        for (int n = 0; n < transfers; n++) {
            int i = transfer[n];
            read ^= accounts.touchName(debit[i]) ^ accounts.touchName(credit[i]);
        }
        for (int n = 0; n < transfers; n++) {
            int i = transfer[n];
            int at = entry.place(i) + 16;
            int length = in[at++];
            debit[i] = accounts.find(in, at, length, mixes[2 * i]);
            at += length;
            length = in[at++];
            credit[i] = accounts.find(in, at, length, mixes[2 * i + 1]);
        }
        for (int n = 0; n < transfers; n++) {
            int i = transfer[n];
            read ^= accounts.touchBalances(debit[i]) ^ accounts.touchBalances(credit[i]);
        }
        touched = read;
    }

    private void asset(byte[] in, int from, int length, AccountTable accounts) {
        if (length != assetLength || !Arrays.equals(in, assetFrom, assetFrom + length, in, from, from + length)) {
            assetMix = Mix.text(in, from, length);
            assetNumber = accounts.findAsset(new String(in, from, length, StandardCharsets.ISO_8859_1));
            assetLength = length;
        }
        assetFrom = from;
    }

    private void principal(byte[] in, int from, int length) {
        if (length != principalLength
                || !Arrays.equals(in, principalFrom, principalFrom + length, in, from, from + length)) {
            principalMix = Mix.text(in, from, length);
            principalLength = length;
        }
        principalFrom = from;
    }

    /** The table of ids is told what is coming. */
    void announce(TransferTable table) {
        table.expect(idHigh, idLow, transfer, transfers);
    }

    long idHigh(int command) {
        return idHigh[command];
    }

    long idLow(int command) {
        return idLow[command];
    }

    /** As {@link Mix#of(Command.CreateTransfer)} has it. */
    long fingerprint(int command) {
        return fingerprint[command];
    }

    long amount(int command) {
        return amount[command];
    }

    /** {@link AccountTable#NONE} when the account was not there before the entry. */
    int debit(int command) {
        return debit[command];
    }

    /** {@link AccountTable#NONE} when the account was not there before the entry. */
    int credit(int command) {
        return credit[command];
    }

    /** Number of the asset; {@link AccountTable#NONE} when no account has it or the transfer asks for a hold or a timeout. */
    int asset(int command) {
        return asset[command];
    }

    private void grow(int capacity) {
        idHigh = new long[capacity];
        idLow = new long[capacity];
        fingerprint = new long[capacity];
        amount = new long[capacity];
        debit = new int[capacity];
        credit = new int[capacity];
        asset = new int[capacity];
        mixes = new long[2 * capacity];
        transfer = new int[capacity];
    }
}
