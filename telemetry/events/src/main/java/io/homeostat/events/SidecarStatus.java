package io.homeostat.events;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Body of {@code GET /v1/status} on a sidecar.
 *
 * @param pid of the node's process, 0 when there is none
 * @param restarts of the node's process since the sidecar started, by reflex or on order
 * @param lastExit how the process last ended, in words, empty when it never did
 * @param probe newest answer of the node, {@code null} when the last probe failed
 * @param probedAt time of the newest answer, {@code null} when there was none
 */
public record SidecarStatus(
        String node,
        ProcessState process,
        long pid,
        int restarts,
        String lastExit,
        @Nullable NodeProbe probe,
        @Nullable Instant probedAt) {
    public SidecarStatus {
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(process, "process");
        Objects.requireNonNull(lastExit, "lastExit");
    }
}
