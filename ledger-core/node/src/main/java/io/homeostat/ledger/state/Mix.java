package io.homeostat.ledger.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * 64-bit mixing for tables and for the fingerprint of a request's content. Not for security: a client that finds two
 * bodies with one fingerprint can only confuse its own transfer id. Source: the finalizer of MurmurHash3, variant 13 of
 * D. Stafford.
 */
final class Mix {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle BIG_ENDIAN =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final long ODD = 0x9fb21c651e98df25L;

    private Mix() {}

    static long mix(long value) {
        long z = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }

    /** The same on every JVM: it stands in snapshots. */
    static long of(Command.CreateTransfer c) {
        return of(
                text(c.debit()),
                text(c.credit()),
                text(c.asset()),
                text(c.principal()),
                c.amount(),
                c.hold(),
                c.timeoutSeconds());
    }

    /** Of a transfer whose texts are already {@linkplain #text(byte[], int, int) mixed}. */
    static long of(long debit, long credit, long asset, long principal, long amount, boolean hold, int timeoutSeconds) {
        long hash = mix(amount + 0x9e3779b97f4a7c15L);
        hash = hash * ODD ^ debit;
        hash = hash * ODD ^ credit;
        hash = hash * ODD ^ asset;
        hash = hash * ODD ^ principal;
        return mix(hash ^ (hold ? 1L << 40 : 0) ^ timeoutSeconds);
    }

    /** Of a text in ASCII. */
    static long text(byte[] in, int offset, int length) {
        long hash = length;
        int at = offset;
        int end = offset + length;
        for (; at + Long.BYTES <= end; at += Long.BYTES) {
            hash = (hash ^ (long) LONG.get(in, at)) * ODD;
            hash ^= hash >>> 32;
        }
        return mix((hash ^ rest(in, at, end)) * ODD);
    }

    /** The last bytes, fewer than eight, as a number: at once where eight may be read, because their count is hard to foresee. */
    private static long rest(byte[] in, int from, int end) {
        int bits = (end - from) * Byte.SIZE;
        if (end >= Long.BYTES) {
            return (long) BIG_ENDIAN.get(in, end - Long.BYTES) & (1L << bits) - 1;
        }
        long rest = 0;
        for (int at = from; at < end; at++) {
            rest = rest << 8 | in[at] & 0xff;
        }
        return rest;
    }

    static long text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return text(bytes, 0, bytes.length);
    }

    static long of(Command.CreateDatedTransfer c) {
        return mix(of(c.transfer()) ^ mix(c.effectiveDay() + 0x5851f42d4c957f2dL));
    }

    static long of(Command.CreateLegs c) {
        long hash = mix(c.legs().size() + 0x14057b7ef767814fL);
        for (Command.Leg leg : c.legs()) {
            hash = mix(of(of(hash, leg.account()), leg.asset()) ^ leg.amount());
        }
        return mix(of(hash, c.principal()) ^ c.effectiveDay());
    }

    static long of(Command.ReverseTransfer c) {
        long hash = mix(c.reverses().getMostSignificantBits() + 0x2545f4914f6cdd1dL);
        hash = mix(hash ^ c.reverses().getLeastSignificantBits());
        return mix(of(hash, c.principal()) ^ (long) c.reason().number() << 40 ^ c.effectiveDay());
    }

    private static long of(long seed, String text) {
        return mix(seed * ODD ^ text(text));
    }
}
