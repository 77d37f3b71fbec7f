package io.homeostat.detector.rehearsal;

import io.homeostat.detector.signal.DecodeLimits;
import io.homeostat.detector.signal.Decoded;
import io.homeostat.detector.signal.NodeSamples;
import io.homeostat.detector.signal.OtlpDecoder;
import io.homeostat.detector.signal.SignalCatalog;
import io.homeostat.detector.verdict.ClusterWindow;
import io.homeostat.detector.window.FeatureAccumulator;
import io.homeostat.detector.window.NodeWindow;
import io.homeostat.detector.window.WindowLimits;
import io.homeostat.detector.window.WindowState;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;

/**
 * Windows of a folder of recorded OTLP: {@code otlp_metrics.bin.gz}, {@code otlp_traces.bin.gz}, {@code otlp_logs.bin.gz}, each a row of
 * requests with 4 bytes of length before them, big-endian, in the order in which they came. The files are read side by side, so
 * that a long recording needs no more memory than a short one. Used by one thread.
 */
public final class RecordedWindows {
    private static final int MAX_REQUEST = 4 << 20;
    /** How far one file may run ahead of another before a window is taken for complete: the recorder's senders are a second apart. */
    private static final long APART_MILLIS = 3_000;

    private final OtlpDecoder decoder = new OtlpDecoder(SignalCatalog.standard(), Set.of(), DecodeLimits.defaults());
    private final FeatureAccumulator accumulator =
            new FeatureAccumulator(SignalCatalog.standard(), WindowLimits.defaults());
    private final Map<String, WindowState> states = new TreeMap<>();
    private final TreeMap<Long, Set<String>> open = new TreeMap<>();
    private final Consumer<ClusterWindow> out;
    private long closedUntil = Long.MIN_VALUE;
    private long malformed;

    private RecordedWindows(Consumer<ClusterWindow> out) {
        this.out = out;
    }

    /**
     * Reads a folder; windows come in the order of their seconds.
     *
     * @return requests and points that could not be read
     * @throws IllegalArgumentException when a file is missing or is no recording
     */
    public static long read(Path folder, Consumer<ClusterWindow> out) {
        RecordedWindows windows = new RecordedWindows(out);
        List<Source> sources = new ArrayList<>();
        try {
            for (String signal : List.of("metrics", "traces", "logs")) {
                sources.add(new Source(signal, folder.resolve("otlp_" + signal + ".bin.gz")));
            }
            windows.run(sources);
        } finally {
            sources.forEach(Source::close);
        }
        return windows.malformed;
    }

    private void run(List<Source> sources) {
        List<Source> going = new ArrayList<>(sources);
        while (!going.isEmpty()) {
            Source behind = going.get(0);
            for (Source source : going) {
                behind = source.reached < behind.reached ? source : behind;
            }
            byte[] request = behind.next();
            if (request.length == 0) {
                going.remove(behind);
                continue;
            }
            Decoded decoded = decode(behind.signal, request);
            malformed += decoded.malformed();
            for (NodeSamples batch : decoded.batches()) {
                behind.reached = Math.max(behind.reached, batch.timeMillis());
                add(batch);
            }
            // What no second holds (a file without a sample for us) must not keep the others waiting for ever.
            close(going.stream().mapToLong(s -> s.reached).min().orElse(Long.MAX_VALUE) - APART_MILLIS);
        }
        close(Long.MAX_VALUE);
    }

    private Decoded decode(String signal, byte[] request) {
        long anyTime = Long.MAX_VALUE / 2;
        return switch (signal) {
            case "traces" -> decoder.spans(request, anyTime);
            case "logs" -> decoder.logs(request, anyTime);
            default -> decoder.metrics(request, anyTime);
        };
    }

    private void add(NodeSamples batch) {
        long watermark = closedUntil == Long.MIN_VALUE ? Long.MIN_VALUE : closedUntil - 1;
        FeatureAccumulator.Added added =
                accumulator.add(states.computeIfAbsent(batch.node(), n -> new WindowState()), batch, watermark);
        open.computeIfAbsent(added.windowStart(), s -> new TreeSet<>()).add(batch.node());
    }

    private void close(long untilMillis) {
        while (!open.isEmpty() && open.firstKey() + FeatureAccumulator.WINDOW_MILLIS <= untilMillis) {
            Map.Entry<Long, Set<String>> oldest = open.firstEntry();
            long start = oldest.getKey();
            open.remove(start);
            TreeMap<String, NodeWindow> nodes = new TreeMap<>();
            for (String node : oldest.getValue()) {
                NodeWindow window = accumulator.close(states.getOrDefault(node, new WindowState()), node, start);
                nodes.put(node, window);
            }
            closedUntil = start + FeatureAccumulator.WINDOW_MILLIS;
            out.accept(new ClusterWindow(start, closedUntil, nodes));
        }
    }

    /** One file of a recording. */
    private static final class Source {
        private final String signal;
        private final Path file;
        private final DataInputStream in;
        private long reached = Long.MIN_VALUE / 2;

        Source(String signal, Path file) {
            this.signal = signal;
            this.file = file;
            try {
                in = new DataInputStream(new BufferedInputStream(new GZIPInputStream(Files.newInputStream(file))));
            } catch (IOException e) {
                throw new IllegalArgumentException(
                        "expected a recording of './homeostat chaos record' but " + file + " can not be read: "
                                + e.getMessage(),
                        e);
            }
        }

        /** Empty at the end; a recording that was cut short ends where it was cut. */
        byte[] next() {
            try {
                int length = in.readInt();
                if (length <= 0 || length > MAX_REQUEST) {
                    throw new IllegalArgumentException(
                            file + ": expected a request of 1 to " + MAX_REQUEST + " bytes but found " + length);
                }
                byte[] request = new byte[length];
                in.readFully(request);
                return request;
            } catch (EOFException e) {
                return new byte[0];
            } catch (IOException e) {
                throw new UncheckedIOException(file + " can not be read", e);
            }
        }

        void close() {
            try {
                in.close();
            } catch (IOException e) {
                throw new UncheckedIOException(file + " can not be closed", e);
            }
        }
    }
}
