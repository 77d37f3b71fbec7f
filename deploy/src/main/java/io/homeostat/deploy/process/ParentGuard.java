package io.homeostat.deploy.process;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Stops this process when its parent is gone. The parent holds the write end of our standard input and writes nothing to
 * it, so the end of the input means that it has died or wants us to stop. See {@code docs/adr/0003}.
 *
 * <p>Ctrl-C reaches every process of a terminal at once. A guarded child does not listen to it: its parent does, and
 * stops the children in order.
 */
public final class ParentGuard {
    private static final AtomicBoolean HALTING = new AtomicBoolean();

    private ParentGuard() {}

    /**
     * Starts the guard.
     *
     * @param haltAfter from the end of the input to a hard halt, when the orderly stop has not ended before
     */
    public static void start(InputStream parent, Duration haltAfter) {
        Signal.handle(new Signal("INT"), SignalHandler.SIG_IGN);
        daemon("parent-guard", () -> {
            awaitEnd(parent);
            haltAfter(haltAfter);
            // Runs the shutdown hooks, which close the role's doors.
            System.exit(0);
        });
    }

    /** Halts this process when an orderly stop takes longer than it may; to be called when a stop begins. */
    public static void haltAfter(Duration deadline) {
        if (HALTING.compareAndSet(false, true)) {
            daemon("halt", () -> halt(deadline));
        }
    }

    private static void awaitEnd(InputStream parent) {
        try {
            while (parent.read() >= 0) {
                // A parent writes nothing; whatever comes is not for us.
            }
        } catch (IOException e) {
            // An input that can not be read has ended as well.
            return;
        }
    }

    private static void halt(Duration deadline) {
        try {
            if (!new CountDownLatch(1).await(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                System.err.println("the orderly stop took longer than " + deadline.toMillis() + " ms: halting");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(3);
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }
}
