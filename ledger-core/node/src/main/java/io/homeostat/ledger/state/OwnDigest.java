package io.homeostat.ledger.state;

/**
 * This node's own state digest at a Raft index.
 *
 * @param digest 32 bytes, a copy
 */
public record OwnDigest(long raftIndex, byte[] digest) {}
