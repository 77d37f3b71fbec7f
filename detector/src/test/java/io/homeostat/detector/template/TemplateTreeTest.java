package io.homeostat.detector.template;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.detector.signal.LogLine;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TemplateTreeTest {
    private final TemplateState state = new TemplateState();
    private final TemplateTree tree = new TemplateTree(state);

    @Test
    void lines_that_differ_in_a_parameter_share_a_template_and_only_the_first_is_new() {
        TemplateTree.Match first = take("leader.dead: nobody listens on port 7001 of n1");
        TemplateTree.Match second = take("leader.dead: nobody listens on port 7003 of n3");
        TemplateTree.Match other = take("snapshot.written index 42 bytes 1024");

        assertThat(first.fresh()).isTrue();
        assertThat(second.fresh()).isFalse();
        assertThat(second.template()).isEqualTo("t0 leader.dead: nobody listens on port <num> of <*>");
        assertThat(other.fresh()).isTrue();
        assertThat(other.template()).isEqualTo("t1 snapshot.written index <num> bytes <num>");
        assertThat(take("snapshot.written index 43 bytes 9").changed()).isFalse();
    }

    @Test
    void a_line_that_shares_less_than_half_of_its_words_is_another_template() {
        take("gate opened by the operator");
        assertThat(take("gate opened by an engineer").fresh()).isFalse();
        assertThat(take("gate opened when nobody looked").fresh()).isTrue();
    }

    @Test
    void random_lines_fill_no_more_than_the_bounds_and_known_ones_stay_known() {
        take("raft log is alive");
        Random random = new Random(23);
        int fresh = 0;
        for (int i = 0; i < 20_000; i++) {
            fresh += take(garbage(random)).fresh() ? 1 : 0;
        }

        assertThat(fresh).isLessThan(TemplateTree.MAX_TEMPLATES);
        assertThat(state.texts)
                .hasSizeLessThanOrEqualTo(TemplateTree.MAX_TEMPLATES)
                .hasSameSizeAs(state.paths);
        assertThat(state.texts).allSatisfy(text -> assertThat(text.length()).isLessThanOrEqualTo(LogLine.MAX_CHARS));
        assertThat(take("raft log is alive").template()).isEqualTo("t0 raft log is alive");
        assertThat(take("one two three four five six seven eight nine ten eleven twelve thirteen")
                        .template())
                .isEqualTo(TemplateTree.OTHER);
    }

    @Test
    void the_same_lines_give_the_same_templates_also_when_the_state_is_taken_up_in_between() {
        Random random = new Random(29);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            lines.add(random.nextInt(4) == 0 ? garbage(random) : ours(random));
        }
        List<TemplateTree.Match> whole = lines.stream().map(this::take).toList();

        TemplateState carried = new TemplateState();
        List<TemplateTree.Match> parts = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            // A checkpoint after each line.
            carried = carried.copy();
            parts.add(new TemplateTree(carried).take(LogLine.masked(lines.get(i))));
        }

        assertThat(parts).isEqualTo(whole);
        assertThat(carried.texts).isEqualTo(state.texts);
        assertThat(carried.paths).isEqualTo(state.paths);
    }

    private TemplateTree.Match take(String line) {
        return tree.take(LogLine.masked(line));
    }

    private static String ours(Random random) {
        String[] kinds = {
            "leader changed to n%d", "snapshot.written index %d", "transfer %d refused: limit", "peer n%d closed"
        };
        return String.format(kinds[random.nextInt(kinds.length)], random.nextInt(1_000));
    }

    private static String garbage(Random random) {
        StringBuilder line = new StringBuilder();
        for (int i = random.nextInt(300); i >= 0; i--) {
            line.append(random.nextInt(6) == 0 ? ' ' : (char) random.nextInt(random.nextBoolean() ? 128 : 65_536));
        }
        return line.toString();
    }
}
