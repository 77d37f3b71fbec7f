package io.homeostat.deploy.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** More load than the ledger takes, for long: whether it goes on serving, says no in time, and stays as large as it was. */
final class Overload {
    /** More requests at once than one client may have inside (2048), so that some meet each bound. */
    private static final int CONNECTIONS = 4096;

    private static final Pattern HEAP = Pattern.compile("used (\\d+)K");

    private Overload() {}

    static Map<String, Object> measure(BenchRun run, double maximum, double times, int seconds) throws IOException {
        try (TransferLoad load = run.load(CONNECTIONS, maximum * times, Duration.ofSeconds(10), false)) {
            run.say("overload with " + times + " times the maximum for " + seconds + " s");
            int steps = Math.max(2, Math.min(10, seconds / 10));
            run.settle(load);
            long heapBefore = heapMib(run);
            long cpuBefore = run.cluster.cpuMicros();
            long[] resident = new long[steps + 1];
            long heapMiddle = -1;
            resident[0] = residentMib(run);
            load.next();
            for (int i = 1; i <= steps; i++) {
                BenchRun.sleep(Duration.ofMillis(1000L * seconds / steps));
                run.cluster.requireAlive();
                resident[i] = residentMib(run);
                run.say("resident memory of all nodes: " + resident[i] + " MiB");
                if (i == steps / 2) {
                    heapMiddle = heapMib(run);
                }
            }
            Meter meter = load.next();
            long cpu = run.cluster.cpuMicros() - cpuBefore;
            Map<String, Object> figures = run.figures(meter);
            double offered = maximum * times * run.options.batch();
            figures.put("overload", times);
            figures.put("secs", seconds);
            figures.put("offered/s", Math.round(offered));
            figures.put(
                    "accepted/max",
                    BenchRun.hundredths(meter.transfersPerSecond() / Math.max(1, maximum * run.options.batch())));
            figures.put("refused_429", meter.refusedForPrincipal());
            figures.put("refused_503", meter.refusedForNode());
            figures.put("refused_without_retry_after", meter.withoutRetryAfter());
            figures.put("refusal_p99ms", BenchRun.hundredths(meter.refusal.getValueAtPercentile(99) / 1000.0));
            figures.put("unanswered", meter.withoutAnswer());
            figures.put("not_sent", meter.neverSent());
            figures.put("server_cpu_s", TimeUnit.MICROSECONDS.toSeconds(cpu));
            figures.put("resident_mib_begin", resident[0]);
            figures.put("resident_mib_middle", resident[steps / 2]);
            figures.put("resident_mib_end", resident[steps]);
            figures.put("heap_after_gc_mib_begin", heapBefore);
            figures.put("heap_after_gc_mib_middle", heapMiddle);
            figures.put("heap_after_gc_mib_end", heapMib(run));
            return figures;
        }
    }

    private static long residentMib(BenchRun run) {
        return run.cluster.ids().stream().mapToLong(run.cluster::residentKib).sum() >> 10;
    }

    /** Of all nodes after a full collection; -1 where the JDK's jcmd is not at hand. */
    private static long heapMib(BenchRun run) throws IOException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        if (!Files.isExecutable(jcmd)) {
            return -1;
        }
        long kib = 0;
        for (String node : run.cluster.ids()) {
            String pid = Long.toString(run.cluster.pid(node));
            output(List.of(jcmd.toString(), pid, "GC.run"));
            Matcher used = HEAP.matcher(output(List.of(jcmd.toString(), pid, "GC.heap_info")));
            // Young and old generation, and not the class metadata that is listed after them.
            for (int i = 0; i < 2 && used.find(); i++) {
                kib += Long.parseLong(used.group(1));
            }
        }
        return kib >> 10;
    }

    private static String output(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (var in = process.getInputStream()) {
            return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        }
    }
}
