package io.homeostat.detector.signal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LogLineTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "took 12.5 ms, 3 tries | took <num> ms, <num> tries",
                "from 10.0.0.12:7001 to 192.168.1.1 | from <ip> to <ip>",
                "id 6f1c2b1e-9f55-4f4e-8a3b-0d7c1a2b3c4d gone | id <uuid> gone",
                "digest 9f86d081884c7d65 at 0xFFe1 | digest <hex> at <hex>",
                "deadbeef stays a word, node n2 too | deadbeef stays a word, node n2 too",
                "at 10:20:30 for -7 | at <num> for <num>"
            })
    void what_varies_is_masked(String line, String masked) {
        assertThat(LogLine.masked(line)).isEqualTo(masked);
    }

    @Test
    void a_hostile_line_can_not_forge_a_mask_break_the_line_or_carry_control_characters() {
        String line = LogLine.masked("<num> a\r\nb\u001b[31mred \u202eevil\u0000 <script>");

        assertThat(line).isEqualTo("(num) a b [<num>mred ?evil (script)");
        assertThat(LogLine.masked("x".repeat(10_000))).isEqualTo("<long>");
        assertThat(LogLine.masked("\u0000\n\t ")).isEmpty();
    }

    @Test
    void any_text_becomes_bounded_printable_ascii() {
        Random random = new Random(31);
        for (int i = 0; i < 2_000; i++) {
            char[] text = new char[random.nextInt(2_000)];
            for (int j = 0; j < text.length; j++) {
                text[j] = (char) random.nextInt(random.nextBoolean() ? 128 : 65_536);
            }

            String line = LogLine.masked(new String(text));

            assertThat(line.length()).isLessThanOrEqualTo(LogLine.MAX_CHARS);
            assertThat(line.split(" ", -1)).hasSizeLessThanOrEqualTo(LogLine.MAX_WORDS);
            assertThat(line).matches("[ -~]*");
        }
    }
}
