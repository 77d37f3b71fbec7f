package io.homeostat.ledger.state;

import io.homeostat.ledger.state.CommandCodec.Text;
import java.util.Arrays;

/**
 * Writes transfers of one request as they will stand in a Raft entry, straight from the bytes in which they came: no text
 * and no command object is made on the way. What it writes is what {@link CommandCodec} writes for the same transfers.
 *
 * <p>Not thread-safe.
 */
public final class TransferEncoder {
    /** Tag, id, amount, flag, timeout and the four lengths of texts. */
    private static final int FIXED = 1 + 16 + 8 + 1 + 4 + 4;

    private final byte[] principal;
    private byte[] out;
    private int size;
    private int count;

    /**
     * @param principal who was authenticated
     * @param expectedBytes of the whole request, to begin with
     */
    public TransferEncoder(String principal, int expectedBytes) {
        Text.PRINCIPAL.requireForm("principal", principal);
        this.principal = principal.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        this.out = new byte[Math.max(256, expectedBytes)];
    }

    /** Whether the bytes are an account id. */
    public static boolean isAccount(byte[] in, int offset, int length) {
        return allowed(Text.ACCOUNT, in, offset, length);
    }

    /** Whether the bytes are an asset. */
    public static boolean isAsset(byte[] in, int offset, int length) {
        return length >= 3 && allowed(Text.ASSET, in, offset, length) && in[offset] > '9';
    }

    /** Texts were found right by {@link #isAccount} and {@link #isAsset}; numbers are decided on by the ledger. */
    public void add(
            byte[] in,
            long idHigh,
            long idLow,
            int debit,
            int debitLength,
            int credit,
            int creditLength,
            int asset,
            int assetLength,
            long amount,
            boolean hold,
            int timeoutSeconds) {
        int bytes = FIXED + debitLength + creditLength + assetLength + principal.length;
        if (size + bytes > out.length) {
            out = Arrays.copyOf(out, Math.max(size + bytes, out.length * 2));
        }
        out[size++] = CommandCodec.CREATE_TRANSFER;
        i64(idHigh);
        i64(idLow);
        text(in, debit, debitLength);
        text(in, credit, creditLength);
        text(in, asset, assetLength);
        i64(amount);
        out[size++] = (byte) (hold ? 1 : 0);
        i32(timeoutSeconds);
        text(principal, 0, principal.length);
        count++;
    }

    public int count() {
        return count;
    }

    public EncodedCommands encoded() {
        return new EncodedCommands(Arrays.copyOf(out, size), count);
    }

    private void text(byte[] in, int offset, int length) {
        out[size++] = (byte) length;
        System.arraycopy(in, offset, out, size, length);
        size += length;
    }

    private void i64(long value) {
        i32((int) (value >>> 32));
        i32((int) value);
    }

    private void i32(int value) {
        out[size] = (byte) (value >>> 24);
        out[size + 1] = (byte) (value >>> 16);
        out[size + 2] = (byte) (value >>> 8);
        out[size + 3] = (byte) value;
        size += 4;
    }

    private static boolean allowed(Text rule, byte[] in, int offset, int length) {
        if (length < 1 || length > rule.maxLength()) {
            return false;
        }
        for (int i = offset; i < offset + length; i++) {
            if (!rule.allows(in[i])) {
                return false;
            }
        }
        return true;
    }
}
