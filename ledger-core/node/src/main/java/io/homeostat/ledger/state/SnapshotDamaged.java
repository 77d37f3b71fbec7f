package io.homeostat.ledger.state;

/** A snapshot that is not what was written: nothing of it was taken over. Take another one, from a peer if need be. */
public final class SnapshotDamaged extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public SnapshotDamaged(String message) {
        super(message);
    }

    public SnapshotDamaged(String message, Throwable cause) {
        super(message, cause);
    }
}
