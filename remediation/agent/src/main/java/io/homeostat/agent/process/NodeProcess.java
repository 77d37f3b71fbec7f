package io.homeostat.agent.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of the node's process.
 *
 * <p>Its standard input is a pipe that is held open and never written: when this JVM ends, however it ends, the pipe closes
 * and the node stops itself. Thread-safe.
 */
public final class NodeProcess {
    private static final Logger LOG = LoggerFactory.getLogger(NodeProcess.class);
    private static final int CHUNK_BYTES = 8192;
    private static final int SIGNAL_BASE = 128;

    private final Process process;

    private NodeProcess(Process process) {
        this.process = process;
    }

    /** @throws IOException when the program can not be started */
    public static NodeProcess start(List<String> command, Path logFile, long logBytes, int logFiles)
            throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.PIPE)
                .redirectErrorStream(true)
                .start();
        Thread pump = new Thread(
                () -> drain(process.getInputStream(), new RolledLog(logFile, logBytes, logFiles)), "node-output");
        pump.setDaemon(true);
        pump.start();
        return new NodeProcess(process);
    }

    public long pid() {
        return process.pid();
    }

    public boolean alive() {
        return process.isAlive();
    }

    /** Completes with the ending in words, for example {@code killed by signal 9}. */
    public CompletableFuture<String> ended() {
        return process.onExit().thenApply(p -> inWords(p.exitValue()));
    }

    /**
     * SIGTERM, and SIGKILL when the process is still there after {@code termDeadline}. SIGKILL also ends a process that was
     * stopped with SIGSTOP. Blocks.
     *
     * @return whether the process is gone
     */
    public boolean stop(Duration termDeadline, Duration killDeadline) throws InterruptedException {
        // Through the handle: Process.destroy() would also close the pipes, and the node's last words would be lost.
        process.toHandle().destroy();
        return process.waitFor(termDeadline.toMillis(), TimeUnit.MILLISECONDS) || kill(killDeadline);
    }

    /** SIGKILL at once, for a process that is known not to listen. Blocks. */
    public boolean kill(Duration killDeadline) throws InterruptedException {
        process.toHandle().destroyForcibly();
        return process.waitFor(killDeadline.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static String inWords(int exitValue) {
        return exitValue > SIGNAL_BASE ? "killed by signal " + (exitValue - SIGNAL_BASE) : "exit code " + exitValue;
    }

    private static void drain(InputStream output, RolledLog log) {
        byte[] chunk = new byte[CHUNK_BYTES];
        try (output;
                log) {
            for (int read = output.read(chunk); read >= 0; read = output.read(chunk)) {
                log.write(chunk, read);
            }
        } catch (IOException e) {
            // The pipe breaks when the process is killed in the middle of a line: the end of its output, nothing more.
            LOG.atDebug().setCause(e).log("the node's output ended");
        }
    }
}
