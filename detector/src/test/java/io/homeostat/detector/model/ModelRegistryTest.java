package io.homeostat.detector.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.detector.model.ModelEntry.State;
import io.homeostat.detector.signal.SignalCatalog;
import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ModelRegistryTest {
    private static final Instant AT = Instant.parse("2026-11-21T10:00:00Z");
    private final SignalCatalog catalog = SignalCatalog.standard();
    private final List<BaselineRow> baseline = baseline(3);
    private final AnomalyModel first = AnomalyModel.train(catalog, baseline);
    private final AnomalyModel second = AnomalyModel.train(catalog, baseline(4));

    @TempDir
    Path folder;

    private ModelRegistry registry;

    @BeforeEach
    void open() {
        registry = new ModelRegistry(folder);
    }

    @Test
    void a_model_that_is_not_registered_may_not_score() {
        assertThatThrownBy(() -> registry.admit(first.id(), first.toBytes()))
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("only registered models score");

        register(first);
        assertThatThrownBy(() -> registry.admit(first.id(), first.toBytes())).hasMessageContaining("is CANDIDATE");
        registry.promote(first.id(), State.CHAMPION, "detector", "first", AT);
        registry.admit(first.id(), first.toBytes());
        assertThatThrownBy(() -> registry.admit(first.id(), second.toBytes()))
                .hasMessageContaining("expected the registered digest");
    }

    @Test
    void a_new_champion_retires_the_one_before_and_each_act_has_its_author() {
        register(first);
        register(second);
        registry.promote(first.id(), State.CHAMPION, "detector", "first", AT);
        registry.promote(second.id(), State.CHALLENGER, "rita", "try it", AT);
        registry.promote(second.id(), State.CHAMPION, "rita", "fewer false alarms", AT.plusSeconds(60));

        assertThat(registry.inventory().stream().map(e -> e.modelId() + " " + e.state()))
                .containsExactly(first.id() + " RETIRED", second.id() + " CHAMPION");
        assertThat(registry.entries().stream().map(e -> e.state() + " by " + e.author()))
                .containsExactly(
                        "CANDIDATE by detector",
                        "CANDIDATE by detector",
                        "CHAMPION by detector",
                        "CHALLENGER by rita",
                        "RETIRED by rita",
                        "CHAMPION by rita");
        assertThatThrownBy(() -> registry.admit(first.id(), first.toBytes())).hasMessageContaining("is RETIRED");
        assertThatThrownBy(() -> registry.promote("mahalanobis-0123456789abcdef", State.CHAMPION, "rita", "?", AT))
                .hasMessageContaining("not in the registry");
        assertThatThrownBy(() -> registry.promote(first.id(), State.CHAMPION, " ", "?", AT))
                .hasMessageContaining("needs an author");
    }

    @Test
    void the_card_tells_training_configuration_code_and_validation_also_after_later_acts() {
        register(first);
        registry.promote(first.id(), State.CHAMPION, "detector", "first", AT);

        ModelEntry entry = registry.inventory().get(0);
        Map<?, ?> training = (Map<?, ?>) entry.card().get("training");
        Map<?, ?> validation = (Map<?, ?>) entry.card().get("validation");
        assertThat(training.get("windowDigest")).isEqualTo(EventCodec.digest(baseline));
        assertThat(training.get("windows")).isEqualTo(120);
        assertThat(validation.get("windows")).isEqualTo(40);
        assertThat(validation.get("overThreshold")).isEqualTo(0);
        assertThat(entry.card().get("codeVersion")).isEqualTo("test");
        assertThat(entry.card().get("provenance").toString()).contains("shrinkage");
        assertThat(entry.digest()).isEqualTo(EventCodec.sha256Hex(first.toBytes()));
    }

    @Test
    void a_changed_a_dropped_and_a_moved_line_are_found() throws IOException {
        register(first);
        register(second);
        registry.promote(first.id(), State.CHAMPION, "detector", "first", AT);
        Path journal = folder.resolve("registry.jsonl");
        List<String> lines = Files.readAllLines(journal);

        assertRefused(journal, List.of(lines.get(0), lines.get(1), lines.get(2).replace("detector", "somebody")), 2);
        assertRefused(journal, List.of(lines.get(0), lines.get(2)), 1);
        List<String> moved = new ArrayList<>(lines);
        Collections.swap(moved, 0, 1);
        assertRefused(journal, moved, 0);
        Files.write(journal, lines);
        assertThat(registry.entries()).hasSize(3);
    }

    @Test
    void changed_bytes_of_a_model_are_refused() throws IOException {
        register(first);
        register(first);
        assertThat(registry.load(catalog, first.id()).id()).isEqualTo(first.id());
        Path file = folder.resolve(first.id() + ".pb");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);

        assertThatThrownBy(() -> registry.load(catalog, first.id())).hasMessageContaining("the file was changed");
        assertThatThrownBy(() -> registry.load(catalog, "../secrets/tokens")).hasMessageContaining("must match");
    }

    private void assertRefused(Path journal, List<String> lines, int at) throws IOException {
        Files.write(journal, lines);
        assertThatThrownBy(() -> registry.entries())
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("entry " + at);
    }

    private void register(AnomalyModel model) {
        registry.register(model.id(), model.toBytes(), model.card(baseline, "test"), ModelRegistry.DETECTOR, AT);
    }

    static List<BaselineRow> baseline(long seed) {
        Random random = new Random(seed);
        List<BaselineRow> rows = new ArrayList<>();
        for (int second = 0; second < 40; second++) {
            for (String node : List.of("n1", "n2", "n3")) {
                rows.add(new BaselineRow(
                        node,
                        second * 1_000L,
                        Map.of(
                                "ledger.commit.duration p99",
                                0.010 + 0.002 * random.nextDouble(),
                                "ledger.transfers rate",
                                900 + 200 * random.nextDouble())));
            }
        }
        return rows;
    }
}
