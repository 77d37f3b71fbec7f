package io.homeostat.detector.screening;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class OfflineScreeningTest {
    @TempDir
    Path folder;

    @Test
    void a_line_per_row_and_a_prefix_gives_the_same_lines() throws IOException {
        List<String> all = run("date,from,to,amount", rows(2_000, ""), 50);
        List<String> prefix = run("date,from,to,amount", rows(700, ""), 50);

        assertThat(all).hasSize(2_001).first().isEqualTo("row,verdict,patterns,score");
        assertThat(prefix).isEqualTo(all.subList(0, 701));
    }

    @Test
    void columns_that_are_not_known_are_never_looked_at() throws IOException {
        List<String> plain = run("date,from,to,amount", rows(500, ""), 50);
        List<String> labelled = run("date,from,to,amount,from_flagged", rows(500, ",1"), 50);

        assertThat(labelled).isEqualTo(plain);
    }

    @Test
    void people_are_asked_no_more_often_than_they_can_look() throws IOException {
        long few = run("date,from,to,amount", rows(6_000, ""), 2).stream()
                .filter(l -> l.contains(",odd,"))
                .count();
        long many = run("date,from,to,amount", rows(6_000, ""), 500).stream()
                .filter(l -> l.contains(",odd,"))
                .count();

        assertThat(few).isLessThanOrEqualTo(many);
        // 200 that come before the history is long enough, then 2 a day on 60 days and what is odd in any case.
        assertThat(few).isLessThan(200 + 2 * 60 * 2);
    }

    @Test
    void a_row_that_is_wrong_is_named_with_its_line() {
        assertThatThrownBy(() -> run("date,from,to,amount", "2026-01-01,a,b,1.00\n2026-01-01,a,b,-3\n", 50))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("line 3")
                .hasMessageContaining("amount");
        assertThatThrownBy(() -> run("date,from,to", "", 50))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'amount'");
        assertThatThrownBy(() -> run("date,from,to,amount", "soon,a,b,1.00\n", 50))
                .hasMessageContaining("line 2")
                .hasMessageContaining("seconds since the epoch");
    }

    private List<String> run(String header, String rows, double perDay) throws IOException {
        Path in = folder.resolve("in.csv");
        Path out = folder.resolve("out.csv");
        Files.writeString(in, header + "\n" + rows);
        var unused = OfflineScreening.run(
                new OfflineScreening.Request(in, out, perDay, Set.of(), List.of("bank"), "EUR"), line -> {});
        return Files.readAllLines(out);
    }

    private static String rows(int count, String more) {
        Random random = new Random(5);
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < count; i++) {
            rows.append(java.time.LocalDate.of(2026, 1, 1).plusDays(i / 100))
                    .append(",a")
                    .append(random.nextInt(40))
                    .append(",b")
                    .append(random.nextInt(40))
                    .append(',')
                    .append(1 + random.nextInt(500))
                    .append(".50")
                    .append(more)
                    .append('\n');
        }
        return rows.toString();
    }
}
