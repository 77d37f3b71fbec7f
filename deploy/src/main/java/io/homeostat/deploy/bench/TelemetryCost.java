package io.homeostat.deploy.bench;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What telemetry and the tap on the journal cost: two clusters live side by side, one reporting with a reader on its journal's
 * stream and one doing neither, and the load goes to one of them at a time, in turns.
 */
final class TelemetryCost {
    private TelemetryCost() {}

    static List<Map<String, Object>> measure(BenchRun on, BenchRun off, int repetitions) throws IOException {
        List<Map<String, Object>> lines = new ArrayList<>();
        double[] ratios = new double[repetitions];
        try (Tap tap = Tap.open(on)) {
            for (BenchRun run : List.of(on, off)) {
                try (TransferLoad load = run.closedLoop()) {
                    run.warmUp(load);
                }
            }
            for (int i = 0; i < repetitions; i++) {
                // The order turns around each time, so that whatever grows with the run hits both alike.
                boolean onFirst = i % 2 == 0;
                Map<String, Object> first = one(onFirst ? on : off, i + 1);
                Map<String, Object> second = one(onFirst ? off : on, i + 1);
                lines.add(first);
                lines.add(second);
                ratios[i] = on.requestsPerSecond(onFirst ? first : second)
                        / Math.max(1, on.requestsPerSecond(onFirst ? second : first));
            }
            Map<String, Object> summary = on.configuration();
            Arrays.sort(ratios);
            summary.put("summary", "telemetry");
            summary.put("repetitions", repetitions);
            summary.put("on/off", BenchRun.hundredths(ratios[repetitions / 2]));
            summary.put("least", BenchRun.hundredths(ratios[0]));
            summary.put("most", BenchRun.hundredths(ratios[repetitions - 1]));
            summary.put("tap_mib", tap.bytes() >> 20);
            summary.putAll(on.verdict());
            Map<String, Object> verdictOff = off.verdict();
            lines.forEach(line -> line.putAll("off".equals(line.get("telemetry")) ? verdictOff : Map.of()));
            lines.add(summary);
        }
        return lines;
    }

    private static Map<String, Object> one(BenchRun run, int repetition) throws IOException {
        boolean reports = run.options.telemetry();
        run.say("repetition " + repetition + " with telemetry " + (reports ? "on" : "off"));
        try (TransferLoad load = run.closedLoop()) {
            run.settle(load);
            Map<String, Object> figures = run.stretch(load);
            figures.put("telemetry", reports ? "on" : "off");
            figures.put("repetition", repetition);
            return figures;
        }
    }

    /** Reads the journal's stream of a follower as whoever feeds the detector does. */
    private static final class Tap implements AutoCloseable {
        private static final int BUFFER = 1 << 16;
        private final InputStream stream;
        private final Thread thread;
        private volatile long bytes;

        private Tap(InputStream stream) {
            this.stream = stream;
            this.thread = new Thread(this::run, "tap");
            thread.setDaemon(true);
            thread.start();
        }

        static Tap open(BenchRun run) throws IOException {
            return new Tap(run.cluster.journalStream());
        }

        long bytes() {
            return bytes;
        }

        private void run() {
            byte[] buffer = new byte[BUFFER];
            try {
                for (int got = stream.read(buffer); got >= 0; got = stream.read(buffer)) {
                    bytes += got;
                }
            } catch (IOException e) {
                // Closed by this side, or by a node that ended, which the run finds by itself.
                return;
            }
        }

        @Override
        public void close() throws IOException {
            stream.close();
        }
    }
}
