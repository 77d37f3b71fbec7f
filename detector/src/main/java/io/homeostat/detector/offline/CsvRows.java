package io.homeostat.detector.offline;

import io.homeostat.detector.model.StreamTrainer;
import java.io.BufferedInputStream;
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
 * Rows of numbers from a CSV file, gzipped or not, one by one. A first line with a word in it is a header; a byte order mark
 * before it is skipped. An empty cell, {@code NaN}, {@code NA}, {@code null}, an infinite number or one beyond
 * {@value #MAX_VALUE} is a missing value. Used by one thread.
 */
final class CsvRows implements Closeable {
    /** A row of a thousand numbers is some 20 kB; a longer line is no CSV of metrics. */
    private static final int MAX_LINE = 1 << 20;

    /** What some exporters write for "no value" is greater still; the squares of what is smaller stay finite. */
    private static final double MAX_VALUE = 1e100;

    /** First two bytes of a gzipped file (RFC 1952, section 2.3.1), whatever its name. */
    private static final int[] GZIP = {0x1f, 0x8b};

    private static final char BYTE_ORDER_MARK = '\uFEFF';

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
        this.reader = open(file);
        try {
            first();
        } catch (IllegalArgumentException | UncheckedIOException e) {
            close();
            throw e;
        }
    }

    private static BufferedReader open(Path file) {
        try {
            InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
            try {
                in.mark(GZIP.length);
                boolean gzipped = in.read() == GZIP[0] && in.read() == GZIP[1];
                in.reset();
                InputStream plain = gzipped ? new GZIPInputStream(in, 1 << 16) : in;
                return new BufferedReader(new InputStreamReader(plain, StandardCharsets.UTF_8), 1 << 16);
            } catch (IOException e) {
                in.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file + " can not be read: " + e.getMessage(), e);
        }
    }

    /** Names of the columns: the header's, or their numbers from 1. */
    List<String> names() {
        List<String> names = new ArrayList<>();
        for (int j = 0; j < columns; j++) {
            names.add(header.isPresent() ? header.get().get(j) : String.valueOf(j + 1));
        }
        return List.copyOf(names);
    }

    /** Whether the file names its columns. */
    boolean named() {
        return header.isPresent();
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
            for (Optional<String> found = line(); found.isPresent(); found = line()) {
                String text = found.get();
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

    /** The next line, without its end (LF or CR LF); never more than the bound in memory. */
    private Optional<String> line() throws IOException {
        StringBuilder text = new StringBuilder();
        int c = reader.read();
        if (c < 0) {
            return Optional.empty();
        }
        line++;
        for (; c >= 0 && c != '\n'; c = reader.read()) {
            if (text.length() >= MAX_LINE) {
                throw new IllegalArgumentException(
                        file + " line " + line + ": expected at most " + MAX_LINE + " characters but found more");
            }
            text.append((char) c);
        }
        if (text.length() > 0 && text.charAt(text.length() - 1) == '\r') {
            text.setLength(text.length() - 1);
        }
        if (line == 1 && text.length() > 0 && text.charAt(0) == BYTE_ORDER_MARK) {
            text.deleteCharAt(0);
        }
        return Optional.of(text.toString());
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
            return Math.abs(value) <= MAX_VALUE ? value : Double.NaN;
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
