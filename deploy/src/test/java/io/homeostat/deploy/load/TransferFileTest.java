package io.homeostat.deploy.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TransferFileTest {
    @TempDir
    Path folder;

    @Test
    void columns_are_found_by_the_header_in_any_order() throws IOException {
        List<TransferRow> rows = read("amount,kind,to,date,from\n12.34,X,B,1993-01-01,A\n");

        assertThat(rows).containsExactly(new TransferRow("A", "B", 1234, "EUR"));
    }

    @Test
    void a_file_of_the_berka_kind_keeps_cash_the_bank_and_other_banks_apart() throws IOException {
        List<TransferRow> rows = read("trans_id,date,from,to,amount,balance_after,kind,purpose\n"
                + "1,1993-01-01,CASH,A2378,700.00,700.00,CASH_DEPOSIT,\n"
                + "2,1993-06-30,BANK:UROK,A1775,14.70,26442.70,INTERNAL,UROK\n"
                + "3,1993-12-13,A280,KL:10603589,3334.00,35926.20,TRANSFER_OUT,SIPO\n");

        assertThat(rows).extracting(TransferRow::amountMinor).containsExactly(70000L, 1470L, 333400L);
        assertThat(rows).extracting(TransferRow::from).containsExactly("CASH", "BANK:UROK", "A280");
        assertThat(rows).extracting(r -> AccountIds.external(r.from())).containsExactly(true, true, false);
    }

    @Test
    void gzip_is_read_by_its_suffix() throws IOException {
        Path file = folder.resolve("rows.csv.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write("from,to,amount\na,b,1\n".getBytes(StandardCharsets.UTF_8));
        }

        try (TransferFile rows = TransferFile.open(file, "EUR")) {
            assertThat(rows.next()).contains(new TransferRow("a", "b", 100, "EUR"));
            assertThat(rows.next()).isEmpty();
            assertThat(rows.next()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"0.01,1", "147.8,14780", "2452.00,245200", "1e3,100000", "92233720368547758.07,9223372036854775807"})
    void an_amount_becomes_minor_units_exactly(String amount, long minor) throws IOException {
        assertThat(read("from,to,amount\na,b," + amount + "\n"))
                .extracting(TransferRow::amountMinor)
                .containsExactly(minor);
    }

    @ParameterizedTest
    @CsvSource({
        "0,above zero",
        "-1,above zero",
        "0.001,at most 2 decimals",
        "92233720368547758.08,fit 64 bits",
        "NaN,decimal number",
        "twelve,decimal number",
        "'',decimal number"
    })
    void an_amount_that_is_none_is_refused_with_the_line(String amount, String because) {
        assertThatThrownBy(() -> read("from,to,amount\na,b,1\n\na,b," + amount + "\n"))
                .isInstanceOf(TransferFile.MalformedTransferFile.class)
                .hasMessageContaining("rows.csv line 4")
                .hasMessageContaining(because);
    }

    @Test
    void a_row_with_a_missing_column_is_refused_with_the_line() {
        assertThatThrownBy(() -> read("from,to,amount\na,b\n"))
                .hasMessageContaining("line 2")
                .hasMessageContaining("expected 3 columns as in the header but found 2");
    }

    @Test
    void a_header_without_a_needed_column_is_refused() {
        assertThatThrownBy(() -> read("from,amount\na,1\n")).hasMessageContaining("expected a column 'to'");
        assertThatThrownBy(() -> read("")).hasMessageContaining("the file is empty");
    }

    @Test
    void quoted_fields_may_hold_commas_and_quotes() throws IOException {
        List<TransferRow> rows = read("from,to,amount\n\"Smith, J.\",\"the \"\"bank\"\"\",1\n");

        assertThat(AccountIds.toText(rows.get(0).from())).isEqualTo("Smith, J.");
        assertThat(AccountIds.toText(rows.get(0).to())).isEqualTo("the \"bank\"");
        assertThatThrownBy(() -> read("from,to,amount\n\"a,b,1\n")).hasMessageContaining("not closed");
    }

    @Test
    void a_line_is_as_long_as_the_limit_and_no_longer() throws IOException {
        int max = TransferFileLimits.DEFAULT.maxLineChars();
        String row = "a,b,1,";

        assertThat(read("from,to,amount,note\n" + row + "x".repeat(max - row.length()) + "\n"))
                .hasSize(1);
        assertThatThrownBy(() -> read("from,to,amount,note\n" + row + "x".repeat(max - row.length() + 1) + "\n"))
                .hasMessageContaining("at most " + max);
    }

    @Test
    void bytes_that_are_no_text_are_refused() throws IOException {
        Path file = folder.resolve("rows.csv");
        Files.write(
                file,
                new byte[] {'f', 'r', 'o', 'm', ',', 't', 'o', ',', 'a', 'm', 'o', 'u', 'n', 't', '\n', (byte) 0xff});

        assertThatThrownBy(() -> readAll(file)).hasMessageContaining("UTF-8");
    }

    private List<TransferRow> read(String content) throws IOException {
        Path file = folder.resolve("rows.csv");
        Files.writeString(file, content);
        return readAll(file);
    }

    private static List<TransferRow> readAll(Path file) throws IOException {
        List<TransferRow> all = new ArrayList<>();
        try (TransferFile rows = TransferFile.open(file, "EUR")) {
            for (Optional<TransferRow> row = rows.next(); row.isPresent(); row = rows.next()) {
                all.add(row.get());
            }
        } catch (java.nio.charset.CharacterCodingException e) {
            throw new IllegalStateException("UTF-8", e);
        }
        return all;
    }
}
