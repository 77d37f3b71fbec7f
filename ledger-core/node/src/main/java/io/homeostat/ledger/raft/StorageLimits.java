package io.homeostat.ledger.raft;

import java.time.Duration;

/**
 * How much of the disk stays free, so that a full one is a refusal and not a dead log.
 *
 * @param reserveBytes below it this node proposes nothing: room for what is in flight (32 MiB), a preallocated piece of the
 *     Raft log (8 MiB) and of the journal, and a vote
 * @param stallBytes below it this node writes no further entries at all, those of another leader included; it catches up later
 * @param resumeBytes from which on it proposes again: more than the reserve, so that it does not flutter
 * @param lingering how long a node whose storage failed stays up behind its shut gate, so that its sidecar can read why
 */
public record StorageLimits(long reserveBytes, long stallBytes, long resumeBytes, Duration lingering) {
    public static final StorageLimits DEFAULTS =
            new StorageLimits(128L << 20, 48L << 20, 160L << 20, Duration.ofSeconds(30));

    public StorageLimits {
        if (stallBytes > reserveBytes || reserveBytes > resumeBytes) {
            throw new IllegalArgumentException("stallBytes " + stallBytes + ", reserveBytes " + reserveBytes
                    + " and resumeBytes " + resumeBytes + " must not decrease in this order");
        }
    }
}
