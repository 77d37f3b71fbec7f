package io.homeostat.merkle;

/** Signs the heads of one node's tree under the name {@code <ledger name>/<node id>}. Thread-safe. */
public final class CheckpointSigner {
    private final String origin;
    private final String keyName;
    private final Ed25519.Keys keys;

    public CheckpointSigner(String ledgerName, String nodeId, Ed25519.Keys keys) {
        this.origin = ledgerName;
        this.keyName = keyName(ledgerName, nodeId);
        this.keys = keys;
    }

    public static String keyName(String ledgerName, String nodeId) {
        return ledgerName + "/" + nodeId;
    }

    /** @param timeMicros ledger time of the last leaf, or of the signing */
    public SignedNote sign(long size, byte[] root, long timeMicros) {
        return SignedNote.sign(new Checkpoint(origin, size, root, timeMicros).text(), keyName, keys);
    }
}
