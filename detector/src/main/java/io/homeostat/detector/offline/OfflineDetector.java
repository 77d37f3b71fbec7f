package io.homeostat.detector.offline;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.homeostat.detector.model.StreamModel;
import io.homeostat.detector.model.StreamTrainer;
import io.homeostat.detector.offline.OfflineAlarm.ColumnShare;
import io.homeostat.detector.stream.NoveltyAlarms;
import io.homeostat.detector.stream.Scored;
import io.homeostat.detector.stream.ScorerState;
import io.homeostat.detector.stream.StreamScorer;
import io.homeostat.detector.stream.ValueNovelty;
import io.homeostat.events.codec.EventCodec;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;

/**
 * The door of detection on files: one score per test row, higher is odder, and the alarms of the calibrated threshold.
 *
 * <p>One configuration for all files. A univariate stream is answered by onsets, as NAB counts them: how new its value is
 * ({@link ValueNovelty}), and its alarms go by that ({@link NoveltyAlarms}). A score depends on the training and the rows up
 * to its own only; labels are never read. Bad input is an {@link IllegalArgumentException} that names file, line, column and
 * limit.
 */
public final class OfflineDetector {
    /** Without a training file so many rows teach. A number, not a part: a stream that runs has no length. */
    private static final int PROBATION = 150;

    private static final int MAX_ALARMS = 10_000;
    private static final int SHARES = 5;
    private static final double LEAST_SHARE = 0.02;
    private static final long PROGRESS_ROWS = 20_000;
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final OfflineRequest request;
    private final Consumer<String> progress;

    private OfflineDetector(OfflineRequest request, Consumer<String> progress) {
        this.request = request;
        this.progress = progress;
    }

    /**
     * Trains, scores and writes what the request asks for.
     *
     * @param progress takes a line now and then while a long run works
     * @throws IllegalArgumentException when a file is not what it should be
     * @throws UncheckedIOException when a file can not be read or written
     */
    public static OfflineReport run(OfflineRequest request, Consumer<String> progress) {
        return new OfflineDetector(request, progress).run();
    }

    private OfflineReport run() {
        checkOutputs();
        List<double[]> head = new ArrayList<>();
        try (CsvRows test = new CsvRows(request.test(), request.univariate())) {
            Training training =
                    request.train().isPresent() ? fromFile(request.train().get()) : probation(head, test);
            if (test.columns() != training.columns().size()) {
                throw new IllegalArgumentException(request.test() + ": expected "
                        + training.columns().size() + " columns as in the training but found " + test.columns());
            }
            checkOrder(training, test);
            progress.accept("training on " + training.rows().length + " rows of "
                    + training.columns().size() + " columns");
            StreamModel model = StreamTrainer.ablation(request.members())
                    .train(training.columns(), training.rows(), "file " + training.file(), Instant.EPOCH);
            StreamScorer scorer = new StreamScorer(model, request.limits());
            request.modelOut().ifPresent(file -> write(file, model.toBytes()));
            return score(scorer, scorer.warm(training.rows()), training, head, test);
        }
    }

    /** Before a long training: an output that can not be, or that would take the place of an input. */
    private void checkOutputs() {
        List<Path> taken = new ArrayList<>(List.of(normal(request.test())));
        request.train().ifPresent(file -> taken.add(normal(file)));
        List<Path> outputs = new ArrayList<>(List.of(request.out()));
        request.alarms().ifPresent(outputs::add);
        request.modelOut().ifPresent(outputs::add);
        for (Path file : outputs) {
            Path folder = normal(file).getParent();
            if (folder == null || !Files.isDirectory(folder) || !Files.isWritable(folder)) {
                throw new IllegalArgumentException(file + ": expected a file in a folder that can be written");
            }
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                throw new IllegalArgumentException(file + ": expected a file but found a folder or a device");
            }
            if (taken.contains(normal(file))) {
                throw new IllegalArgumentException(
                        file + ": expected a file of its own, but it is read or written too");
            }
            taken.add(normal(file));
        }
    }

    private static Path normal(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        try {
            return absolute.toRealPath();
        } catch (IOException e) {
            // A file that is not there yet has no other name.
            return absolute;
        }
    }

    /** The same names in another order are other columns; other names may be a matter of taste. */
    private void checkOrder(Training training, CsvRows test) {
        List<String> found = test.names();
        boolean same = training.named() && test.named() && Set.copyOf(found).equals(Set.copyOf(training.columns()));
        for (int j = 0; same && j < found.size(); j++) {
            if (!found.get(j).equals(training.columns().get(j))) {
                throw new IllegalArgumentException(request.test() + " line 1 column " + (j + 1) + ": expected "
                        + training.columns().get(j) + " as in the training but found " + found.get(j));
            }
        }
    }

    private record Training(Path file, List<String> columns, boolean named, double[][] rows) {}

    private Training fromFile(Path file) {
        try (CsvRows rows = new CsvRows(file, request.univariate())) {
            int most = rows.columns() == 0 ? 0 : StreamTrainer.MAX_CELLS / rows.columns();
            Deque<double[]> kept = new ArrayDeque<>();
            for (Optional<double[]> row = rows.next(); row.isPresent(); row = rows.next()) {
                kept.add(row.get());
                if (kept.size() > most) {
                    kept.removeFirst();
                }
            }
            if (kept.size() < StreamTrainer.MIN_ROWS) {
                throw new IllegalArgumentException(file + ": expected at least " + StreamTrainer.MIN_ROWS
                        + " rows of training but found " + kept.size());
            }
            double[][] all = kept.toArray(double[][]::new);
            return new Training(file, rows.names(), rows.named(), all);
        }
    }

    /** Without a training file the first rows of the test teach, and are scored too. */
    private Training probation(List<double[]> head, CsvRows test) {
        for (int i = 0; i < PROBATION; i++) {
            test.next().ifPresent(head::add);
        }
        if (head.size() < PROBATION) {
            throw new IllegalArgumentException(request.test() + ": without --train the first " + PROBATION
                    + " rows teach, but there are " + head.size());
        }
        double[][] first = head.toArray(double[][]::new);
        return new Training(request.test(), test.names(), test.named(), first);
    }

    private OfflineReport score(
            StreamScorer scorer, ScorerState warm, Training training, List<double[]> head, CsvRows test) {
        ScorerState state = warm;
        List<OfflineAlarm> alarms = new ArrayList<>();
        List<String> names = training.columns();
        long rows = 0;
        long sinceOdd = 0;
        boolean open = false;
        ValueNovelty novelty = new ValueNovelty();
        NoveltyAlarms byNovelty = new NoveltyAlarms(request.limits());
        if (request.univariate()) {
            for (double[] row : training.rows()) {
                novelty.next(scorer.model().standardized(0, row[0]));
            }
        }
        long missing = 0;
        long began = System.nanoTime();
        Path part = part(request.out());
        try (BufferedWriter out = writer(part, request.out())) {
            for (int i = 0; i < head.size(); i++) {
                // The rows that taught have no score of their own: nothing is known before them.
                out.write("0.0\n");
                rows++;
            }
            for (Optional<double[]> row = test.next(); row.isPresent(); row = test.next()) {
                double[] values = row.get();
                for (double value : values) {
                    missing += Double.isNaN(value) ? 1 : 0;
                }
                Scored scored = scorer.next(state, values);
                double value = scored.score().score();
                if (request.univariate()) {
                    value = novelty.next(scorer.model().standardized(0, values[0]));
                    scored = byNovelty.next(scored, value);
                }
                sinceOdd = scored.sinceOdd();
                open = scored.open();
                out.write(Double.toString(value));
                out.write('\n');
                note(alarms, scored, request.univariate(), values, names, rows);
                rows++;
                if (rows % PROGRESS_ROWS == 0) {
                    progress.accept("scored " + rows + " rows, " + alarms.size() + " alarms");
                }
            }
        } catch (IOException e) {
            remove(part, e);
            throw new UncheckedIOException(request.out() + " can not be written: " + e.getMessage(), e);
        } catch (IllegalArgumentException | UncheckedIOException e) {
            remove(part, e);
            throw e;
        }
        move(part, request.out());
        if (open && !alarms.isEmpty()) {
            replaceLast(alarms, rows - 1 - sinceOdd, false);
        }
        double seconds = Math.max(1e-9, (System.nanoTime() - began) / 1e9);
        OfflineReport report = new OfflineReport(
                training.rows().length,
                rows,
                names.size(),
                scorer.model().settings().season(),
                missing,
                scorer.model().id(),
                EventCodec.digestOfText(scorer.model().provenanceJson()),
                alarms,
                (rows - head.size()) / seconds);
        request.alarms().ifPresent(file -> write(file, json(report)));
        return report;
    }

    private static void note(
            List<OfflineAlarm> alarms,
            Scored scored,
            boolean univariate,
            double[] values,
            List<String> names,
            long row) {
        if (scored.opens() && !(scored.continues() && !alarms.isEmpty())) {
            if (alarms.size() >= MAX_ALARMS) {
                throw new IllegalArgumentException("expected at most " + MAX_ALARMS
                        + " alarms; the training is not like the test, or the budget is too great");
            }
            alarms.add(new OfflineAlarm(
                    row,
                    row,
                    false,
                    univariate ? scored.surprise() : scored.score().pace(),
                    scored.threshold(),
                    scored.surprise(),
                    shares(scored, values, names)));
        } else if (scored.closes() && !alarms.isEmpty()) {
            replaceLast(alarms, row - scored.sinceOdd(), true);
        }
    }

    private static void replaceLast(List<OfflineAlarm> alarms, long lastRow, boolean closed) {
        OfflineAlarm last = alarms.get(alarms.size() - 1);
        alarms.set(
                alarms.size() - 1,
                new OfflineAlarm(
                        last.firstRow(),
                        lastRow,
                        closed,
                        last.pace(),
                        last.threshold(),
                        last.surprise(),
                        last.contributions()));
    }

    private static List<ColumnShare> shares(Scored scored, double[] values, List<String> names) {
        List<ColumnShare> shares = new ArrayList<>();
        for (int j = 0; j < values.length; j++) {
            double share = scored.score().shares()[j];
            double expected = scored.score().expected()[j];
            if (share >= LEAST_SHARE && !Double.isNaN(values[j])) {
                shares.add(new ColumnShare(
                        names.get(j), expected, values[j], values[j] > expected ? "above" : "below", share));
            }
        }
        shares.sort(Comparator.comparingDouble((ColumnShare s) -> -s.share()).thenComparing(ColumnShare::column));
        return shares.subList(0, Math.min(SHARES, shares.size()));
    }

    /** The report as one JSON object; row numbers count from 0. */
    public static byte[] json(OfflineReport report) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("trainRows", report.trainRows());
        fields.put("testRows", report.testRows());
        fields.put("columns", report.columns());
        fields.put("season", report.season());
        fields.put("missingCells", report.missingCells());
        fields.put("modelId", report.modelId());
        fields.put("provenanceDigest", report.trainingDigest());
        fields.put("rowsPerSecond", Math.round(report.rowsPerSecond()));
        fields.put("alarms", report.alarms());
        try {
            return JSON.writeValueAsBytes(fields);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalStateException("a report is always JSON", e);
        }
    }

    private static BufferedWriter writer(Path part, Path named) throws IOException {
        OutputStream file = Files.newOutputStream(part);
        OutputStream plain = named.toString().endsWith(".gz") ? new GZIPOutputStream(file, 1 << 16) : file;
        return new BufferedWriter(new OutputStreamWriter(plain, StandardCharsets.US_ASCII), 1 << 16);
    }

    private static void write(Path file, byte[] bytes) {
        Path part = part(file);
        try {
            Files.write(part, bytes);
        } catch (IOException e) {
            remove(part, e);
            throw new UncheckedIOException(file + " can not be written: " + e.getMessage(), e);
        }
        move(part, file);
    }

    /** Written beside its name first: a run that is cut short leaves no half file. */
    private static Path part(Path file) {
        return file.resolveSibling(file.getFileName() + ".part");
    }

    private static void remove(Path part, Exception cause) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    private static void move(Path part, Path file) {
        try {
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " can not be written: " + e.getMessage(), e);
        }
    }
}
