package io.homeostat.ledger.state;

/**
 * What the ledger's own state says about a node.
 *
 * @param isolated true from NODE_ISOLATED to NODE_ADMITTED
 * @param diverged true from NODE_DIVERGED to NODE_ADMITTED; its attestations do not count meanwhile
 * @param incidentId of the isolation, empty when not isolated
 * @param attestedIndex Raft index of its newest attestation, 0 when there is none
 * @param stateDigest lower-case hex of that attestation, empty when there is none
 */
public record NodeView(
        String id,
        String zone,
        boolean isolated,
        boolean diverged,
        String incidentId,
        long attestedIndex,
        String stateDigest) {}
