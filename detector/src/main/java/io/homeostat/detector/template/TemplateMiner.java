package io.homeostat.detector.template;

import io.homeostat.detector.signal.NodeSamples;
import io.homeostat.detector.signal.Sample;
import io.homeostat.detector.signal.Sample.Kind;
import io.homeostat.detector.signal.Signal;
import io.homeostat.detector.signal.SignalCatalog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Gives the log lines of a batch their templates. What comes out needs no tree to be read again: each sample says its template
 * and whether it was the first of it. Stateless; the {@link TemplateState} is the caller's.
 */
public final class TemplateMiner {
    private final SignalCatalog catalog;

    public TemplateMiner(SignalCatalog catalog) {
        this.catalog = catalog;
    }

    /**
     * @param batch with templates where it had lines; the same batch when it had none
     * @param changed true when the state is another one than before
     */
    public record Mined(NodeSamples batch, boolean changed) {}

    /** @param state asked for only when the batch has a line */
    public Mined mine(NodeSamples batch, Supplier<TemplateState> state) {
        if (batch.samples().stream().noneMatch(sample -> sample.kind() == Kind.LINE)) {
            return new Mined(batch, false);
        }
        TemplateTree tree = new TemplateTree(state.get());
        List<Sample> samples = new ArrayList<>();
        boolean changed = false;
        for (Sample sample : batch.samples()) {
            if (sample.kind() != Kind.LINE) {
                samples.add(sample);
                continue;
            }
            TemplateTree.Match match = tree.take(sample.series());
            changed |= match.changed();
            for (Signal signal : catalog.ofTemplates()) {
                boolean counts = signal.reading() == Signal.Reading.TEMPLATE || match.fresh();
                samples.add(Sample.ofNumber(
                        signal.name(), match.template(), sample.timeMillis(), 0, Kind.DELTA, counts ? 1 : 0));
            }
        }
        return new Mined(new NodeSamples(batch.node(), batch.timeMillis(), samples), changed);
    }

    /** Lines by template among the samples of a window: of those that a {@link Signal.Reading#TEMPLATE} signal counts. */
    public static Map<String, Integer> counts(SignalCatalog catalog, List<Sample> samples) {
        Map<String, Integer> counts = new TreeMap<>();
        for (Sample sample : samples) {
            boolean counted = catalog.signal(sample.signal())
                    .filter(signal -> signal.reading() == Signal.Reading.TEMPLATE)
                    .isPresent();
            if (counted) {
                counts.merge(sample.series(), 1, Integer::sum);
            }
        }
        return counts;
    }
}
