package io.homeostat.detector.screening;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Transfers of a CSV file with a header, gzipped or not, in the order of the file. Read are {@code from}, {@code to},
 * {@code amount}, {@code date} or {@code timestamp} (ISO, or seconds since the epoch), and {@code asset} or {@code currency}
 * where they are; every other column, labels among them, is not looked at. Used by one thread.
 */
final class TransferRows implements Closeable {
    private static final int MAX_LINE = 1 << 16;
    private static final int MAX_ACCOUNTS = 5_000_000;
    private static final int EXPONENT = 2;

    private final Path file;
    private final String defaultAsset;
    private final List<String> settlement;
    private final BufferedReader reader;
    private final Map<String, Integer> accounts = new HashMap<>();
    private final int from;
    private final int to;
    private final int amount;
    private final int time;
    private final int asset;
    private final int columns;
    private long line = 1;

    private TransferRows(Path file, BufferedReader reader, String defaultAsset, List<String> settlement)
            throws IOException {
        this.file = file;
        this.reader = reader;
        this.defaultAsset = defaultAsset;
        this.settlement = settlement;
        String header = reader.readLine();
        if (header == null) {
            throw wrong("expected a header with from,to,amount,date but the file is empty");
        }
        List<String> names = List.of(header.strip().toLowerCase(Locale.ROOT).split(",", -1));
        columns = names.size();
        from = required(names, "from");
        to = required(names, "to");
        amount = required(names, "amount");
        time = Math.max(names.indexOf("timestamp"), names.indexOf("date"));
        if (time < 0) {
            throw wrong("expected a column 'date' or 'timestamp' in the header but found " + names);
        }
        asset = Math.max(names.indexOf("asset"), names.indexOf("currency"));
    }

    static TransferRows open(Path file, String defaultAsset, List<String> settlement) {
        try {
            InputStream in = Files.newInputStream(file);
            InputStream plain = file.toString().endsWith(".gz") ? new GZIPInputStream(in, 1 << 16) : in;
            return new TransferRows(
                    file,
                    new BufferedReader(new InputStreamReader(plain, StandardCharsets.UTF_8), 1 << 16),
                    defaultAsset,
                    settlement);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " can not be read: " + e.getMessage(), e);
        }
    }

    /** The next transfer, null at the end. Its sequence is the row, from 1. */
    @Nullable
    Movement next() {
        try {
            String text = reader.readLine();
            line++;
            if (text == null) {
                return null;
            }
            if (text.length() > MAX_LINE) {
                throw wrong("expected at most " + MAX_LINE + " characters but found " + text.length());
            }
            String[] cells = text.split(",", -1);
            if (cells.length != columns) {
                throw wrong("expected " + columns + " columns as in the header but found " + cells.length);
            }
            return movement(cells);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " line " + line + " can not be read: " + e.getMessage(), e);
        }
    }

    private Movement movement(String[] cells) {
        String debit = cells[from].strip();
        String credit = cells[to].strip();
        return new Movement(
                line - 1,
                micros(cells[time].strip()),
                Movement.POSTED,
                "",
                asset < 0 || cells[asset].isBlank() ? defaultAsset : cells[asset].strip(),
                number(debit),
                number(credit),
                debit,
                credit,
                accountClass(debit),
                accountClass(credit),
                minor(cells[amount].strip()),
                EXPONENT,
                "",
                0);
    }

    private int number(String id) {
        if (id.isEmpty()) {
            throw wrong("from and to must name an account");
        }
        Integer known = accounts.get(id);
        if (known == null) {
            if (accounts.size() >= MAX_ACCOUNTS) {
                throw wrong("more than " + MAX_ACCOUNTS + " accounts");
            }
            known = accounts.size();
            accounts.put(id, known);
        }
        return known;
    }

    private int accountClass(String id) {
        return settlement.stream().anyMatch(id::startsWith) ? Movement.CLASS_SETTLEMENT : 0;
    }

    private long minor(String text) {
        try {
            long minor = new BigDecimal(text).movePointRight(EXPONENT).longValueExact();
            if (minor < 1) {
                throw wrong("amount must be above 0 but is '" + text + "'");
            }
            return minor;
        } catch (ArithmeticException | NumberFormatException e) {
            throw wrong("amount must be a number with at most " + EXPONENT + " decimals but is '" + text + "'");
        }
    }

    private long micros(String text) {
        try {
            if (text.matches("[0-9]{1,12}")) {
                return Math.multiplyExact(Long.parseLong(text), 1_000_000L);
            }
            if (text.length() == 10) {
                return LocalDate.parse(text).toEpochDay() * 86_400_000_000L;
            }
            Instant at = text.endsWith("Z")
                    ? Instant.parse(text)
                    : LocalDateTime.parse(text.replace(' ', 'T')).toInstant(ZoneOffset.UTC);
            return Math.addExact(Math.multiplyExact(at.getEpochSecond(), 1_000_000L), at.getNano() / 1000);
        } catch (DateTimeException | ArithmeticException e) {
            throw wrong("a time must be like 2026-11-21, 2026-11-21T18:05:00Z or seconds since the epoch but is '"
                    + (text.length() > 40 ? text.substring(0, 40) + ".." : text) + "'");
        }
    }

    private int required(List<String> names, String column) {
        int at = names.indexOf(column);
        if (at < 0) {
            throw wrong("expected a column '" + column + "' in the header but found " + names);
        }
        return at;
    }

    private IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException(file + " line " + line + ": " + what);
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
