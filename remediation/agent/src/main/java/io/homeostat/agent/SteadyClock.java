package io.homeostat.agent;

import java.time.Instant;
import java.time.InstantSource;

/**
 * Wall-clock time of the start plus what has passed since by the monotonic clock: a wall clock that is set back or forth
 * neither delays a restart nor makes a node look silent. Thread-safe.
 */
final class SteadyClock implements InstantSource {
    private final Instant base = Instant.now();
    private final long baseNanos = System.nanoTime();

    @Override
    public Instant instant() {
        return base.plusNanos(System.nanoTime() - baseNanos);
    }
}
