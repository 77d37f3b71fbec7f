package io.homeostat.ledger.state;

/**
 * 64-bit mixing for tables and for the fingerprint of a request's content. Not for security: a client that finds two
 * bodies with one fingerprint can only confuse its own transfer id. Source: the finalizer of MurmurHash3, variant 13 of
 * D. Stafford.
 */
final class Mix {
    private Mix() {}

    static long mix(long value) {
        long z = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }

    /** The same on every JVM: it stands in snapshots. */
    static long of(Command.CreateTransfer c) {
        long hash = mix(c.amount() + 0x9e3779b97f4a7c15L);
        hash = of(hash, c.debit());
        hash = of(hash, c.credit());
        hash = of(hash, c.asset());
        hash = of(hash, c.principal());
        return mix(hash ^ (c.hold() ? 1L << 40 : 0) ^ c.timeoutSeconds());
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
        long hash = seed;
        int length = text.length();
        for (int i = 0; i < length; i++) {
            hash = hash * 0x100000001b3L ^ text.charAt(i);
        }
        return mix(hash + length);
    }
}
