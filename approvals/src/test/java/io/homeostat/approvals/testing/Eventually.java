package io.homeostat.approvals.testing;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for something that happens soon, with a deadline. */
public final class Eventually {
    private Eventually() {}

    public static void holds(String what, Duration within, BooleanSupplier condition) {
        long end = System.nanoTime() + within.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("expected within " + within + ": " + what);
            }
            LockSupport.parkNanos(10_000_000);
        }
    }
}
