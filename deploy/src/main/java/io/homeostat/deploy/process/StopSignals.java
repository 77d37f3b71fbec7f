package io.homeostat.deploy.process;

import java.util.function.IntSupplier;
import sun.misc.Signal;

/**
 * Ctrl-C and SIGTERM end this process in order, also when it was started in the background by a script, where a shell has
 * Ctrl-C ignored and the JVM alone would keep to that.
 */
public final class StopSignals {
    private StopSignals() {}

    /** @param exitCode asked when a signal comes; what must be stopped is a matter of shutdown hooks */
    public static void exitWith(IntSupplier exitCode) {
        for (String name : new String[] {"INT", "TERM"}) {
            Signal.handle(new Signal(name), signal -> {
                Thread stopping = new Thread(() -> System.exit(exitCode.getAsInt()), "stop-signal");
                stopping.start();
            });
        }
    }
}
