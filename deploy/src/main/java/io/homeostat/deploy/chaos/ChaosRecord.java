package io.homeostat.deploy.chaos;

import io.homeostat.deploy.chaos.RecordPlan.Kind;
import io.homeostat.deploy.chaos.RecordPlan.Planned;
import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.process.Distribution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Records the telemetry of our own ledger under real faults and benign distractors, with labels. The first {@link #NORMAL}
 * seconds are normal work; then faults and distractors come one after the other by {@link RecordPlan}, each with quiet after it.
 */
public final class ChaosRecord {
    /** Long enough for {@code detect} without a training file, which learns from 150 rows. */
    static final int NORMAL = 160;

    private static final int LAST_QUIET = 12;
    private static final Duration READY_WITHIN = Duration.ofSeconds(180);
    private static final int LOSS_PERCENT = 20;
    private static final double SURGE = 2.5;
    private static final long RAMP_STEP_MILLIS = 250;
    /** A ramp ends where callers give up: a second and more for a write. */
    private static final long RAMP_LINK_NANOS = 700_000_000L;

    private static final long RAMP_DISK_MICROS = 1_500_000L;

    private final Options options;
    private final Consumer<String> out;
    private final List<RecordedEvent> events = new ArrayList<>();
    private double medianWriteMillis;

    private ChaosRecord(Options options, Consumer<String> out) {
        this.options = options;
        this.out = out;
    }

    /**
     * What is recorded.
     *
     * @param normal seconds of normal work before the first event
     * @param soak no faults and no distractors: what is recorded is normal
     */
    public record Options(long seed, int seconds, int normal, int nodes, boolean soak, boolean inNamespaces) {
        public Options {
            if (normal < 5 || normal > 3600) {
                throw new IllegalArgumentException("--normal must be in 5..3600 but is " + normal);
            }
            if (seconds < normal + 3 || seconds > 14_400) {
                throw new IllegalArgumentException("--secs must be in " + (normal + 3) + "..14400 but is " + seconds
                        + "; the first " + normal + " are normal work (--normal)");
            }
            if (nodes != 3 && nodes != 5) {
                throw new IllegalArgumentException("--nodes must be 3 or 5 but is " + nodes);
            }
        }
    }

    /** Runs to the end of the recording; what it began is undone then. */
    public static Recording run(
            Options options, Path directory, Path into, Distribution distribution, Consumer<String> out)
            throws IOException {
        return new ChaosRecord(options, out).run(directory, into, distribution);
    }

    /** What can not be made here, and why. */
    private Map<Kind, String> impossible() {
        Map<Kind, String> missing = new TreeMap<>();
        boolean filters = options.inNamespaces()
                && Toolbox.has("iptables")
                && Toolbox.succeeds(List.of("iptables", "-w", "-t", "nat", "-L", "-n"));
        if (!filters) {
            for (Kind kind : Set.of(Kind.PARTITION, Kind.LOSS, Kind.SLOW_LINK, Kind.RAMP_LINK)) {
                missing.put(kind, "needs root, iproute2, util-linux and iptables with nat");
            }
        }
        if (!SlowDisk.possible()) {
            missing.put(Kind.SLOW_DISK, "needs a C compiler (cc)");
            missing.put(Kind.RAMP_DISK, "needs a C compiler (cc)");
        }
        return missing;
    }

    private Recording run(Path directory, Path into, Distribution distribution) throws IOException {
        Map<Kind, String> missing = impossible();
        missing.forEach((kind, why) -> out.accept("skipped  " + kind.wireName() + ": " + why));
        ClusterDirectory cluster = ClusterDirectory.openOrCreate(
                directory,
                options.inNamespaces()
                        ? ClusterDirectory.Plan.onHosts(ChaosNet.hosts(options.nodes()))
                        : ClusterDirectory.Plan.onAnyPort(options.nodes(), false)
                                .withTls(false));
        Files.createDirectories(cluster.logs());
        Files.createDirectories(into);
        boolean relayed = !missing.containsKey(Kind.SLOW_LINK);
        Optional<SlowDisk> disk = SlowDisk.make(directory.resolveSibling("disk"));
        long began;
        long end;
        long requests;
        RecordedLoad load;
        try (ChaosNet net = options.inNamespaces() ? ChaosNet.make(options.nodes(), cluster.logs()) : null;
                Watchdog watchdog = options.inNamespaces() ? null : Watchdog.start();
                LinkDelays links = new LinkDelays();
                OtlpRecorder recorder =
                        OtlpRecorder.start(into, options.inNamespaces() ? ChaosNet.OUR_ADDRESS : "127.0.0.1")) {
            if (net != null && relayed) {
                RecordedNodes.relay(cluster, net, links);
            }
            try (RecordedNodes nodes =
                            RecordedNodes.start(cluster, distribution, net, disk.orElse(null), recorder.url());
                    RecordedLoad running = new RecordedLoad(nodes, options.seed())) {
                load = running;
                nodes.awaitAllReady(READY_WITHIN);
                load.start();
                began = System.currentTimeMillis();
                end = began + options.seconds() * 1000L;
                out.accept(options.nodes() + " nodes ready, recording " + options.seconds() + " s, the first "
                        + options.normal() + " s normal work");
                until(began + options.normal() * 1000L);
                if (!ChaosCluster.await(READY_WITHIN, running::seen)) {
                    throw new IllegalStateException(
                            "expected writes to be accepted in normal work; see " + cluster.logs());
                }
                medianWriteMillis = load.medianMillis();
                out.accept(String.format(Locale.ROOT, "a write takes %.2f ms in the median", medianWriteMillis));
                if (!options.soak()) {
                    Stage stage = new Stage(nodes, net, links, disk, watchdog, load);
                    for (Planned planned :
                            RecordPlan.of(options.seed(), options.seconds(), options.nodes(), missing.keySet())) {
                        long needs = planned.lastsMillis() + planned.quietMillis() + LAST_QUIET * 1000L;
                        if (System.currentTimeMillis() + needs > end) {
                            break;
                        }
                        turn(planned, stage);
                    }
                }
                until(end);
            }
            requests = recorder.requests();
        }
        Recording recording = new Recording(
                options.seed(),
                options.nodes(),
                options.soak(),
                options.inNamespaces(),
                began,
                end,
                options.normal(),
                medianWriteMillis,
                EnumSet.noneOf(Kind.class).equals(missing.keySet())
                        ? List.of()
                        : missing.keySet().stream().map(Kind::wireName).toList(),
                requests,
                List.copyOf(events));
        recording.write(into);
        load.write(into.resolve("load.csv"));
        int rows = RecordingFiles.metrics(into, recording);
        out.accept(rows + " rows, " + recording.faults().size() + " faults, "
                + (events.size() - recording.faults().size()) + " distractors in " + into);
        return recording;
    }

    /** Everything that an event is done to or with. */
    private record Stage(
            RecordedNodes nodes,
            @Nullable ChaosNet net,
            LinkDelays links,
            Optional<SlowDisk> disk,
            @Nullable Watchdog watchdog,
            RecordedLoad load) {}

    private void turn(Planned planned, Stage stage) {
        boolean ramp = planned.kind() == Kind.RAMP_LINK || planned.kind() == Kind.RAMP_DISK;
        int leader = stage.nodes().leader();
        int victim = ramp && leader > 0 ? leader : planned.node();
        boolean leads = victim == leader;
        long from = System.currentTimeMillis();
        String words = turn(planned, victim, stage);
        stage.nodes().awaitAllReady(READY_WITHIN);
        long to = System.currentTimeMillis();
        events.add(new RecordedEvent(
                planned.kind().wireName(),
                planned.words(),
                planned.kind().fault,
                planned.kind().fault ? ChaosCluster.id(victim) : "",
                planned.kind() == Kind.SLOW_LINK ? ChaosCluster.id(planned.other()) : "",
                leads,
                words,
                from,
                to));
        out.accept(String.format(
                Locale.ROOT,
                "%-12s %s%s %5.1f s  %s",
                planned.kind().wireName(),
                ChaosCluster.id(victim),
                leads ? " (leader)" : "",
                (to - from) / 1000.0,
                words));
        until(to + planned.quietMillis());
    }

    /** Does it, waits, and undoes it. */
    private String turn(Planned planned, int victim, Stage stage) {
        long end = System.currentTimeMillis() + planned.lastsMillis();
        RecordedNodes nodes = stage.nodes();
        switch (planned.kind()) {
            case KILL -> {
                nodes.signal(nodes.pid(victim), "KILL");
                until(end);
                return "kill -9; its sidecar starts it again";
            }
            case PAUSE -> {
                long pid = nodes.pid(victim);
                if (stage.watchdog() != null) {
                    stage.watchdog().guard(pid);
                }
                nodes.signal(pid, "STOP");
                until(end);
                if (nodes.pid(victim) == pid) {
                    nodes.signal(pid, "CONT");
                }
                return "kill -STOP; its sidecar kills and starts it when it finds it hung";
            }
            case PARTITION -> {
                around(victim, stage, LinkDelays.CUT);
                until(end);
                around(victim, stage, 0);
                return "cut off from the other nodes";
            }
            case LOSS -> {
                required(stage.net()).loses(victim, LOSS_PERCENT);
                until(end);
                required(stage.net()).losesNoMore(victim, LOSS_PERCENT);
                return LOSS_PERCENT + " % of the packets that reach it are lost";
            }
            case SLOW_LINK -> {
                long nanos = Math.round(medianWriteMillis * planned.percent() * 1e4);
                stage.links().set(victim, planned.other(), nanos);
                stage.links().set(planned.other(), victim, nanos);
                until(end);
                stage.links().set(victim, planned.other(), 0);
                stage.links().set(planned.other(), victim, 0);
                return String.format(
                        Locale.ROOT, "%.2f ms more each way to %s", nanos / 1e6, ChaosCluster.id(planned.other()));
            }
            case SLOW_DISK -> {
                long micros = Math.round(medianWriteMillis * planned.percent() * 10);
                stage.disk().orElseThrow().set(victim, micros);
                until(end);
                stage.disk().orElseThrow().set(victim, 0);
                return String.format(Locale.ROOT, "every sync takes %.2f ms more", micros / 1e3);
            }
            case RAMP_LINK -> {
                ramp(planned, part -> around(victim, stage, RAMP_LINK_NANOS * part / 1000));
                around(victim, stage, 0);
                return "links to all others slower and slower, up to " + RAMP_LINK_NANOS / 1_000_000 + " ms each way";
            }
            case RAMP_DISK -> {
                ramp(planned, part -> stage.disk().orElseThrow().set(victim, RAMP_DISK_MICROS * part / 1000));
                stage.disk().orElseThrow().set(victim, 0);
                return "syncs slower and slower, up to " + RAMP_DISK_MICROS / 1000 + " ms more";
            }
            case SURGE -> {
                stage.load().surge(SURGE);
                until(end);
                stage.load().surge(1);
                return SURGE + " times the load";
            }
            case HOT_ACCOUNT -> {
                stage.load().hotAccount(true);
                until(end);
                stage.load().hotAccount(false);
                return "all transfers go to one account";
            }
            case DEPLOY -> {
                for (int node = 1; node <= nodes.size(); node++) {
                    int one = node;
                    long pid = nodes.pid(node);
                    nodes.signal(pid, "TERM");
                    var unused = ChaosCluster.await(
                            READY_WITHIN, () -> nodes.pid(one) != pid && nodes.pid(one) > 0 && nodes.ready(one));
                    nodes.awaitAllReady(READY_WITHIN);
                }
                return "all nodes restarted in turn, announced as maintenance";
            }
        }
        throw new IllegalStateException("no such kind " + planned.kind());
    }

    /** @param step takes thousandths of the top */
    private static void ramp(Planned planned, LongConsumer step) {
        long began = System.currentTimeMillis();
        for (long at = 0; at < planned.lastsMillis(); at = System.currentTimeMillis() - began) {
            step.accept(at * 1000 / planned.lastsMillis());
            ChaosCluster.pause(RAMP_STEP_MILLIS);
        }
    }

    private static void around(int victim, Stage stage, long nanos) {
        for (int other = 1; other <= stage.nodes().size(); other++) {
            if (other != victim) {
                stage.links().set(victim, other, nanos);
                stage.links().set(other, victim, nanos);
            }
        }
    }

    private static ChaosNet required(@Nullable ChaosNet net) {
        if (net == null) {
            throw new IllegalStateException("this fault needs network namespaces");
        }
        return net;
    }

    private static void until(long millis) {
        long left = millis - System.currentTimeMillis();
        if (left > 0) {
            ChaosCluster.pause(left);
        }
    }
}
