package io.homeostat.agent.testing;

import io.homeostat.agent.AgentConfig;
import io.homeostat.agent.AgentLimits;
import io.homeostat.events.ActionKind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A folder, a port, tokens and quick limits for one agent with a {@link FakeNode}. */
public final class AgentBench {
    public static final String AGENT_TOKEN = "agent-secret";
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final Path folder;
    private final int nodePort;

    private AgentBench(Path folder, int nodePort) {
        this.folder = folder;
        this.nodePort = nodePort;
    }

    /** The port is kept in the folder, so that another process finds the same bench. */
    public static AgentBench in(Path folder) throws IOException {
        Path portFile = folder.resolve("port");
        if (!Files.exists(portFile)) {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                Files.writeString(portFile, Integer.toString(socket.getLocalPort()));
            }
            Files.writeString(folder.resolve("agent.token"), AGENT_TOKEN + "\n");
            Files.writeString(folder.resolve("control.token"), "control-secret\n");
            Files.writeString(folder.resolve("reader.token"), "reader-secret\n");
        }
        return new AgentBench(folder, Integer.parseInt(Files.readString(portFile)));
    }

    public AgentConfig config() {
        return config(limits(2), Set.of());
    }

    public AgentConfig config(AgentLimits limits, Set<ActionKind> approvalRequired) {
        URI node = URI.create("http://127.0.0.1:" + nodePort);
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx32m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                FakeNode.class.getName(),
                Integer.toString(nodePort),
                "control-secret",
                data().toString());
        return new AgentConfig(
                "n1",
                command,
                data(),
                folder.resolve("state"),
                folder.resolve("node.log"),
                node,
                folder.resolve("control.token"),
                node,
                folder.resolve("reader.token"),
                "127.0.0.1",
                0,
                folder.resolve("agent.token"),
                approvalRequired,
                limits);
    }

    /** A tenth of the real times where a test waits for them, and room where a busy machine needs it. */
    public static AgentLimits limits(int maxAttempts) {
        AgentLimits real = AgentLimits.defaults();
        return new AgentLimits(
                Duration.ofMillis(200),
                Duration.ofMillis(190),
                Duration.ofMillis(1200),
                Duration.ofSeconds(20),
                Duration.ofMillis(500),
                Duration.ofMillis(900),
                maxAttempts,
                real.attemptWindow(),
                3,
                Duration.ofMillis(1500),
                Duration.ofSeconds(5),
                Duration.ofSeconds(20),
                2,
                real.bodyBytes(),
                real.answerBytes(),
                real.logBytes(),
                real.logFiles(),
                real.policyInterval());
    }

    public Path data() {
        return folder.resolve("data");
    }

    public Path folder() {
        return folder;
    }

    public List<String> diary() {
        try {
            Path diary = folder.resolve("diary");
            return Files.exists(diary) ? Files.readAllLines(diary) : List.of();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Makes the node sick: {@code exit}, {@code dead-log}, or the name of a gate. */
    public void make(String what) {
        try {
            CLIENT.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + nodePort + "/do/" + what))
                            .timeout(Duration.ofSeconds(30))
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
        } catch (IOException e) {
            if (!what.equals("exit")) {
                throw new AssertionError(e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    public static void signal(String signal, long pid) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).start();
            if (!kill.waitFor(5, TimeUnit.SECONDS) || kill.exitValue() != 0) {
                throw new AssertionError("kill -" + signal + " " + pid + " failed");
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    public static boolean exists(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    /** Looks every 20 ms until it holds or 25 s are over. */
    public static void until(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(25).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not within 25 s: " + what);
            }
            java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
        }
    }

    /** Looks all the time for so long and fails when it once does not hold. */
    public static void throughout(String what, Duration time, BooleanSupplier condition) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            if (!condition.getAsBoolean()) {
                throw new AssertionError("did not hold throughout " + time + ": " + what);
            }
            java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
        }
    }
}
