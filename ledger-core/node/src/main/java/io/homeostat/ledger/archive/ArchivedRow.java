package io.homeostat.ledger.archive;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * What the archive knows of a row's bytes, big-endian; the rest is the business of whoever hands it over.
 *
 * <pre>
 * 0   u64   number in the order of all rows
 * 8   u128  id
 * 24  ...
 * 66  u8    flags; bit 0: it began as a hold and is also found by its number
 * </pre>
 */
public final class ArchivedRow {
    public static final int BYTES = 67;
    public static final int HOLD = 1;

    private static final int ID_HIGH = 8;
    private static final int ID_LOW = 16;
    private static final int FLAGS = BYTES - 1;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private ArchivedRow() {}

    public static long number(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at);
    }

    public static long idHigh(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at + ID_HIGH);
    }

    public static long idLow(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at + ID_LOW);
    }

    public static boolean hold(byte[] bytes, int at) {
        return (bytes[at + FLAGS] & HOLD) != 0;
    }
}
