package io.homeostat.deploy.process;

import io.homeostat.deploy.cluster.ClusterDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * One archive of parsed and verified classes for each role (application class data sharing). A role otherwise reads five to
 * fifteen thousand classes out of 230 jars at each start, which is most of what a start costs.
 *
 * <p>An archive is only ever a matter of speed: the JVM compares it with its own version and with the times and sizes of the
 * jars, and goes on without it when they differ. Stateless.
 */
public final class ClassArchives {
    /** System property of a process whose roles prepare themselves for an archive. */
    static final String RECORDING = "homeostat.classes.recording";

    private static final Duration DUMPED_WITHIN = Duration.ofMinutes(5);

    private ClassArchives() {}

    /** Flags of a role's JVM: what it notes while classes are recorded, else its archive when there is one. */
    static List<String> flags(Distribution distribution, Role role) {
        if (distribution.recording()) {
            return List.of("-XX:+RecordDynamicDumpInfo", "-D" + RECORDING + "=true");
        }
        Path archive = archive(distribution, role);
        return Files.isRegularFile(archive)
                ? List.of(
                        "-XX:SharedArchiveFile=" + archive,
                        // Mapped where it was written: moved elsewhere, each page would be read, changed and private.
                        "-XX:+UnlockDiagnosticVMOptions",
                        "-XX:ArchiveRelocationMode=0",
                        // An archive that does not fit is no news: the start goes on without it.
                        "-Xlog:cds*=off")
                : List.of();
    }

    /** Of this version of the JVM: no other can read it. */
    static Path archive(Distribution distribution, Role role) {
        String version = System.getProperty("java.vm.version", "").replaceAll("[^A-Za-z0-9.+-]", "_");
        return folder(distribution).resolve(role.command() + "-" + version + ".jsa");
    }

    /** Beside the folder of the jars. */
    private static Path folder(Distribution distribution) {
        return distribution.ownJar().resolveSibling("..").normalize().resolve("classes");
    }

    /**
     * Starts a cluster in a folder of its own; once everything is ready one process of each role writes what it has loaded.
     *
     * @param scratch an empty folder; what is written there is the caller's to remove
     * @throws IllegalStateException when the cluster does not start, or a JVM writes no archive
     */
    public static void make(Distribution distribution, Path scratch, Consumer<String> say) {
        try {
            Files.createDirectories(folder(distribution));
            ClusterDirectory cluster =
                    ClusterDirectory.openOrCreate(scratch.resolve("data"), ClusterDirectory.Plan.onAnyPort(3, false));
            try (ClusterProcesses processes = ClusterProcesses.start(cluster, distribution.whileRecording())) {
                processes.awaitReady(say);
                dump(distribution, processes.oneOfEach(), scratch, say);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("making class archives", e);
        }
    }

    private static void dump(
            Distribution distribution, Map<Role, ProcessHandle> running, Path scratch, Consumer<String> say)
            throws IOException {
        Map<Role, ChildProcess> orders = new LinkedHashMap<>();
        try {
            for (Map.Entry<Role, ProcessHandle> entry : running.entrySet()) {
                Role role = entry.getKey();
                orders.put(
                        role,
                        ChildProcess.start(
                                "order to write the classes of " + role.command(),
                                distribution.dumpCommand(entry.getValue(), unfinished(distribution, role)),
                                scratch.resolve(role.command() + ".out")));
            }
            for (Map.Entry<Role, ChildProcess> entry : orders.entrySet()) {
                Role role = entry.getKey();
                Path archive = unfinished(distribution, role);
                if (!entry.getValue().awaitEnd(DUMPED_WITHIN) || !Files.isRegularFile(archive)) {
                    throw new IllegalStateException("expected an archive at " + archive + " but "
                            + entry.getValue().describeEnd());
                }
                Files.move(archive, archive(distribution, role), StandardCopyOption.REPLACE_EXISTING);
                say.accept(role.command() + ": archive of " + (Files.size(archive(distribution, role)) >> 20) + " MiB");
            }
        } finally {
            orders.values().forEach(ChildProcess::kill);
        }
    }

    private static Path unfinished(Distribution distribution, Role role) {
        return folder(distribution).resolve(role.command() + ".unfinished");
    }
}
