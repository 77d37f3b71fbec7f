package io.homeostat.detector.shadow;

import io.homeostat.detector.model.BaselineRow;
import io.homeostat.detector.model.ModelEntry;
import io.homeostat.detector.model.ModelEntry.State;
import io.homeostat.detector.model.ModelRegistry;
import io.homeostat.detector.model.RegistryException;
import io.homeostat.detector.model.StreamModel;
import io.homeostat.detector.model.StreamState;
import io.homeostat.detector.model.StreamTrainer;
import io.homeostat.detector.signal.SignalCatalog;
import io.homeostat.detector.verdict.ClusterWindow;
import io.homeostat.detector.verdict.Scoring;
import io.homeostat.detector.window.NodeWindow;
import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains the stream model of {@code homeostat detect} on the live baseline, lets it score each window beside the champion,
 * and counts where the two agree. Whatever goes wrong with a challenger, the champion goes on. Used by one thread; {@link
 * ShadowState} is the caller's.
 */
public final class Shadow {
    /** Baselines of the champion that a challenger learns from: its forecasts need more rows than a mean does. */
    private static final int BASELINES = 3;

    private static final Logger LOG = LoggerFactory.getLogger(Shadow.class);
    /** As for the champion: the newest third calibrates, and the threshold lies half as much again above its worst. */
    private static final double HOLD_BACK = 1.0 / 3;

    private static final double MARGIN = 1.5;
    /** A column must be there in this part of the rows. */
    private static final double PRESENCE = 0.5;
    /** Event time between two writings of the comparison. */
    private static final long WRITE_EVERY_MILLIS = 10_000;

    private final ModelRegistry registry;
    private final Path folder;
    private final SignalCatalog catalog;
    private final String codeVersion;
    private final int seconds;
    private @Nullable StreamModel model;

    /** @param folder the models' folder */
    public Shadow(ModelRegistry registry, Path folder, SignalCatalog catalog, String codeVersion, int baselineSeconds) {
        this.registry = registry;
        this.folder = folder;
        this.catalog = catalog;
        this.codeVersion = codeVersion;
        this.seconds = BASELINES * baselineSeconds;
    }

    /** The challenger's score over its threshold for each node of the window; empty while there is none. */
    public Map<String, Map<String, Double>> score(ShadowState state, ClusterWindow window, Optional<Scoring> champion) {
        Optional<StreamModel> challenger = challenger(state);
        if (challenger.isEmpty() || champion.isEmpty()) {
            return Map.of();
        }
        if (!state.champion.equals(champion.get().model().id())) {
            begin(state, champion.get().model().id(), window.startMillis());
        }
        Map<String, Map<String, Double>> shadow = new HashMap<>();
        for (NodeWindow node : window.nodes().values()) {
            StreamState stream = state.streams.computeIfAbsent(
                    node.node(), n -> challenger.get().newState());
            double[] row = row(state.columns, node.values());
            if (Arrays.stream(row).allMatch(Double::isNaN)) {
                continue;
            }
            double ratio = challenger.get().score(stream, row, true).score() / state.threshold;
            shadow.put(node.node(), Map.of(state.challenger, ratio));
            boolean odd = champion.get().odd(node.values());
            state.windows++;
            state.both += odd && ratio > 1 ? 1 : 0;
            state.onlyChampion += odd && ratio <= 1 ? 1 : 0;
            state.onlyChallenger += !odd && ratio > 1 ? 1 : 0;
        }
        state.untilMillis = window.endMillis();
        if (window.endMillis() % WRITE_EVERY_MILLIS == 0) {
            write(state);
        }
        return shadow;
    }

    /** An alert was raised; {@code shadow} is what the challenger said of its node. */
    public void raised(ShadowState state, Map<String, Double> shadow) {
        if (state.challenger.isEmpty()) {
            return;
        }
        state.alerts++;
        state.alertsShared += shadow.values().stream().anyMatch(ratio -> ratio > 1) ? 1 : 0;
        write(state);
    }

    /** Takes in clean windows until they are enough for a challenger. */
    public void learn(ShadowState state, List<NodeWindow> clean, long atMillis) {
        if (state.off || state.model.length > 0) {
            return;
        }
        clean.forEach(w -> state.rows.add(new BaselineRow(w.node(), w.startMillis(), w.values())));
        state.seconds++;
        if (state.seconds < seconds) {
            return;
        }
        try {
            train(state, Instant.ofEpochMilli(atMillis));
        } catch (RegistryException | IllegalArgumentException | IllegalStateException e) {
            LOG.atWarn().setCause(e).log("no challenger could be trained on this baseline; the next one is tried");
            model = null;
            state.model = new byte[0];
        }
        state.rows = new ArrayList<>();
        state.seconds = 0;
    }

    /** The work has changed: the challenger goes with the champion. */
    public void forget(ShadowState state) {
        model = null;
        state.model = new byte[0];
        state.streams = new HashMap<>();
        state.rows = new ArrayList<>();
        state.seconds = 0;
        state.challenger = "";
    }

    /** A person has retired the challenger. */
    public void stop(ShadowState state) {
        forget(state);
        state.off = true;
    }

    private Optional<StreamModel> challenger(ShadowState state) {
        if (model == null && state.model.length > 0) {
            try {
                registry.admit(state.challenger, state.model);
                state.columns.forEach(catalog::require);
                model = StreamModel.fromBytes(state.model);
            } catch (RegistryException | IllegalArgumentException e) {
                LOG.atWarn()
                        .addKeyValue("modelId", state.challenger)
                        .setCause(e)
                        .log("the challenger of the checkpoint may not score");
                forget(state);
            }
        }
        return Optional.ofNullable(model);
    }

    private void train(ShadowState state, Instant at) {
        List<String> columns = catalog.features().stream()
                .filter(name -> state.rows.stream()
                                .filter(row -> row.values().containsKey(name))
                                .count()
                        >= PRESENCE * state.rows.size())
                .toList();
        Map<String, List<double[]>> byNode = new TreeMap<>();
        state.rows.forEach(row ->
                byNode.computeIfAbsent(row.node(), n -> new ArrayList<>()).add(row(columns, row.values())));
        // The nodes' rows one after the other: replicas do the same work, and few rows are at the seams.
        List<double[]> fit = new ArrayList<>();
        byNode.values().forEach(rows -> fit.addAll(rows.subList(0, rows.size() - held(rows.size()))));
        StreamModel trained = StreamTrainer.standard()
                .train(columns, fit.toArray(double[][]::new), "live baseline of " + byNode.keySet(), at);
        Map<String, StreamState> streams = new HashMap<>();
        double greatest = 0;
        long held = 0;
        for (Map.Entry<String, List<double[]>> node : byNode.entrySet()) {
            StreamState stream = trained.newState();
            List<double[]> rows = node.getValue();
            for (int i = 0; i < rows.size(); i++) {
                double score = trained.score(stream, rows.get(i), true).score();
                if (i >= rows.size() - held(rows.size())) {
                    greatest = Math.max(greatest, score);
                    held++;
                }
            }
            streams.put(node.getKey(), stream);
        }
        double threshold = Math.max(1, MARGIN * greatest);
        byte[] bytes = trained.toBytes();
        register(trained, bytes, card(state.rows, columns, held, greatest, threshold, trained), at);
        model = trained;
        state.model = bytes;
        state.columns = new ArrayList<>(columns);
        state.threshold = threshold;
        state.streams = streams;
        state.challenger = trained.id();
        begin(state, "", at.toEpochMilli());
        LOG.atInfo().addKeyValue("modelId", trained.id()).log("a challenger scores in shadow");
    }

    private void register(StreamModel trained, byte[] bytes, Map<String, Object> card, Instant at) {
        registry.register(trained.id(), bytes, card, ModelRegistry.DETECTOR, at);
        for (ModelEntry entry : registry.inventory()) {
            if (entry.state() == State.CHALLENGER && !entry.modelId().equals(trained.id())) {
                registry.promote(
                        entry.modelId(), State.RETIRED, ModelRegistry.DETECTOR, "replaced by " + trained.id(), at);
            }
        }
        registry.promote(
                trained.id(), State.CHALLENGER, ModelRegistry.DETECTOR, "scores in shadow beside the champion", at);
        registry.admit(trained.id(), bytes);
    }

    private Map<String, Object> card(
            List<BaselineRow> rows,
            List<String> columns,
            long held,
            double greatest,
            double threshold,
            StreamModel trained) {
        Map<String, Object> card = new TreeMap<>();
        card.put("kind", "forecast error times innovation, the model of homeostat detect");
        card.put("training", Map.of("windowDigest", EventCodec.digest(rows), "windows", rows.size()));
        card.put("validation", Map.of("windows", held, "greatestScore", greatest, "threshold", threshold));
        card.put("features", columns);
        card.put("codeVersion", codeVersion);
        card.put("catalogDigest", catalog.digest());
        card.put("provenanceDigest", EventCodec.digestOfText(trained.provenanceJson()));
        return card;
    }

    private static int held(int rows) {
        return Math.max(1, (int) (rows * HOLD_BACK));
    }

    private double[] row(List<String> columns, Map<String, Double> values) {
        double[] row = new double[columns.size()];
        for (int j = 0; j < row.length; j++) {
            Double value = values.get(columns.get(j));
            row[j] =
                    value == null ? Double.NaN : catalog.require(columns.get(j)).transform(value);
        }
        return row;
    }

    private static void begin(ShadowState state, String champion, long atMillis) {
        state.champion = champion;
        state.fromMillis = atMillis;
        state.untilMillis = atMillis;
        state.windows = 0;
        state.both = 0;
        state.onlyChampion = 0;
        state.onlyChallenger = 0;
        state.alerts = 0;
        state.alertsShared = 0;
    }

    private void write(ShadowState state) {
        Path file = folder.resolve(Comparison.FILE);
        Path part = folder.resolve(Comparison.FILE + ".part");
        try {
            Files.write(part, EventCodec.canonicalJson(Comparison.of(state)));
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.atWarn().addKeyValue("file", file).setCause(e).log("the comparison can not be written");
        }
    }
}
