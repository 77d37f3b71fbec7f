package io.homeostat.detector.offline;

import io.homeostat.detector.model.StreamTrainer;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/**
 * Rows of numbers from a CSV file, gzipped or not, one by one. A first line with a word in it is a header. An empty cell,
 * {@code NaN}, {@code NA}, {@code null} or an infinite number is a missing value. Used by one thread.
 */
final class CsvRows implements Closeable {
    /** A row of a thousand numbers is some 20 kB; a longer line is no CSV of metrics. */
    private static final int MAX_LINE = 1 << 20;

    private static final Set<String> MISSING = Set.of("", "nan", "na", "n/a", "null", "none", "inf", "-inf", "+inf");

    private final Path file;
    private final boolean univariate;
    private final BufferedReader reader;
    private Optional<List<String>> header = Optional.empty();
    private Optional<double[]> ahead = Optional.empty();
    private int columns = -1;
    private long line;

    /**
     * Opens a file.
     *
     * @param univariate rows are {@code timestamp,value} and only the value counts
     */
    CsvRows(Path file, boolean univariate) {
        this.file = file;
        this.univariate = univariate;
        try {
            InputStream in = Files.newInputStream(file);
            InputStream plain = file.toString().endsWith(".gz") ? new GZIPInputStream(in, 1 << 16) : in;
            this.reader = new BufferedReader(new InputStreamReader(plain, StandardCharsets.UTF_8), 1 << 16);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " can not be read: " + e.getMessage(), e);
        }
        first();
    }

    /** Names of the columns: the header's, or their numbers from 1. */
    List<String> names() {
        List<String> names = new ArrayList<>();
        for (int j = 0; j < columns; j++) {
            names.add(header.isPresent() ? header.get().get(j) : String.valueOf(j + 1));
        }
        return List.copyOf(names);
    }

    /** Columns of every row, 0 when the file has no row. */
    int columns() {
        return Math.max(columns, 0);
    }

    /** The next row, empty at the end. */
    Optional<double[]> next() {
        if (ahead.isPresent()) {
            Optional<double[]> row = ahead;
            ahead = Optional.empty();
            return row;
        }
        Optional<String> text = read();
        return text.map(this::row);
    }

    @Override
    public void close() {
        try {
            reader.close();
        } catch (IOException e) {
            throw new UncheckedIOException(file + " can not be closed", e);
        }
    }

    private void first() {
        Optional<String> text = read();
        if (text.isEmpty()) {
            return;
        }
        String[] cells = cells(text.get());
        columns = cells.length;
        if (columns > StreamTrainer.MAX_COLUMNS) {
            throw new IllegalArgumentException(
                    file + ": expected at most " + StreamTrainer.MAX_COLUMNS + " columns but found " + columns);
        }
        boolean words = false;
        for (String cell : cells) {
            words |= !missing(cell) && !number(cell);
        }
        if (words) {
            header = Optional.of(List.of(cells));
        } else {
            ahead = Optional.of(row(text.get()));
        }
    }

    /** The next line that is not blank. */
    private Optional<String> read() {
        try {
            for (String text = reader.readLine(); text != null; text = reader.readLine()) {
                line++;
                if (text.length() > MAX_LINE) {
                    throw new IllegalArgumentException(file + " line " + line + ": expected at most " + MAX_LINE
                            + " characters but found " + text.length());
                }
                // A blank line of a single column is a missing value, not a gap in the file.
                if (!text.isBlank() || columns == 1 && !univariate) {
                    return Optional.of(text);
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(file + " line " + (line + 1) + " can not be read: " + e.getMessage(), e);
        }
    }

    private double[] row(String text) {
        String[] cells = cells(text);
        if (cells.length != columns) {
            throw new IllegalArgumentException(
                    file + " line " + line + ": expected " + columns + " columns but found " + cells.length);
        }
        double[] row = new double[columns];
        for (int j = 0; j < columns; j++) {
            row[j] = value(cells[j], j);
        }
        return row;
    }

    private String[] cells(String text) {
        String[] cells = text.split(",", -1);
        if (univariate) {
            if (cells.length != 2) {
                throw new IllegalArgumentException(
                        file + " line " + line + ": expected timestamp,value but found " + cells.length + " columns");
            }
            return new String[] {cells[1].trim()};
        }
        for (int j = 0; j < cells.length; j++) {
            cells[j] = cells[j].trim();
        }
        return cells;
    }

    private double value(String cell, int column) {
        if (missing(cell)) {
            return Double.NaN;
        }
        try {
            double value = Double.parseDouble(cell);
            return Double.isInfinite(value) ? Double.NaN : value;
        } catch (NumberFormatException e) {
            String name = header.isPresent() ? " (" + header.get().get(column) + ")" : "";
            throw new IllegalArgumentException(
                    file + " line " + line + " column " + (column + 1) + name + ": expected a number but found '"
                            + (cell.length() > 40 ? cell.substring(0, 40) + "..." : cell) + "'",
                    e);
        }
    }

    private static boolean missing(String cell) {
        return MISSING.contains(cell.toLowerCase(Locale.ROOT));
    }

    private static boolean number(String cell) {
        try {
            Double.parseDouble(cell);
            return true;
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
