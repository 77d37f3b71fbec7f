package io.homeostat.detector;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Looks again until the deadline; what is awaited is the property, not a time. */
final class Waiting {
    private static final Duration BETWEEN = Duration.ofMillis(100);

    private Waiting() {}

    static void until(String what, Duration timeout, Callable<Boolean> condition) {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (!holds(condition)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("expected " + what + " within " + timeout);
            }
            LockSupport.parkNanos(BETWEEN.toNanos());
        }
    }

    private static boolean holds(Callable<Boolean> condition) {
        try {
            return condition.call();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
