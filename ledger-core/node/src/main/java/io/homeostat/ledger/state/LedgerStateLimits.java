package io.homeostat.ledger.state;

/**
 * Bounds of the state machine. They are part of what every replica must agree on: all nodes of a ledger use the same.
 *
 * @param maxAccounts 16 M: 40 bytes of columns, 16 to 32 of the table and 6 to 69 of its name each, 1 to 2 GB of heap, is more
 *     than a small node has, and the names must fit one array
 * @param maxTransfers 1 T transfer ids: 100 TB of disk, 300 years at 100 a second
 * @param recentTransfers 262,144 transfers stay in memory at least, about 27 MB: a tenth of a heap of 256 MB. Retries come within
 *     seconds; an older id costs a read from the index on disk. It changes no decision, but snapshots are equal only if it is
 * @param maxCases 1 M cases, open and decided, about 1 kB each; people decide thousands a day
 * @param maxAssets 256 assets: more than the currencies of the world
 * @param defaultHoldSeconds 7 days, how long card holds usually live
 * @param maxHoldSeconds 90 days: a longer hold is a loan
 * @param expiriesPerBatch 1000 expiries at the start of a batch: about 2 ms; the rest goes with the next batch, and a
 *     release of what is past its time is refused meanwhile
 * @param refusedLeavesPerCase 64 refusals of one case stand in the journal one by one; further ones are counted
 * @param refusedLeavesPerMinute 256 refusals that belong to no case, per minute of ledger time; further ones are counted
 * @param attestEveryMicros 1 s: a drift is then found within 4 s
 * @param scrubEvery 4: a page of accounts that nobody touches is hashed anew at every 4th attestation
 * @param attestationsKept 64 attestations are kept to compare; older ones are refused
 */
public record LedgerStateLimits(
        int maxAccounts,
        long maxTransfers,
        int recentTransfers,
        int maxCases,
        int maxAssets,
        long defaultHoldSeconds,
        long maxHoldSeconds,
        int expiriesPerBatch,
        int refusedLeavesPerCase,
        int refusedLeavesPerMinute,
        long attestEveryMicros,
        int scrubEvery,
        int attestationsKept) {
    public LedgerStateLimits {
        require(maxAccounts, 1, 1 << 24, "maxAccounts");
        require(maxTransfers, 1, 1L << 40, "maxTransfers");
        require(recentTransfers, 1, 1 << 26, "recentTransfers");
        require(maxCases, 1, 1 << 24, "maxCases");
        require(maxAssets, 1, 1 << 16, "maxAssets");
        require(maxHoldSeconds, 1, Integer.MAX_VALUE, "maxHoldSeconds");
        require(defaultHoldSeconds, 1, maxHoldSeconds, "defaultHoldSeconds");
        require(expiriesPerBatch, 1, 1 << 20, "expiriesPerBatch");
        require(refusedLeavesPerCase, 0, 1 << 20, "refusedLeavesPerCase");
        require(refusedLeavesPerMinute, 0, 1 << 20, "refusedLeavesPerMinute");
        require(attestEveryMicros, 1000, 3_600_000_000L, "attestEveryMicros");
        require(scrubEvery, 1, 1024, "scrubEvery");
        require(attestationsKept, 1, 4096, "attestationsKept");
    }

    public static LedgerStateLimits defaults() {
        return new LedgerStateLimits(
                1 << 24,
                1L << 40,
                1 << 18,
                1 << 20,
                256,
                7L * 24 * 3600,
                90L * 24 * 3600,
                1000,
                64,
                256,
                1_000_000L,
                4,
                64);
    }

    /** The same with another number of transfers in memory. */
    public LedgerStateLimits withRecentTransfers(int recent) {
        return with(recent, attestEveryMicros);
    }

    /** The same with another time between attestations. */
    public LedgerStateLimits withAttestEvery(long micros) {
        return with(recentTransfers, micros);
    }

    private LedgerStateLimits with(int recent, long attestEvery) {
        return new LedgerStateLimits(
                maxAccounts,
                maxTransfers,
                recent,
                maxCases,
                maxAssets,
                defaultHoldSeconds,
                maxHoldSeconds,
                expiriesPerBatch,
                refusedLeavesPerCase,
                refusedLeavesPerMinute,
                attestEvery,
                scrubEvery,
                attestationsKept);
    }

    private static void require(long value, long least, long most, String name) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " must be " + least + ".." + most + " but is " + value);
        }
    }
}
