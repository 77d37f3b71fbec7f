package io.homeostat.deploy.chaos;

import io.homeostat.deploy.chaos.FaultSchedule.Planned;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Makes faults and takes them back. Used by one thread. */
final class FaultInjector {
    private static final Duration UNHEALED_WITHIN = Duration.ofSeconds(4);
    private static final int CHUNK_BYTES = 1 << 16;

    private final ChaosCluster cluster;
    private final @Nullable ChaosNet net;
    /** The node on whose disk of limited size {@link FaultKind#ENOSPC} is made, 0 for none. */
    private final int smallDisk;

    FaultInjector(ChaosCluster cluster, @Nullable ChaosNet net, int smallDisk) {
        this.cluster = cluster;
        this.net = net;
        this.smallDisk = smallDisk;
    }

    /**
     * A fault that lasts.
     *
     * @param words what was done to whom
     * @param heal takes it back
     */
    record Injected(String words, Runnable heal) {}

    /** Null when the fault can not be made now, because its victim is down already. */
    @Nullable
    Injected inject(Planned planned) {
        int victim = planned.kind() == FaultKind.ENOSPC ? smallDisk : victim(planned);
        // A node that was rebuilt lies on the machine's own disk, which is not to be filled.
        boolean gone = planned.kind() == FaultKind.ENOSPC && !Files.isSymbolicLink(cluster.data(victim));
        if (victim == 0 || gone) {
            return null;
        }
        String who = ChaosCluster.id(victim) + (victim == cluster.leader() ? " (leader)" : "");
        return switch (planned.kind()) {
            case KILL, LEADER_KILL -> {
                cluster.kill(victim);
                yield new Injected("kill -9 " + who, () -> cluster.start(victim));
            }
            case PAUSE -> {
                long pid = cluster.pid(victim);
                cluster.signal(victim, "STOP");
                yield new Injected("kill -STOP " + who, () -> {
                    if (cluster.alive(victim) && cluster.pid(victim) == pid) {
                        cluster.signal(victim, "CONT");
                    }
                });
            }
            case POWER -> {
                for (int node = 1; node <= cluster.size(); node++) {
                    cluster.kill(node);
                }
                yield new Injected("kill -9 of all nodes", () -> {
                    for (int node = 1; node <= cluster.size(); node++) {
                        cluster.start(node);
                    }
                });
            }
            case PARTITION -> partition(victim, who, true);
            case ONE_WAY -> partition(victim, who, false);
            case LOSS -> {
                int percent = 5 + planned.dice() % 30;
                network().loses(victim, percent);
                yield new Injected(
                        percent + " % of what reaches " + who + " is lost",
                        () -> network().losesNoMore(victim, percent));
            }
            case ENOSPC -> {
                Path filler = cluster.data(victim).resolve("filler");
                long bytes = fill(filler);
                yield new Injected("disk of " + who + " full (" + (bytes >> 20) + " MiB filled)", () -> {
                    delete(filler);
                    restartUnlessReady(victim);
                });
            }
            case EIO -> {
                Process strace = failSyncs(cluster.pid(victim));
                yield new Injected("every fsync of " + who + " fails with EIO", () -> {
                    strace.destroy();
                    end(strace);
                    restartUnlessReady(victim);
                });
            }
            case CLOCK -> {
                int[] jumps = {-600, -30, -2, 2, 30, 600};
                int seconds = jumps[planned.dice() % jumps.length];
                cluster.setClock(victim, seconds);
                yield new Injected(
                        "clock of " + who + " jumps by " + seconds + " s", () -> cluster.setClock(victim, 0));
            }
        };
    }

    /** The leader, or some node that runs. */
    private int victim(Planned planned) {
        if (planned.onLeader()) {
            int leader = cluster.leader();
            if (leader > 0 || planned.kind() == FaultKind.LEADER_KILL) {
                return leader;
            }
        }
        for (int i = 0; i < cluster.size(); i++) {
            int node = (planned.dice() + i) % cluster.size() + 1;
            if (cluster.alive(node)) {
                return node;
            }
        }
        return 0;
    }

    private Injected partition(int victim, String who, boolean both) {
        for (int other = 1; other <= cluster.size(); other++) {
            if (other != victim) {
                network().deaf(victim, other);
                if (both) {
                    network().deaf(other, victim);
                }
            }
        }
        String words = both ? who + " cut off from all others" : who + " hears none of the others";
        return new Injected(words, () -> {
            for (int other = 1; other <= cluster.size(); other++) {
                if (other != victim) {
                    network().hearsAgain(victim, other);
                    if (both) {
                        network().hearsAgain(other, victim);
                    }
                }
            }
        });
    }

    private ChaosNet network() {
        if (net == null) {
            throw new IllegalStateException("this fault needs network namespaces");
        }
        return net;
    }

    private static Process failSyncs(long pid) {
        try {
            return new ProcessBuilder(List.of(
                            "strace",
                            "-f",
                            "-q",
                            "-o",
                            "/dev/null",
                            "-p",
                            Long.toString(pid),
                            "-e",
                            "trace=fdatasync,fsync",
                            "-e",
                            "inject=fdatasync,fsync:error=EIO"))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("starting strace", e);
        }
    }

    private static void end(Process process) {
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                process.waitFor(5, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What a sidecar does with a node that is up and not ready: a log that failed once stays failed. */
    private void restartUnlessReady(int node) {
        if (!ChaosCluster.await(UNHEALED_WITHIN, () -> cluster.ready(node))) {
            cluster.kill(node);
            cluster.start(node);
        }
    }

    private static long fill(Path filler) {
        byte[] chunk = new byte[CHUNK_BYTES];
        Arrays.fill(chunk, (byte) 1);
        long written = 0;
        try (var out = Files.newOutputStream(filler)) {
            while (true) {
                out.write(chunk);
                written += chunk.length;
            }
        } catch (IOException full) {
            // That is what it is for: the last bytes did not fit.
            return written;
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Kinds that can be made here, and why the others can not. */
    static List<FaultKind> possible(List<FaultKind> wanted, boolean inNamespaces, List<String> skipped) {
        List<FaultKind> possible = new ArrayList<>();
        for (FaultKind kind : wanted) {
            String missing = Toolbox.missing(kind, inNamespaces);
            if (missing.isEmpty()) {
                possible.add(kind);
            } else {
                skipped.add(kind.wireName() + ": " + missing);
            }
        }
        return possible;
    }
}
