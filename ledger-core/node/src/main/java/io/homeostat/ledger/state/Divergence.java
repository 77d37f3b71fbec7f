package io.homeostat.ledger.state;

/**
 * The majority attested another digest than this node's own: it serves nothing any more and stops.
 *
 * @param expected the majority's digest
 * @param found this node's digest
 */
public record Divergence(long raftIndex, byte[] expected, byte[] found) {}
