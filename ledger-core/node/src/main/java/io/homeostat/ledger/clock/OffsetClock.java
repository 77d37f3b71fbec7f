package io.homeostat.ledger.clock;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** The system's clock, which a fault hook can set wrong. Thread-safe. */
public final class OffsetClock implements InstantSource {
    private volatile Duration offset = Duration.ZERO;

    @Override
    public Instant instant() {
        return InstantSource.system().instant().plus(offset);
    }

    /** A fault on purpose: the clock goes wrong by this from now on. */
    public void faultOffset(Duration wrong) {
        offset = wrong;
    }
}
