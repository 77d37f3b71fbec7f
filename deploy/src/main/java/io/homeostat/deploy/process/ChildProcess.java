package io.homeostat.deploy.process;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One child with its own log file. Its standard input is the leash: {@link #askToStop()} lets go of it.
 *
 * <p>Thread-safe.
 */
public final class ChildProcess {
    private static final int MAX_LAST_WORDS = 1000;

    private final String name;
    private final Process process;
    private final Path output;

    private ChildProcess(String name, Process process, Path output) {
        this.name = name;
        this.process = process;
        this.output = output;
    }

    /** Starts it; what it prints is appended to {@code output}. */
    public static ChildProcess start(String name, List<String> command, Path output) {
        try {
            Files.createDirectories(output.toAbsolutePath().getParent());
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
                    .redirectInput(ProcessBuilder.Redirect.PIPE);
            // glibc otherwise keeps an arena of malloc for each of a JVM's threads; the children's children inherit it.
            builder.environment().putIfAbsent("MALLOC_ARENA_MAX", "2");
            Process process = builder.start();
            return new ChildProcess(name, process, output);
        } catch (IOException e) {
            throw new UncheckedIOException("starting " + name + " with " + command.get(0), e);
        }
    }

    public String name() {
        return name;
    }

    public long pid() {
        return process.pid();
    }

    public ProcessHandle handle() {
        return process.toHandle();
    }

    public boolean alive() {
        return process.isAlive();
    }

    /** Ends with the process. */
    public CompletableFuture<ChildProcess> onExit() {
        return process.onExit().thenApply(ended -> this);
    }

    /** Why and where to look, for a child that ended by itself. */
    /** Empty while it runs. */
    public OptionalInt exitCode() {
        return process.isAlive() ? OptionalInt.empty() : OptionalInt.of(process.exitValue());
    }

    public String describeEnd() {
        return name + " (pid " + pid() + ") ended with code " + (alive() ? "?" : process.exitValue()) + lastLine()
                + "; see " + output;
    }

    /** Its last words, when they can be read. */
    private String lastLine() {
        try (RandomAccessFile file = new RandomAccessFile(output.toFile(), "r")) {
            byte[] tail = new byte[(int) Math.min(MAX_LAST_WORDS, file.length())];
            file.seek(file.length() - tail.length);
            file.readFully(tail);
            String text = new String(tail, StandardCharsets.UTF_8).strip();
            return text.isEmpty() ? "" : ": " + text.substring(text.lastIndexOf('\n') + 1);
        } catch (IOException e) {
            return "";
        }
    }

    /** Closes its standard input: the child stops itself. */
    public void askToStop() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // The pipe is broken already: the child has ended or is about to.
            process.destroy();
        }
    }

    /** Whether it has ended within the time. */
    public boolean awaitEnd(Duration atMost) {
        try {
            return process.waitFor(Math.max(0, atMost.toMillis()), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !process.isAlive();
        }
    }

    public void kill() {
        process.destroyForcibly();
    }
}
