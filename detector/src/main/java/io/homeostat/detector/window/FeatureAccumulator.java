package io.homeostat.detector.window;

import io.homeostat.detector.signal.NodeSamples;
import io.homeostat.detector.signal.Rule;
import io.homeostat.detector.signal.Sample;
import io.homeostat.detector.signal.Signal;
import io.homeostat.detector.signal.SignalCatalog;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Samples to window values, without Flink: the stream job and offline runs use the same code. Causal: a window sees its
 * own samples and the last points before it. Stateless; the {@link WindowStore} is the caller's.
 */
public final class FeatureAccumulator {
    public static final long WINDOW_MILLIS = 1_000;

    private final SignalCatalog catalog;
    private final WindowLimits limits;
    private final Map<String, Rule> earlyRules = new HashMap<>();

    public FeatureAccumulator(SignalCatalog catalog, WindowLimits limits) {
        this.catalog = catalog;
        this.limits = limits;
        for (Signal signal : catalog.signals()) {
            signal.rule().filter(Rule::early).ifPresent(rule -> earlyRules.put(signal.name(), rule));
        }
    }

    /**
     * What became of a batch.
     *
     * @param windowStart the window that it counts in
     * @param late samples that came after their window had ended and count in the oldest open one
     * @param dropped samples that do not count: too late, or more than the window holds
     * @param beyond true when they came later than {@link WindowLimits#lateBound} allows
     */
    public record Added(long windowStart, int late, int dropped, boolean beyond) {}

    /** Puts a batch into its window, or into the oldest open one when it is late. */
    public Added add(WindowStore store, NodeSamples batch, long watermark) {
        long oldestOpen = watermark == Long.MIN_VALUE ? Long.MIN_VALUE : start(watermark + 1);
        long own = start(batch.timeMillis());
        long target = Math.max(own, oldestOpen);
        OpenWindow window = store.open(target);
        if (own < target && watermark - batch.timeMillis() > limits.lateBound().toMillis()) {
            // The window ends all the same: it says that the node is alive.
            store.put(target, window);
            return new Added(target, 0, batch.samples().size(), true);
        }
        int room = Math.max(0, limits.maxSamples() - window.samples.size());
        List<Sample> taken = batch.samples().size() <= room
                ? batch.samples()
                : batch.samples().subList(0, room);
        window.samples.addAll(taken);
        store.put(target, window);
        int dropped = batch.samples().size() - taken.size();
        return new Added(target, own < target ? taken.size() : 0, dropped, false);
    }

    /** True when one of the batch's own points breaks an early rule: only then is a look into its window worth it. */
    public boolean breaksEarlyRule(NodeSamples batch) {
        for (Sample sample : batch.samples()) {
            Rule rule = earlyRules.get(sample.signal());
            if (rule != null && rule.violatedBy(sample.value())) {
                return true;
            }
        }
        return false;
    }

    /** A look into the open window when a rule on one export is violated there for the first time. */
    public Optional<NodeWindow> early(WindowStore store, String node, long windowStart, long atMillis) {
        OpenWindow window = store.open(windowStart);
        List<Sample> samples = window.samples;
        boolean news = false;
        for (Signal signal : catalog.signals()) {
            Rule rule = earlyRules.get(signal.name());
            if (rule == null) {
                continue;
            }
            OptionalDouble value = level(signal, ofSignal(samples, signal.name()));
            boolean violated = value.isPresent() && rule.violatedBy(value.getAsDouble());
            if (violated && !window.reported.contains(signal.name())) {
                window.reported.add(signal.name());
                news = true;
            }
        }
        if (!news) {
            return Optional.empty();
        }
        store.put(windowStart, window);
        Map<String, Double> values = levels(samples);
        return Optional.of(new NodeWindow(
                node,
                windowStart,
                windowStart + WINDOW_MILLIS,
                true,
                atMillis,
                values,
                List.copyOf(samples),
                List.of()));
    }

    /** Ends a window: its values are fixed and its last points become the next window's start. */
    public NodeWindow close(WindowStore store, String node, long windowStart) {
        List<Sample> samples = new ArrayList<>(store.open(windowStart).samples);
        store.remove(windowStart);
        Map<String, Sample> previous = store.previous();
        samples.sort(Comparator.comparingLong(Sample::timeMillis)
                .thenComparing(Sample::signal)
                .thenComparing(Sample::series));
        List<Sample> before = before(previous, samples);
        Map<String, List<Sample>> bySignal = new HashMap<>();
        samples.forEach(sample -> bySignal.computeIfAbsent(sample.signal(), signal -> new ArrayList<>(2))
                .add(sample));
        Map<String, Double> values = new TreeMap<>();
        for (Signal signal : catalog.signals()) {
            List<Sample> ofSignal = bySignal.getOrDefault(signal.name(), List.of());
            if (!ofSignal.isEmpty()) {
                value(previous, signal, ofSignal).ifPresent(v -> values.put(signal.name(), v));
            } else if (signal.source() == Signal.Source.LOG) {
                // No log record is a count of zero; a gauge that is missing is not zero.
                values.put(signal.name(), 0.0);
            }
        }
        store.putPrevious(previous);
        long end = windowStart + WINDOW_MILLIS;
        return new NodeWindow(node, windowStart, end, false, end, values, List.copyOf(samples), before);
    }

    /** The values of a window once more, from its samples alone: equal to the bit to those that it had. */
    public Map<String, Double> again(NodeWindow window) {
        WindowState state = new WindowState();
        if (window.early()) {
            return levels(window.samples());
        }
        window.before().forEach(sample -> state.previous.put(key(sample), sample));
        OpenWindow open = new OpenWindow();
        open.samples.addAll(window.samples());
        state.open.put(window.startMillis(), open);
        return close(state, window.node(), window.startMillis()).values();
    }

    public static long start(long timeMillis) {
        return Math.floorDiv(timeMillis, WINDOW_MILLIS) * WINDOW_MILLIS;
    }

    private OptionalDouble value(Map<String, Sample> previous, Signal signal, List<Sample> samples) {
        return switch (signal.statistic()) {
            case LAST, MEAN, MIN, MAX -> level(signal, samples);
            case RATE -> rate(previous, samples, false);
            case PEAK -> rate(previous, samples, true);
            case QUANTILE -> quantile(previous, signal, samples);
        };
    }

    private static List<Sample> ofSignal(List<Sample> samples, String signal) {
        return samples.stream().filter(s -> s.signal().equals(signal)).toList();
    }

    private static OptionalDouble level(Signal signal, List<Sample> samples) {
        if (samples.isEmpty()) {
            return OptionalDouble.empty();
        }
        if (samples.size() == 1) {
            // A node exports most series once a second. Plus 0.0 as a sum begins, so that the bits are those of below.
            double only = samples.get(0).value();
            return switch (signal.statistic()) {
                case LAST, MEAN -> OptionalDouble.of(0.0 + only);
                case MIN, MAX -> OptionalDouble.of(only);
                case RATE, PEAK, QUANTILE -> OptionalDouble.empty();
            };
        }
        return switch (signal.statistic()) {
            case LAST -> {
                Map<String, Sample> newest = new HashMap<>();
                samples.forEach(s -> newest.merge(s.series(), s, (a, b) -> b.timeMillis() >= a.timeMillis() ? b : a));
                // Sorted, so that the same samples always give the same bits.
                yield OptionalDouble.of(newest.values().stream()
                        .mapToDouble(Sample::value)
                        .sorted()
                        .sum());
            }
            case MEAN -> samples.stream().mapToDouble(Sample::value).sorted().average();
            case MIN -> samples.stream().mapToDouble(Sample::value).min();
            case MAX -> samples.stream().mapToDouble(Sample::value).max();
            case RATE, PEAK, QUANTILE -> OptionalDouble.empty();
        };
    }

    /**
     * Growth per second. A cumulative series counts from its previous point; its first point only starts it.
     *
     * @param peak of the series that grows fastest, and not of all together
     */
    private OptionalDouble rate(Map<String, Sample> previous, List<Sample> samples, boolean peak) {
        Map<String, Double> bySeries = new TreeMap<>();
        for (Sample sample : samples) {
            String series = peak ? sample.series() : "";
            if (sample.kind() == Sample.Kind.DELTA) {
                bySeries.merge(series, sample.value() / (WINDOW_MILLIS / 1_000.0), Double::sum);
            } else if (sample.kind() == Sample.Kind.CUMULATIVE) {
                Sample before = remember(previous, sample);
                if (before != null && sample.timeMillis() > before.timeMillis()) {
                    boolean restarted = sample.startMillis() != before.startMillis() || sample.value() < before.value();
                    double growth = restarted ? sample.value() : sample.value() - before.value();
                    double rate = growth * 1_000.0 / (sample.timeMillis() - before.timeMillis());
                    bySeries.merge(series, rate, Double::sum);
                }
            }
        }
        return bySeries.values().stream().mapToDouble(Double::doubleValue).max();
    }

    private OptionalDouble quantile(Map<String, Sample> previous, Signal signal, List<Sample> samples) {
        List<Sample> numbers =
                samples.stream().filter(s -> s.counts().length == 0).toList();
        if (!numbers.isEmpty()) {
            double[] sorted =
                    numbers.stream().mapToDouble(Sample::value).sorted().toArray();
            return OptionalDouble.of(sorted[(int) Math.ceil(signal.quantile() * sorted.length) - 1]);
        }
        double[] bounds = samples.get(0).bounds();
        long[] growth = new long[bounds.length + 1];
        for (Sample sample : samples) {
            if (sample.counts().length != growth.length) {
                continue;
            }
            Sample before = sample.kind() == Sample.Kind.CUMULATIVE_HISTOGRAM ? remember(previous, sample) : null;
            if (sample.kind() == Sample.Kind.CUMULATIVE_HISTOGRAM
                    && (before == null || sample.timeMillis() <= before.timeMillis())) {
                continue;
            }
            boolean restarted = before == null
                    || before.counts().length != growth.length
                    || sample.startMillis() != before.startMillis()
                    || total(sample.counts()) < total(before.counts());
            for (int i = 0; i < growth.length; i++) {
                growth[i] += Math.max(
                        0, restarted || before == null ? sample.counts()[i] : sample.counts()[i] - before.counts()[i]);
            }
        }
        return Histograms.quantile(bounds, growth, signal.quantile());
    }

    private Map<String, Double> levels(List<Sample> samples) {
        Map<String, Double> values = new TreeMap<>();
        for (Signal signal : catalog.signals()) {
            level(signal, ofSignal(samples, signal.name())).ifPresent(v -> values.put(signal.name(), v));
        }
        return values;
    }

    private static List<Sample> before(Map<String, Sample> last, List<Sample> samples) {
        Map<String, Sample> before = new TreeMap<>();
        for (Sample sample : samples) {
            boolean cumulative =
                    sample.kind() == Sample.Kind.CUMULATIVE || sample.kind() == Sample.Kind.CUMULATIVE_HISTOGRAM;
            Sample previous = cumulative ? last.get(key(sample)) : null;
            if (previous != null) {
                before.put(key(sample), previous);
            }
        }
        return List.copyOf(before.values());
    }

    private static String key(Sample sample) {
        return sample.signal() + "/" + sample.series();
    }

    private @Nullable Sample remember(Map<String, Sample> previous, Sample sample) {
        String key = key(sample);
        Sample before = previous.get(key);
        boolean newer = before == null || sample.timeMillis() > before.timeMillis();
        if (newer && (before != null || previous.size() < limits.maxSeries())) {
            previous.put(key, sample);
        }
        return before;
    }

    private static long total(long[] counts) {
        long total = 0;
        for (long count : counts) {
            total += count;
        }
        return total;
    }
}
