package io.homeostat.deploy.chaos;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The lease where there are no namespaces: a child that reads the process ids of the nodes from us and kills them when our end
 * of its input closes without a word, because a stopped node can not notice that its parent is gone.
 */
final class Watchdog implements AutoCloseable {
    private static final String SCRIPT =
            "pids=''; while read -r p; do [ \"$p\" = done ] && exit 0; pids=\"$pids $p\"; done;"
                    + " for p in $pids; do kill -KILL \"$p\" 2>/dev/null; done";

    private final OutputStream words;

    private Watchdog(OutputStream words) {
        this.words = words;
    }

    static Watchdog start() {
        try {
            Process process = new ProcessBuilder(List.of("sh", "-c", SCRIPT))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return new Watchdog(process.getOutputStream());
        } catch (IOException e) {
            throw new UncheckedIOException("starting the watchdog", e);
        }
    }

    synchronized void guard(long pid) {
        say(Long.toString(pid));
    }

    /** All nodes have ended in order: their ids may belong to others soon. */
    @Override
    public synchronized void close() {
        say("done");
    }

    private void say(String word) {
        try {
            words.write((word + "\n").getBytes(StandardCharsets.US_ASCII));
            words.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("the watchdog has ended", e);
        }
    }
}
