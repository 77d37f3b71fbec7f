package io.homeostat.deploy.chaos;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What this machine offers for faults. A fault whose tool is missing is skipped, and said to be. Stateless. */
public final class Toolbox {
    /** The one for programs of many threads. */
    private static final List<Path> FAKETIME = List.of(
            Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"),
            Path.of("/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1"),
            Path.of("/usr/lib64/faketime/libfaketimeMT.so.1"));

    private static final int PROBE_SECONDS = 10;
    private static final int MAX_OUTPUT = 2000;

    private Toolbox() {}

    /** Whether processes, networks and mounts of our own can be made, which the kernel takes down with the last process. */
    public static boolean namespaces() {
        return has("unshare")
                && has("nsenter")
                && has("ip")
                && succeeds(List.of("unshare", "--net", "--pid", "--mount", "--fork", "--mount-proc", "true"));
    }

    static Optional<Path> faketime() {
        return FAKETIME.stream().filter(Files::isRegularFile).findFirst();
    }

    /** Why a fault can not be made here; empty when it can. */
    public static String missing(FaultKind kind, boolean inNamespaces) {
        return switch (kind.need()) {
            case NOTHING -> "";
            case NETWORK ->
                !inNamespaces
                        ? "needs root, iproute2 and util-linux (ip, unshare, nsenter)"
                        : has("iptables") ? "" : "needs iptables";
            case MOUNT -> inNamespaces ? "" : "needs root and util-linux (unshare, mount)";
            case STRACE -> has("strace") ? "" : "needs strace";
            case FAKETIME -> faketime().isPresent() ? "" : "needs libfaketime (Debian: faketime)";
        };
    }

    static boolean has(String tool) {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
            if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, tool))) {
                return true;
            }
        }
        return false;
    }

    /** Runs to its end; a failure says what the tool said. */
    static void run(List<String> command) {
        String said = said(command);
        if (!said.isEmpty()) {
            throw new IllegalStateException(String.join(" ", command) + " failed: " + said);
        }
    }

    static boolean succeeds(List<String> command) {
        try {
            return said(command).isEmpty();
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    /** Empty after success. */
    private static String said(List<String> command) {
        try {
            Process process = new ProcessBuilder(new ArrayList<>(command))
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            byte[] output = process.getInputStream().readNBytes(MAX_OUTPUT);
            if (!process.waitFor(PROBE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return "no end within " + PROBE_SECONDS + " s";
            }
            return process.exitValue() == 0
                    ? ""
                    : "exit code " + process.exitValue() + " "
                            + new String(output, java.nio.charset.StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
