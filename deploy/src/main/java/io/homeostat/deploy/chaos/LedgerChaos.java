package io.homeostat.deploy.chaos;

import io.homeostat.deploy.chaos.FaultInjector.Injected;
import io.homeostat.deploy.chaos.FaultSchedule.Planned;
import io.homeostat.deploy.chaos.Violation.Promise;
import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.process.Distribution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One chaos run: nodes, load, faults by the seed, calm, and the verdict. */
public final class LedgerChaos {
    private static final Duration READY_WITHIN = Duration.ofSeconds(180);
    private static final Duration DIGESTS_WITHIN = Duration.ofSeconds(60);
    private static final int MAX_TIMES = 1000;
    /** A leader is known again; an election takes a second or two. */
    private static final Duration LEADER_WITHIN = Duration.ofSeconds(60);

    private static final Duration GAP_AFTER_HEAL = Duration.ofSeconds(8);
    /** Logs and journal of a short run, and room for a snapshot. */
    private static final String SMALL_DISK = "size=192m";

    private final Options options;
    private final Consumer<String> out;
    private final List<Map<String, Object>> timeline = new ArrayList<>();
    private long began;

    private LedgerChaos(Options options, Consumer<String> out) {
        this.options = options;
        this.out = out;
    }

    /**
     * @param seconds of load and faults
     * @param times when positive, so many faults one after the other, for as long as that takes, in place of the seconds
     * @param inNamespaces whether this process stands in an {@link Arena}
     */
    public record Options(long seed, int seconds, int times, int nodes, List<FaultKind> faults, boolean inNamespaces) {
        public Options {
            faults = List.copyOf(faults);
            if (times < 0 || times > MAX_TIMES || times > 0 && faults.isEmpty()) {
                throw new IllegalArgumentException(
                        "--times must be in 1.." + MAX_TIMES + " and needs a fault, but is " + times + " of " + faults);
            }
            if (seconds < 5 || seconds > 3600) {
                throw new IllegalArgumentException("--secs must be in 5..3600 but is " + seconds);
            }
            if (nodes != 3 && nodes != 5 && nodes != 7 && nodes != 9) {
                throw new IllegalArgumentException("--nodes must be 3, 5, 7 or 9 but is " + nodes);
            }
        }
    }

    /** What a run came to; {@code json} holds everything. */
    public record Result(boolean clean, Map<String, Object> json) {}

    private record Step(
            long atNanos,
            int order,
            @Nullable Planned planned,
            @Nullable Lasting lasting) {}

    /** A fault under way, and its line of the timeline. */
    private record Lasting(Injected injected, long sinceNanos, Map<String, Object> line) {}

    public static Result run(Options options, Path directory, Distribution distribution, Consumer<String> out)
            throws IOException, InterruptedException {
        return new LedgerChaos(options, out).run(directory, distribution);
    }

    private Result run(Path directory, Distribution distribution) throws IOException, InterruptedException {
        List<String> skipped = new ArrayList<>();
        List<FaultKind> faults = FaultInjector.possible(options.faults(), options.inNamespaces(), skipped);
        skipped.forEach(line -> out.accept("skipped  " + line));
        ClusterDirectory cluster = ClusterDirectory.openOrCreate(
                directory,
                options.inNamespaces()
                        ? ClusterDirectory.Plan.onHosts(ChaosNet.hosts(options.nodes()))
                        : ClusterDirectory.Plan.onAnyPort(options.nodes(), false)
                                .withTls(false));
        Files.createDirectories(cluster.logs());
        int smallDisk = faults.contains(FaultKind.ENOSPC) ? smallDisk(cluster) : 0;
        History history = new History(0x6368616f73L << 20 | options.seed() & 0xfffff);
        try (ChaosNet net = options.inNamespaces() ? ChaosNet.make(options.nodes(), cluster.logs()) : null;
                Watchdog watchdog = options.inNamespaces() ? null : Watchdog.start();
                ChaosCluster nodes = new ChaosCluster(
                        cluster,
                        distribution,
                        net,
                        watchdog,
                        faults.contains(FaultKind.CLOCK) ? Toolbox.faketime().orElse(null) : null);
                ChaosClients clients = new ChaosClients(nodes, history, options.seed())) {
            try {
                nodes.awaitAllReady(READY_WITHIN);
                clients.setUp();
            } catch (ChaosCluster.NotRecovered | IllegalStateException e) {
                String why = "before any fault: " + e.getMessage();
                return report(null, false, false, why, skipped, 0, nodes.rebuilds(), 0);
            }
            int firstStarts = nodes.starts();
            clients.start();
            began = System.nanoTime();
            say(0, options.nodes() + " nodes ready, load begins");
            FaultInjector injector = new FaultInjector(nodes, net, smallDisk);
            List<Lasting> done = options.times() > 0 && !faults.isEmpty()
                    ? oneAfterAnother(injector, nodes, faults)
                    : overlapping(injector, faults);
            long ended = System.nanoTime();
            gaps(done, clients, ended);
            clients.stop();
            return judge(nodes, clients, history, skipped, firstStarts, clients.longestGapMillis(began, ended));
        }
    }

    /**
     * A file system of a node's own, that goes with our mount namespace. The node's folder is a link into it, so that it can be
     * moved aside when the node is rebuilt.
     */
    private int smallDisk(ClusterDirectory cluster) throws IOException {
        int node = (int) Math.floorMod(options.seed(), (long) options.nodes()) + 1;
        Path disk = Files.createDirectories(cluster.logs().resolveSibling("small-disk"));
        Toolbox.run(List.of("mount", "-t", "tmpfs", "-o", SMALL_DISK, "tmpfs", disk.toString()));
        Path folder = Files.createDirectory(disk.resolve(ChaosCluster.id(node)));
        Files.createSymbolicLink(cluster.nodeData(ChaosCluster.id(node)), folder);
        return node;
    }

    /** Carries the schedule out to its end; nothing lasts when this returns. */
    private List<Lasting> overlapping(FaultInjector injector, List<FaultKind> kinds) {
        PriorityQueue<Step> steps = new PriorityQueue<>((a, b) -> a.atNanos() != b.atNanos()
                ? Long.compare(a.atNanos(), b.atNanos())
                : Integer.compare(a.order(), b.order()));
        int order = 0;
        for (Planned planned : FaultSchedule.of(options.seed(), options.seconds(), kinds)) {
            steps.add(new Step(began + planned.atMillis() * 1_000_000L, order++, planned, null));
        }
        List<Lasting> all = new ArrayList<>();
        while (!steps.isEmpty()) {
            Step step = steps.remove();
            sleepUntil(step.atNanos());
            Planned planned = step.planned();
            Lasting lasting = step.lasting();
            if (planned != null) {
                Lasting begun = begin(injector, planned);
                if (begun == null) {
                    continue;
                }
                all.add(begun);
                steps.add(new Step(System.nanoTime() + planned.lastsMillis() * 1_000_000L, order++, null, begun));
            } else if (lasting != null) {
                heal(lasting);
            }
        }
        sleepUntil(began + options.seconds() * 1_000_000_000L);
        return all;
    }

    /** Each fault begins when the one before is healed, all nodes are ready and a leader is known. */
    private List<Lasting> oneAfterAnother(FaultInjector injector, ChaosCluster nodes, List<FaultKind> kinds) {
        List<Lasting> all = new ArrayList<>();
        for (Planned planned : FaultSchedule.oneAfterAnother(options.seed(), options.times(), kinds)) {
            if (!recovered(nodes)) {
                // The verdict waits once more, and says so.
                return all;
            }
            ChaosCluster.pause(planned.atMillis());
            Lasting begun = begin(injector, planned);
            if (begun != null) {
                all.add(begun);
                ChaosCluster.pause(planned.lastsMillis());
                heal(begun);
            }
        }
        var unused = recovered(nodes);
        return all;
    }

    private boolean recovered(ChaosCluster nodes) {
        try {
            nodes.awaitAllReady(READY_WITHIN);
        } catch (ChaosCluster.NotRecovered e) {
            say(System.nanoTime(), String.valueOf(e.getMessage()));
            return false;
        }
        return ChaosCluster.await(LEADER_WITHIN, () -> nodes.leader() > 0);
    }

    private @Nullable Lasting begin(FaultInjector injector, Planned planned) {
        long since = System.nanoTime();
        Injected injected = injector.inject(planned);
        if (injected == null) {
            say(since, planned.kind().wireName() + ": no node to do it to");
            return null;
        }
        say(since, injected.words());
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("at_ms", (since - began) / 1_000_000);
        line.put("fault", planned.kind().wireName());
        line.put("what", injected.words());
        timeline.add(line);
        return new Lasting(injected, since, line);
    }

    private void heal(Lasting lasting) {
        lasting.injected().heal().run();
        long now = System.nanoTime();
        lasting.line().put("lasted_ms", (now - lasting.sinceNanos()) / 1_000_000);
        say(now, "  over: " + lasting.injected().words());
    }

    private void gaps(List<Lasting> faults, ChaosClients clients, long ended) {
        for (int i = 0; i < faults.size(); i++) {
            Lasting fault = faults.get(i);
            long lasted = ((Number) fault.line().getOrDefault("lasted_ms", 0L)).longValue() * 1_000_000;
            long until = Math.min(ended, fault.sinceNanos() + lasted + GAP_AFTER_HEAL.toNanos());
            if (options.times() > 0 && i + 1 < faults.size()) {
                until = Math.min(until, faults.get(i + 1).sinceNanos());
            }
            fault.line().put("write_gap_ms", clients.longestGapMillis(fault.sinceNanos(), until));
        }
    }

    private Result judge(
            ChaosCluster nodes,
            ChaosClients clients,
            History history,
            List<String> skipped,
            int firstStarts,
            long longestGap) {
        String notRecovered = "";
        boolean journalsEqual = false;
        boolean digestsEqual = false;
        HistoryCheck.Verdict verdict = null;
        try {
            nodes.awaitAllReady(READY_WITHIN);
            clients.settle();
            long size = nodes.journalSize(1);
            for (int node = 2; node <= nodes.size(); node++) {
                size = Math.min(size, nodes.journalSize(node));
            }
            Book book = new Book();
            var unused = nodes.journal(1, book, nodes.journalSize(1));
            String first = nodes.journal(1, null, size);
            journalsEqual = true;
            for (int node = 2; node <= nodes.size(); node++) {
                journalsEqual &= nodes.journal(node, null, size).equals(first);
            }
            digestsEqual = nodes.digestsEqual(DIGESTS_WITHIN);
            verdict = HistoryCheck.of(history, book);
        } catch (ChaosCluster.NotRecovered e) {
            notRecovered = "after the last fault: " + e.getMessage();
        } catch (IOException | RuntimeException e) {
            // Whatever it was, it is the outcome of the run and must not end it without one.
            notRecovered = "the verdict could not be found: " + e;
        }
        return report(
                verdict,
                journalsEqual,
                digestsEqual,
                notRecovered,
                skipped,
                nodes.starts() - firstStarts,
                nodes.rebuilds(),
                longestGap);
    }

    private Result report(
            HistoryCheck.@Nullable Verdict verdict,
            boolean journalsEqual,
            boolean digestsEqual,
            String notRecovered,
            List<String> skipped,
            int restarts,
            int rebuilds,
            long longestGap) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("seed", options.seed());
        json.put("seconds", options.seconds());
        json.put("nodes", options.nodes());
        json.put("faults", timeline.size());
        json.put("restarts", restarts);
        json.put("rebuilds", rebuilds);
        if (options.times() > 0) {
            long[] gaps = timeline.stream()
                    .mapToLong(line -> ((Number) line.getOrDefault("write_gap_ms", 0L)).longValue())
                    .sorted()
                    .toArray();
            json.put("gap_p50_ms", gaps.length == 0 ? 0 : gaps[gaps.length / 2]);
            json.put("gap_max_ms", gaps.length == 0 ? 0 : gaps[gaps.length - 1]);
        }
        json.put("longest_write_gap_ms", longestGap);
        for (Map<String, Object> line : timeline) {
            out.accept(String.format(
                    Locale.ROOT,
                    "fault  %6.1f s  %-11s  lasted %5s ms  write gap %5s ms  %s",
                    ((Number) line.getOrDefault("at_ms", 0L)).longValue() / 1000.0,
                    line.get("fault"),
                    line.getOrDefault("lasted_ms", "?"),
                    line.getOrDefault("write_gap_ms", "?"),
                    line.get("what")));
        }
        boolean clean = verdict != null && verdict.clean() && journalsEqual && digestsEqual;
        if (verdict != null) {
            json.put("operations", verdict.operations());
            json.put("acknowledged", verdict.acknowledged());
            json.put("refused", verdict.refused());
            json.put("not_written", verdict.notWritten());
            json.put("unknown_applied", verdict.unknownApplied());
            json.put("unknown_not_applied", verdict.unknownNothing());
            json.put("reads", verdict.reads());
            json.put("lost", verdict.count(Promise.ACKNOWLEDGED_IS_KEPT));
            json.put("doubled", verdict.count(Promise.ONCE));
            json.put("sums_zero", verdict.count(Promise.SUMS_ARE_ZERO) == 0);
            json.put("digests_equal", digestsEqual);
            json.put("journals_equal", journalsEqual);
            verdict.violations()
                    .forEach(one -> out.accept("broken  " + one.promise().broken() + ": " + one.words()));
            json.put(
                    "violations",
                    verdict.broken().entrySet().stream()
                            .collect(Collectors.toMap(
                                    e -> e.getKey().name().toLowerCase(Locale.ROOT), Map.Entry::getValue)));
        } else {
            json.put("not_recovered", notRecovered);
            out.accept("broken  not recovered: " + notRecovered);
        }
        json.put("skipped", skipped);
        json.put("clean", clean);
        out.accept(json.entrySet().stream()
                .filter(e -> !(e.getValue() instanceof List<?>))
                .map(e -> e.getKey() + "=" + e.getValue())
                .collect(Collectors.joining(" ")));
        json.put("timeline", timeline);
        return new Result(clean, json);
    }

    private void say(long atNanos, String what) {
        double seconds = atNanos == 0 ? 0 : (atNanos - began) / 1e9;
        out.accept(String.format(Locale.ROOT, "%8.1f s  %s", seconds, what));
    }

    private static void sleepUntil(long atNanos) {
        long left = atNanos - System.nanoTime();
        if (left > 0) {
            ChaosCluster.pause(left / 1_000_000);
        }
    }
}
