package io.homeostat.healer.testing;

import io.homeostat.events.Cause;
import io.homeostat.events.IncidentEvent;
import io.homeostat.events.codec.EventCodec;
import io.homeostat.healer.HealerInChild;
import io.homeostat.healer.act.NodeEndpoint;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A healer in a JVM of its own, so that it can really be killed; it tells its story on standard output. */
public final class HealerProcess implements AutoCloseable {
    private final Process process;
    private final List<IncidentEvent> events = new ArrayList<>();
    private final Thread reader;

    private HealerProcess(Process process) {
        this.process = process;
        this.reader = new Thread(this::read, "healer-process-reader");
        reader.setDaemon(true);
        reader.start();
    }

    /** {@code divergedNode} is raised as anomaly at the start, empty for none. */
    public static HealerProcess start(Path directory, String jdbcUrl, List<NodeEndpoint> endpoints, String divergedNode)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx160m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                HealerInChild.class.getName(),
                directory.toString(),
                jdbcUrl,
                divergedNode,
                Cause.DIVERGENCE.name()));
        endpoints.forEach(e -> command.add(e.id() + "," + e.ledgerApi() + "," + e.sidecarApi()));
        return new HealerProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("{")) {
                    IncidentEvent event = EventCodec.fromCloudEvent(line.getBytes(StandardCharsets.UTF_8));
                    synchronized (this) {
                        events.add(event);
                        notifyAll();
                    }
                } else {
                    System.out.println("child: " + line);
                }
            }
        } catch (IOException e) {
            // The stream of a killed process ends like this; a test that waits for more fails by its deadline.
            if (process.isAlive()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    public synchronized List<IncidentEvent> events() {
        return List.copyOf(events);
    }

    public synchronized void await(String kind) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
        while (events.stream().noneMatch(e -> e.kind().equals(kind))) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0 || !process.isAlive()) {
                throw new AssertionError(
                        "waited for " + kind + ", alive " + process.isAlive() + "; the story so far: " + events);
            }
            wait(Math.min(left, 200));
        }
    }

    /** SIGKILL. */
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
        reader.join(5000);
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
