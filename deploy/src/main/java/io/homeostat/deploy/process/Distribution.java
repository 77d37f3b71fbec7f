package io.homeostat.deploy.process;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The jars that this process runs from, and the command lines of other processes that run from the same ones. Deploy's own
 * jar names all others in its manifest, so a class path is one path.
 *
 * @param java the executable of this JVM
 * @param ownJar deploy's jar
 * @param recording whether the JVMs of roles prepare to write an archive of their classes ({@link ClassArchives})
 */
public record Distribution(Path java, Path ownJar, boolean recording) {
    private static final String MAIN = "io.homeostat.deploy.Homeostat";

    /** Where this process runs from; a start from loose classes (an IDE) is refused with what to do. */
    public static Distribution ofThisProcess() {
        try {
            Path own = Path.of(Distribution.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return of(own);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the location of deploy's own jar is no path", e);
        }
    }

    static Distribution of(Path ownJar) {
        if (!Files.isRegularFile(ownJar)) {
            throw new IllegalStateException("child processes run from a packed jar, but this one runs from " + ownJar
                    + "; run ./homeostat, or ./mvnw -DskipTests package first");
        }
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        return new Distribution(java, ownJar.toAbsolutePath(), Boolean.getBoolean(ClassArchives.RECORDING));
    }

    /** The same, with roles that can write an archive. */
    Distribution whileRecording() {
        return new Distribution(java, ownJar, true);
    }

    /** Command line of a role: JVM flags, class path, main class and the arguments. */
    public List<String> command(Role role, Path log, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(java.toString());
        command.addAll(role.flags(Runtime.version().feature()));
        command.addAll(ClassArchives.flags(this, role));
        command.add("-Dhomeostat.log=" + log);
        command.add("-Dlogback.configurationFile=logback-role.xml");
        command.add("-cp");
        command.add(ownJar.toString());
        command.add(MAIN);
        command.add(role.command());
        command.addAll(arguments);
        return List.copyOf(command);
    }

    /** Command line that lets a running JVM write an archive of what it has loaded. */
    List<String> dumpCommand(ProcessHandle running, Path archive) {
        return List.of(
                java.resolveSibling("jcmd").toString(),
                Long.toString(running.pid()),
                "VM.cds",
                "dynamic_dump",
                archive.toString());
    }

    /** Command line of a main class of any of the jars. */
    public List<String> mainCommand(List<String> flags, String main, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(java.toString());
        command.addAll(flags);
        command.add("-cp");
        command.add(ownJar.toString());
        command.add(main);
        command.addAll(arguments);
        return List.copyOf(command);
    }

    /** Command line of the launcher itself, to run it again somewhere else. */
    public List<String> launcherCommand(List<String> arguments) {
        List<String> command = new ArrayList<>(
                List.of(java.toString(), "-XX:+UseSerialGC", "-Xmx512m", "-cp", ownJar.toString(), MAIN));
        command.addAll(arguments);
        return List.copyOf(command);
    }

    /** Command line of the offline verifier, which runs on the proof module's jar alone. */
    public List<String> verifierCommand(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                java.toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-cp",
                jar("ledger-merkle-").toString(),
                "io.homeostat.merkle.bundle.VerifyCommand"));
        command.addAll(arguments);
        return List.copyOf(command);
    }

    private Path jar(String prefix) {
        Path lib = ownJar.resolveSibling("");
        try (Stream<Path> jars = Files.list(ownJar.getParent())) {
            return jars.filter(jar -> jar.getFileName().toString().startsWith(prefix))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException(
                            "expected a jar " + prefix + "*.jar in " + lib + "; run ./mvnw -DskipTests package"));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException("listing " + lib, e);
        }
    }
}
