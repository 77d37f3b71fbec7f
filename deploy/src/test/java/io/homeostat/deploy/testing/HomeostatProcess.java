package io.homeostat.deploy.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** One run of the command line from the packed distribution, with what it prints. */
public final class HomeostatProcess implements AutoCloseable {
    private final Process process;
    private final BlockingQueue<String> unread = new LinkedBlockingQueue<>();
    private final List<String> lines = new ArrayList<>();

    private HomeostatProcess(Process process) {
        this.process = process;
        Thread reader = new Thread(this::read, "homeostat-output");
        reader.setDaemon(true);
        reader.start();
    }

    public static HomeostatProcess start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-cp",
                jar("deploy-").toString(),
                "io.homeostat.deploy.Homeostat"));
        command.addAll(List.of(arguments));
        return new HomeostatProcess(
                new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    /** A jar of the distribution by the beginning of its name. */
    public static Path jar(String prefix) throws IOException {
        Path lib = Path.of(System.getProperty("homeostat.dist", "target/dist"), "lib");
        try (var jars = Files.list(lib)) {
            return jars.filter(jar -> jar.getFileName().toString().startsWith(prefix))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException(
                            "expected " + prefix + "*.jar in " + lib + "; run ./mvnw -DskipTests package"));
        }
    }

    private void read() {
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                System.out.println("| " + line);
                synchronized (lines) {
                    lines.add(line);
                }
                unread.add(line);
            }
        } catch (IOException e) {
            unread.add("(the output ended: " + e.getMessage() + ")");
        }
    }

    /** The first line from here on that is wanted; fails with all that was printed when it does not come. */
    public String awaitLine(Predicate<String> wanted, Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (System.nanoTime() < deadline) {
            Optional<String> line = Optional.ofNullable(unread.poll(200, TimeUnit.MILLISECONDS));
            if (line.filter(wanted).isPresent()) {
                return line.get();
            }
            if (line.isEmpty() && !process.isAlive() && unread.isEmpty()) {
                break;
            }
        }
        throw new AssertionError("the expected line did not come within " + atMost + ":\n" + output());
    }

    public int awaitExit(Duration atMost) throws InterruptedException {
        if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("still running after " + atMost + ":\n" + output());
        }
        return process.exitValue();
    }

    public String output() {
        synchronized (lines) {
            return lines.stream().collect(Collectors.joining("\n"));
        }
    }

    public List<String> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    public ProcessHandle handle() {
        return process.toHandle();
    }

    /** Every process below this one, now. */
    public List<ProcessHandle> descendants() {
        return process.descendants().toList();
    }

    /** As Ctrl-C or an orchestrator would. */
    public void terminate() {
        process.destroy();
    }

    public void kill() {
        process.destroyForcibly();
    }

    @Override
    public void close() {
        List<ProcessHandle> below = descendants();
        process.destroy();
        try {
            if (!process.waitFor(15, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        below.forEach(ProcessHandle::destroyForcibly);
    }
}
