package io.homeostat.ledger;

/**
 * What lies on this node's disk is not what was written there, and the node must not start on it: what it had promised to the
 * others is lost. It is to be rebuilt from them ({@code homeostat node --rebuild}), never repaired by hand.
 */
public final class StorageDamaged extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StorageDamaged(String message) {
        super(message);
    }
}
