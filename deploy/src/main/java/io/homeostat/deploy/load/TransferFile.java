package io.homeostat.deploy.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * Rows of a CSV file (RFC 4180; gzip by the suffix {@code .gz}), read one at a time. The header names the columns
 * {@code from}, {@code to} and {@code amount} in any order; {@code asset} or {@code currency} is optional. A date is not
 * needed, because the ledger stamps its own time. Other columns are ignored.
 *
 * <p>A row that can not be read is a {@link MalformedTransferFile} that names the line. Not thread-safe.
 */
public final class TransferFile implements AutoCloseable {
    /** Every asset of the demo has two decimals. */
    static final int EXPONENT = 2;

    private final String name;
    private final String defaultAsset;
    private final BufferedReader reader;
    private final TransferFileLimits limits = TransferFileLimits.DEFAULT;
    private final int from;
    private final int to;
    private final int amount;
    private final int asset;
    private final int columns;
    private long line;

    private TransferFile(String name, BufferedReader reader, String defaultAsset) throws IOException {
        this.name = name;
        this.reader = reader;
        this.defaultAsset = defaultAsset;
        String header = reader.readLine();
        line = 1;
        if (header == null) {
            throw malformed("expected a header line with from,to,amount but the file is empty");
        }
        List<String> names = split(header.startsWith("\uFEFF") ? header.substring(1) : header).stream()
                .map(column -> column.strip().toLowerCase(Locale.ROOT))
                .toList();
        columns = names.size();
        from = required(names, "from");
        to = required(names, "to");
        amount = required(names, "amount");
        asset = Math.max(names.indexOf("asset"), names.indexOf("currency"));
    }

    public static TransferFile open(Path file, String defaultAsset) throws IOException {
        InputStream in = Files.newInputStream(file);
        try {
            InputStream rows = file.getFileName().toString().endsWith(".gz") ? new GZIPInputStream(in, 1 << 16) : in;
            var decoder = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT);
            return new TransferFile(
                    file.getFileName().toString(),
                    new BufferedReader(new InputStreamReader(rows, decoder), 1 << 16),
                    defaultAsset);
        } catch (IOException | MalformedTransferFile e) {
            in.close();
            throw e;
        }
    }

    /** The next row, or nothing at the end of the file. Blank lines are passed over. */
    public Optional<TransferRow> next() {
        try {
            String text = reader.readLine();
            line++;
            while (text != null && text.isBlank()) {
                text = reader.readLine();
                line++;
            }
            return text == null ? Optional.empty() : Optional.of(row(text));
        } catch (java.nio.charset.CharacterCodingException e) {
            throw malformed("expected UTF-8 near here");
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + name + " after line " + line, e);
        }
    }

    private TransferRow row(String text) {
        List<String> fields = split(text);
        if (fields.size() != columns) {
            throw malformed("expected " + columns + " columns as in the header but found " + fields.size());
        }
        return new TransferRow(
                account("from", fields.get(from)),
                account("to", fields.get(to)),
                minor(fields.get(amount)),
                asset < 0 ? defaultAsset : assetCode(fields.get(asset)));
    }

    private String account(String column, String text) {
        try {
            return AccountIds.toId(text.strip());
        } catch (IllegalArgumentException e) {
            throw malformed(column + ": " + e.getMessage());
        }
    }

    private long minor(String text) {
        BigDecimal value;
        long minor;
        try {
            value = new BigDecimal(text.strip());
            minor = value.movePointRight(EXPONENT).longValueExact();
        } catch (NumberFormatException e) {
            throw malformed("amount must be a decimal number but is '" + text + "'");
        } catch (ArithmeticException e) {
            throw malformed("amount must have at most " + EXPONENT + " decimals and fit 64 bits but is '" + text + "'");
        }
        if (minor < 1) {
            throw malformed("amount must be above zero but is '" + text + "'");
        }
        return minor;
    }

    private String assetCode(String text) {
        String code = text.strip();
        if (!code.matches("[A-Z][A-Z0-9]{2,11}")) {
            throw malformed("asset must match [A-Z][A-Z0-9]{2,11} but is '" + text + "'");
        }
        return code;
    }

    private int required(List<String> names, String column) {
        int position = names.indexOf(column);
        if (position < 0) {
            throw malformed("expected a column '" + column + "' in the header but found " + names);
        }
        return position;
    }

    /** Fields of one line; a quoted field may hold commas and doubled quotes, but no line break. */
    private List<String> split(String text) {
        if (text.length() > limits.maxLineChars()) {
            throw malformed("expected at most " + limits.maxLineChars() + " characters but found " + text.length());
        }
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted && c == '"' && i + 1 < text.length() && text.charAt(i + 1) == '"') {
                field.append('"');
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        if (quoted) {
            throw malformed("a quoted field is not closed on its line");
        }
        fields.add(field.toString());
        if (fields.size() > limits.maxColumns()) {
            throw malformed("expected at most " + limits.maxColumns() + " columns but found " + fields.size());
        }
        return fields;
    }

    private MalformedTransferFile malformed(String what) {
        return new MalformedTransferFile(name + " line " + line + ": " + what);
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }

    /** A file that is not what it should be; the message names file, line, and what was expected. */
    public static final class MalformedTransferFile extends RuntimeException {
        private static final long serialVersionUID = 1;

        MalformedTransferFile(String message) {
            super(message);
        }
    }
}
