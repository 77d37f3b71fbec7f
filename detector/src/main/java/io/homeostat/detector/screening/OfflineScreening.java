package io.homeostat.detector.screening;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;

/**
 * Screening of a file of transfers by the code of the job: each row is scored by the rows before it, then learnt as posted.
 * Writes {@code row,verdict,patterns,score}. Stateless; one call at a time per output file.
 */
public final class OfflineScreening {
    private static final int PROGRESS_ROWS = 50_000;

    private OfflineScreening() {}

    /**
     * @param without patterns that count nothing, for ablations
     * @param settlement prefixes of ids of accounts that stand for the bank, cash or other banks
     * @param asset of rows that name none
     */
    public record Request(
            Path transfers,
            Path out,
            double reviewPerDay,
            Set<Pattern> without,
            List<String> settlement,
            String asset) {
        public Request {
            without = without.isEmpty() ? EnumSet.noneOf(Pattern.class) : EnumSet.copyOf(without);
            settlement = List.copyOf(settlement);
            if (without.size() == Pattern.COUNT) {
                throw new IllegalArgumentException("at least one pattern must be left");
            }
        }
    }

    /**
     * @param odd rows that people would look at
     * @param patterns how often each is among the reasons of an odd row
     * @param p99Micros of the time that one row takes, scored and learnt
     */
    public record Report(
            long rows,
            int accounts,
            double days,
            long odd,
            Map<String, Long> patterns,
            double rowsPerSecond,
            double p99Micros) {}

    public static Report run(Request request, Consumer<String> progress) {
        ScreeningLimits limits = ScreeningLimits.defaults().withAccounts(1_000_000);
        EnumSet<Pattern> used = EnumSet.allOf(Pattern.class);
        used.removeAll(request.without());
        Screen screen = new Screen(limits, new TransferScorer(limits, used), budget(request.reviewPerDay()));
        Map<String, Long> patterns = new LinkedHashMap<>();
        long[] buckets = new long[10_000];
        long rows = 0;
        long odd = 0;
        long first = 0;
        long last = 0;
        long began = System.nanoTime();
        Map<String, MemoryBook> books = new LinkedHashMap<>();
        try (TransferRows in = TransferRows.open(request.transfers(), request.asset(), request.settlement());
                BufferedWriter out = writer(request.out())) {
            out.write("row,verdict,patterns,score\n");
            for (Movement m = in.next(); m != null; m = in.next()) {
                long before = System.nanoTime();
                Screen.Answer answer = screen.file(m, books.computeIfAbsent(m.asset(), name -> new MemoryBook()));
                buckets[(int) Math.min(buckets.length - 1, (System.nanoTime() - before) / 1000)]++;
                out.write(Long.toString(m.sequence()));
                out.write(answer.odd() ? ",odd," : ",clear,");
                out.write(String.join(" ", answer.patternNames()));
                out.write(String.format(Locale.ROOT, ",%.6f%n", answer.score()));
                if (answer.odd()) {
                    odd++;
                    answer.patternNames().forEach(name -> patterns.merge(name, 1L, Long::sum));
                }
                first = rows == 0 ? m.timeMicros() : first;
                last = m.timeMicros();
                if (++rows % PROGRESS_ROWS == 0) {
                    progress.accept(rows + " transfers, " + odd + " odd");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("screening " + request.transfers() + " into " + request.out(), e);
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        return new Report(
                rows,
                books.values().stream().mapToInt(MemoryBook::accounts).sum(),
                (last - first) / 86_400e6 + 1,
                odd,
                patterns,
                rows / seconds,
                p99(buckets, rows));
    }

    static ReviewBudget budget(double perDay) {
        return new ReviewBudget(perDay, Screen.ODD, Screen.ALWAYS);
    }

    private static double p99(long[] buckets, long rows) {
        long left = rows / 100;
        for (int i = buckets.length - 1; i >= 0; i--) {
            left -= buckets[i];
            if (left < 0) {
                return i + 1;
            }
        }
        return 0;
    }

    private static BufferedWriter writer(Path file) throws IOException {
        var raw = Files.newOutputStream(file);
        return new BufferedWriter(new OutputStreamWriter(
                file.toString().endsWith(".gz") ? new GZIPOutputStream(raw) : raw, StandardCharsets.UTF_8));
    }
}
