package io.homeostat.detector.origin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Recorded incidents in the layout of the PetShop data set: a folder with {@code graph.csv} (an adjacency matrix: a row calls
 * the columns marked 1), optionally {@code noissue/metrics.csv}, and below it a folder per incident with {@code metrics.csv}
 * (three header lines: component, metric, statistic; then unix time and values) and {@code target.json}. Files may be gzipped.
 *
 * <p>Metrics {@code latency} and {@code availability} (per cent) by {@code Average}, {@code requests} by {@code Sum}; a row
 * covers the time from its own to the next one's. The {@code root_cause} of a target is not read for a ranking, only for a mark.
 */
public final class IncidentFolder {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String LATENCY = "latency";
    private static final String FAILURES = "availability";
    private static final int MAX_LINE = 1 << 22;
    private static final int MAX_ROWS = 100_000;
    /** A microsecond, or a request in a thousand: less is nothing. */
    private static final double LATENCY_FLOOR = 1e-6;

    private static final double FAILURES_FLOOR = 1e-3;

    private IncidentFolder() {}

    /**
     * One incident and its ranking.
     *
     * @param rootCause what the target names, empty when it names none
     * @param place of the root cause in the ranking from 1, 0 when it is not in it or not known
     */
    public record Ranked(
            String incident, String symptom, String kind, List<Suspect> suspects, String rootCause, int place) {}

    /** Ranks every incident below the folder, in the order of their paths. */
    public static List<Ranked> rankAll(Path folder) {
        List<Path> targets;
        try (Stream<Path> files = Files.walk(folder, 6)) {
            targets = files.filter(f -> f.getFileName().toString().equals("target.json"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " can not be listed", e);
        }
        if (targets.isEmpty()) {
            throw new IllegalArgumentException(
                    folder + ": expected incidents (target.json beside metrics.csv) below it");
        }
        Map<Path, Optional<Table>> quiet = new LinkedHashMap<>();
        List<Ranked> ranked = new ArrayList<>();
        for (Path target : targets) {
            ranked.add(rank(folder, target, quiet));
        }
        return List.copyOf(ranked);
    }

    private static Ranked rank(Path folder, Path targetFile, Map<Path, Optional<Table>> quiet) {
        Path incident = parent(targetFile);
        Path system = incident;
        while (find(system, "graph.csv").isEmpty() && !system.equals(folder)) {
            system = parent(system);
        }
        Path graph = find(system, "graph.csv")
                .orElseThrow(() -> new IllegalArgumentException(incident + ": expected a graph.csv in it or above it"));
        Path metrics = find(incident, "metrics.csv")
                .orElseThrow(() -> new IllegalArgumentException(incident + ": expected a metrics.csv"));
        Path at = system.resolve("noissue");
        Optional<Table> usual =
                quiet.computeIfAbsent(at, p -> find(p, "metrics.csv").map(Table::read));
        JsonNode json = json(targetFile);
        JsonNode target = json.path("target");
        String symptom = target.path("node").asText();
        String kind = target.path("metric").asText();
        if (symptom.isEmpty() || !kind.equals(LATENCY) && !kind.equals(FAILURES)) {
            throw new IllegalArgumentException(targetFile + ": expected target.node, and target.metric to be " + LATENCY
                    + " or " + FAILURES + ", but found " + target);
        }
        List<Component> components = components(
                Graph.read(graph),
                Table.read(metrics),
                usual.orElse(null),
                target.path("timestamp").asDouble());
        List<Suspect> suspects = OriginRanking.rank(symptom, kind, components);
        String root = json.path("root_cause").path("node").asText();
        int place = 0;
        for (int i = 0; i < suspects.size(); i++) {
            place = suspects.get(i).component().equals(root) ? i + 1 : place;
        }
        return new Ranked(folder.relativize(incident).toString(), symptom, kind, suspects, root, place);
    }

    private static List<Component> components(
            Map<String, List<String>> graph, Table table, @Nullable Table usual, double atSeconds) {
        List<Component> components = new ArrayList<>();
        int first = table.firstOpenAt(atSeconds);
        for (Map.Entry<String, List<String>> entry : graph.entrySet()) {
            String name = entry.getKey();
            Map<String, Evidence> evidence = new TreeMap<>();
            evidence.put(LATENCY, evidence(name, LATENCY, v -> v, LATENCY_FLOOR, table, usual, first));
            evidence.put(FAILURES, evidence(name, FAILURES, v -> (100 - v) / 100, FAILURES_FLOOR, table, usual, first));
            components.add(new Component(name, entry.getValue(), evidence));
        }
        return components;
    }

    private static Evidence evidence(
            String name,
            String metric,
            ToDoubleFunction<Double> harm,
            double floor,
            Table table,
            @Nullable Table usual,
            int first) {
        double[] values = Arrays.stream(table.column(name, metric, "Average"))
                .map(harm::applyAsDouble)
                .toArray();
        double[] requests = table.column(name, "requests", "Sum");
        double[] quiet = usual == null
                ? new double[0]
                : Arrays.stream(usual.column(name, metric, "Average"))
                        .map(harm::applyAsDouble)
                        .toArray();
        return new Evidence(
                Arrays.copyOfRange(values, 0, first),
                quiet,
                Arrays.copyOfRange(values, first, values.length),
                Arrays.copyOfRange(requests, first, requests.length),
                floor);
    }

    private static Optional<Path> find(Path folder, String name) {
        for (String file : List.of(name, name + ".gz")) {
            if (Files.isRegularFile(folder.resolve(file))) {
                return Optional.of(folder.resolve(file));
            }
        }
        return Optional.empty();
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(path + " lies nowhere");
        }
        return parent;
    }

    private static JsonNode json(Path file) {
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(file + " can not be read: " + e.getMessage(), e);
        }
    }

    private static List<String[]> cells(Path file) {
        List<String[]> rows = new ArrayList<>();
        try (InputStream in = Files.newInputStream(file);
                BufferedReader reader = new BufferedReader(new InputStreamReader(
                        file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.length() > MAX_LINE || rows.size() > MAX_ROWS) {
                    throw new IllegalArgumentException(
                            file + ": expected at most " + MAX_ROWS + " rows of " + MAX_LINE + " characters");
                }
                rows.add(line.split(",", -1));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file + " can not be read: " + e.getMessage(), e);
        }
        return rows;
    }

    private static double number(Path file, int row, String cell) {
        try {
            return cell.isBlank() ? Double.NaN : Double.parseDouble(cell);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    file + " line " + (row + 1) + ": expected a number but found '" + cell + "'", e);
        }
    }

    /** Who calls whom. */
    private static final class Graph {
        private Graph() {}

        static Map<String, List<String>> read(Path file) {
            List<String[]> rows = cells(file);
            if (rows.isEmpty()) {
                throw new IllegalArgumentException(file + ": expected a header with the names of components");
            }
            String[] names = rows.get(0);
            Map<String, List<String>> calls = new TreeMap<>();
            for (int i = 1; i < rows.size(); i++) {
                String[] row = rows.get(i);
                if (row.length != names.length) {
                    throw new IllegalArgumentException(file + " line " + (i + 1) + ": expected " + names.length
                            + " cells but found " + row.length);
                }
                List<String> callees = new ArrayList<>();
                for (int j = 1; j < row.length; j++) {
                    if (number(file, i, row[j]) > 0) {
                        callees.add(names[j]);
                    }
                }
                calls.put(row[0], callees);
            }
            return calls;
        }
    }

    /** Values by component, metric and statistic. */
    private record Table(double[] times, Map<String, double[]> columns) {
        private static final int HEADER = 3;

        static Table read(Path file) {
            List<String[]> rows = cells(file);
            int data = HEADER;
            // Some writers name the index in a line of its own.
            if (rows.size() > data && !rows.get(data)[0].matches("[0-9.]+")) {
                data++;
            }
            if (rows.size() < data + 2) {
                throw new IllegalArgumentException(file + ": expected three header lines and at least two rows");
            }
            double[] times = new double[rows.size() - data];
            Map<String, double[]> columns = new LinkedHashMap<>();
            int width = rows.get(0).length;
            for (int i = data; i < rows.size(); i++) {
                String[] row = rows.get(i);
                if (row.length != width) {
                    throw new IllegalArgumentException(
                            file + " line " + (i + 1) + ": expected " + width + " cells but found " + row.length);
                }
                times[i - data] = number(file, i, row[0]);
                for (int j = 1; j < width; j++) {
                    String key = key(rows.get(0)[j], rows.get(1)[j], rows.get(2)[j]);
                    columns.computeIfAbsent(key, k -> new double[times.length])[i - data] = number(file, i, row[j]);
                }
            }
            return new Table(times, columns);
        }

        /** The first row whose time was not over at that moment. */
        int firstOpenAt(double atSeconds) {
            double width = times[1] - times[0];
            int first = 0;
            while (first < times.length && times[first] + width <= atSeconds) {
                first++;
            }
            return first;
        }

        double[] column(String component, String metric, String statistic) {
            double[] column = columns.get(key(component, metric, statistic));
            double[] unknown = new double[times.length];
            Arrays.fill(unknown, Double.NaN);
            return column == null ? unknown : column.clone();
        }

        private static String key(String component, String metric, String statistic) {
            return component + '\n' + metric + '\n' + statistic;
        }
    }
}
