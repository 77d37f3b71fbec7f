package io.homeostat.ledger.raft;

import java.io.File;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Watches the free space of a node's disk. A Raft log that once hit "no space left" is dead until the process starts again;
 * so writing stops before: first nothing is proposed, then the log waits with its next sync. Both end by themselves when
 * there is space again.
 *
 * <p>Thread-safe. {@link #look} is called by one thread, several times a second.
 */
public final class StorageWatch {
    private final File folder;
    private final StorageLimits limits;
    private volatile View view;
    private @Nullable CompletableFuture<Void> waiting;
    private boolean givenUp;

    /** What a node may do with its disk. */
    public enum State {
        OK,
        /** Nothing is proposed here. */
        FULL,
        /** Nothing is written here; appends of another leader wait. */
        STALLED
    }

    public record View(State state, long freeBytes, long reserveBytes) {}

    /** Looks for the first time. */
    public StorageWatch(Path folder, StorageLimits limits) {
        this.folder = folder.toFile();
        this.limits = limits;
        this.view = new View(State.OK, Long.MAX_VALUE, limits.reserveBytes());
        look();
    }

    /** @return what there is now */
    public View look() {
        long free = folder.exists() ? folder.getUsableSpace() : Long.MAX_VALUE;
        View now = new View(decide(view.state, free), free, limits.reserveBytes());
        view = now;
        if (now.state != State.STALLED) {
            release();
        }
        return now;
    }

    public View view() {
        return view;
    }

    /** Completes when there is room to write entries: at once, unless the disk is all but full. */
    synchronized CompletableFuture<Void> room() {
        if (view.state != State.STALLED || givenUp) {
            return CompletableFuture.completedFuture(null);
        }
        if (waiting == null) {
            waiting = new CompletableFuture<>();
        }
        return waiting;
    }

    /** Lets nobody wait any more, so that the log can be closed. */
    synchronized void giveUp() {
        givenUp = true;
        release();
    }

    private synchronized void release() {
        if (waiting != null) {
            waiting.complete(null);
            waiting = null;
        }
    }

    private State decide(State before, long free) {
        if (free < limits.stallBytes()) {
            return State.STALLED;
        }
        if (free < limits.reserveBytes()) {
            return State.FULL;
        }
        return before == State.OK || free >= limits.resumeBytes() ? State.OK : State.FULL;
    }
}
