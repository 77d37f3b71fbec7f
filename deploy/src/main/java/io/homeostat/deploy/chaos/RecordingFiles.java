package io.homeostat.deploy.chaos;

import io.homeostat.detector.rehearsal.RecordedWindows;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.GZIPOutputStream;

/** The files of a recording for whoever reads CSV, made of its OTLP by the detector's own windows. Stateless. */
final class RecordingFiles {
    private static final long SECOND = 1_000;

    private RecordingFiles() {}

    /**
     * Writes {@code metrics.csv.gz} (a column is a node's signal, a row a second, silent ones too), {@code labels.csv} (a line for
     * each of its rows) and {@code faults.csv} (a line for each fault, as {@code feedback --labels} reads it).
     *
     * @return rows written
     */
    static int metrics(Path folder, Recording recording) throws IOException {
        TreeSet<String> columns = new TreeSet<>();
        Map<Long, Map<String, Double>> rows = new TreeMap<>();
        RecordedWindows.read(folder, window -> {
            Map<String, Double> row = new TreeMap<>();
            window.nodes().forEach((node, one) -> one.values().forEach((signal, v) -> row.put(node + "." + signal, v)));
            columns.addAll(row.keySet());
            rows.put(window.startMillis(), row);
        });
        List<String> names = new ArrayList<>(columns);
        int written = 0;
        try (Writer metrics = gzip(folder.resolve("metrics.csv.gz"));
                Writer labels = Files.newBufferedWriter(folder.resolve("labels.csv"))) {
            metrics.write(String.join(",", names) + "\n");
            labels.write("second,label,fault,node,event\n");
            for (long second = firstSecond(recording); second + SECOND <= recording.endMillis(); second += SECOND) {
                metrics.write(line(names, rows.getOrDefault(second, Map.of())));
                labels.write(label(recording, second));
                written++;
            }
        }
        try (Writer faults = Files.newBufferedWriter(folder.resolve("faults.csv"))) {
            faults.write("start,end,node,fault\n");
            for (RecordedEvent fault : recording.faults()) {
                faults.write(
                        fault.fromMillis() + "," + fault.toMillis() + "," + fault.node() + "," + fault.group() + "\n");
            }
        }
        return written;
    }

    /** The first whole second. */
    static long firstSecond(Recording recording) {
        return Math.floorDiv(recording.beganMillis(), SECOND) * SECOND + SECOND;
    }

    private static String line(List<String> names, Map<String, Double> row) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < names.size(); i++) {
            Double value = row.get(names.get(i));
            line.append(i == 0 ? "" : ",").append(value == null ? "" : String.format(Locale.ROOT, "%.9g", value));
        }
        return line.append('\n').toString();
    }

    /** Label and number of the fault (0 for none), its node, and what happens, a distractor too. */
    static String label(Recording recording, long second) {
        int number = 0;
        for (RecordedEvent event : recording.events()) {
            number += event.fault() ? 1 : 0;
            if (event.touches(second, second + SECOND)) {
                return second / SECOND + "," + (event.fault() ? 1 + "," + number : "0,0") + "," + event.node() + ","
                        + event.group() + "\n";
            }
        }
        return second / SECOND + ",0,0,,\n";
    }

    private static Writer gzip(Path file) throws IOException {
        return new BufferedWriter(new OutputStreamWriter(
                new GZIPOutputStream(Files.newOutputStream(file), 1 << 16), StandardCharsets.US_ASCII));
    }
}
