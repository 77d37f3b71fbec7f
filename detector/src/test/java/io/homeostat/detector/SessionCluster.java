package io.homeostat.detector;

import io.homeostat.detector.job.DetectorJob;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.client.program.PackagedProgram;
import org.apache.flink.client.program.PackagedProgramUtils;
import org.apache.flink.client.program.rest.RestClusterClient;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.taskexecutor.TaskManagerRunner;

/**
 * A Flink session cluster of separate JVMs, started from Flink's own entry points as its scripts do, with the libraries of
 * this build on their class path and without our classes: those come with the job's jar.
 */
final class SessionCluster implements AutoCloseable {
    private static final Duration UP = Duration.ofMinutes(2);

    private static final int ATTEMPTS = 5;
    private static final String LOGBACK = "logback.xml";

    private final Path folder;
    private final int restPort = freePort();
    private final List<Process> processes = new ArrayList<>();
    private final RestClusterClient<String> client;

    /** Starts the job manager. */
    SessionCluster(Path folder) throws Exception {
        this.folder = Files.createDirectories(folder);
        Files.writeString(folder.resolve("config.yaml"), settings(), StandardCharsets.UTF_8);
        try (InputStream quiet = SessionCluster.class.getResourceAsStream("/logback-test.xml")) {
            Files.copy(Objects.requireNonNull(quiet, "logback-test.xml"), folder.resolve(LOGBACK));
        }
        start("jobmanager", StandaloneSessionClusterEntrypoint.class, "256m");
        Configuration rest = new Configuration();
        rest.set(RestOptions.ADDRESS, "127.0.0.1");
        rest.set(RestOptions.PORT, restPort);
        client = new RestClusterClient<>(rest, "session");
    }

    private String settings() {
        return Stream.of(
                        "jobmanager.rpc.address: 127.0.0.1",
                        "jobmanager.rpc.port: " + freePort(),
                        "jobmanager.bind-host: 127.0.0.1",
                        "rest.address: 127.0.0.1",
                        "rest.bind-address: 127.0.0.1",
                        "rest.port: " + restPort,
                        "rest.bind-port: " + restPort,
                        "taskmanager.host: 127.0.0.1",
                        "taskmanager.bind-host: 127.0.0.1",
                        "taskmanager.numberOfTaskSlots: 2",
                        // What Flink's scripts work out from the size of the process.
                        "taskmanager.cpu.cores: 1.0",
                        "taskmanager.memory.framework.heap.size: 64m",
                        "taskmanager.memory.framework.off-heap.size: 64m",
                        "taskmanager.memory.task.heap.size: 192m",
                        "taskmanager.memory.task.off-heap.size: 0m",
                        "taskmanager.memory.network.min: 32m",
                        "taskmanager.memory.network.max: 32m",
                        "taskmanager.memory.managed.size: 64m",
                        "taskmanager.memory.jvm-metaspace.size: 128m",
                        "taskmanager.memory.jvm-overhead.min: 64m",
                        "taskmanager.memory.jvm-overhead.max: 64m",
                        // A dead process is found by two beats that can not be delivered; a slow one is waited for.
                        "heartbeat.interval: 1 s",
                        "io.tmp.dirs: " + folder)
                .collect(Collectors.joining("\n"));
    }

    /** Starts a task manager with two slots and returns when the job manager knows it. */
    Process addTaskManager() {
        int known = taskManagers();
        Process process = start("taskmanager-" + processes.size(), TaskManagerRunner.class, "320m");
        Waiting.until("a task manager more", UP, () -> {
            if (!process.isAlive()) {
                throw new AssertionError("the task manager has ended: " + logs());
            }
            return taskManagers() > known;
        });
        return process;
    }

    private int taskManagers() {
        if (processes.stream().noneMatch(Process::isAlive)) {
            throw new AssertionError("the cluster's processes have ended: " + logs());
        }
        try {
            return client.getClusterOverview().get(10, TimeUnit.SECONDS).getNumTaskManagersConnected();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
            return 0; // its REST port does not answer yet
        }
    }

    /** Uploads the jar over REST and runs its main class, as {@code flink run -d} does; from a savepoint when given. */
    JobID submit(Path jar, Class<?> main, int parallelism, String savepoint, String... arguments) throws Exception {
        PackagedProgram program = PackagedProgram.newBuilder()
                .setJarFile(jar.toFile())
                .setEntryPointClassName(main.getName())
                .setArguments(arguments)
                .build();
        try (program) {
            JobGraph job = PackagedProgramUtils.createJobGraph(program, new Configuration(), parallelism, false);
            if (!savepoint.isEmpty()) {
                job.setSavepointRestoreSettings(SavepointRestoreSettings.forPath(savepoint, false));
            }
            JobID id = client.submitJob(job).get(UP.toSeconds(), TimeUnit.SECONDS);
            awaitRunning(id);
            return id;
        }
    }

    JobStatus status(JobID job) throws Exception {
        return client.getJobStatus(job).get(UP.toSeconds(), TimeUnit.SECONDS);
    }

    void awaitRunning(JobID job) {
        Waiting.until("the job to run", UP, () -> status(job) == JobStatus.RUNNING);
    }

    /** Stops the job and returns the place of its savepoint; begins again when the job was just starting again. */
    String stopWithSavepoint(JobID job) throws Exception {
        String target = folder.resolve("savepoints").toUri().toString();
        for (int attempt = 1; ; attempt++) {
            awaitRunning(job);
            try {
                return client.stopWithSavepoint(job, false, target, SavepointFormatType.CANONICAL)
                        .get(UP.toSeconds(), TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                if (attempt == ATTEMPTS || status(job).isGloballyTerminalState()) {
                    throw e;
                }
            }
        }
    }

    private Process start(String name, Class<?> entryPoint, String heap) {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-Dlogback.configurationFile=" + folder.resolve(LOGBACK),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                libraries(),
                entryPoint.getName(),
                "--configDir",
                folder.toString());
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve(name + ".log").toFile())
                    .start();
            processes.add(process);
            // Also when the test's JVM is ended from outside.
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
            return process;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The class path of this test without the module's own classes. */
    private static String libraries() {
        String own = ownCode().toString();
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.equals(own)
                        && !entry.endsWith("target" + File.separator + "test-classes")
                        && !entry.endsWith("target" + File.separator + "classes"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** The module's jar, or its folder of classes where a test runs without packaging. */
    static Path ownCode() {
        try {
            return Path.of(DetectorJob.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (java.net.URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The ends of all logs, for a failure's message. */
    String logs() {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path log : files.filter(f -> f.toString().endsWith(".log")).toList()) {
                String text = Files.readString(log, StandardCharsets.UTF_8);
                all.append('\n').append(log.getFileName()).append(":\n");
                all.append(text.substring(Math.max(0, text.length() - 4_000)));
            }
        } catch (IOException e) {
            all.append(e);
        }
        return all.toString();
    }

    @Override
    public void close() throws InterruptedException {
        client.close();
        processes.forEach(Process::destroyForcibly);
        for (Process process : processes) {
            process.waitFor();
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException("no free port", e);
        }
    }
}
