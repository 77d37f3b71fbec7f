package io.homeostat.merkle.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class VerifyCommandTest {
    @TempDir
    Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private String sound = "";
    private String bad = "";
    private String genesis = "";

    @BeforeEach
    void write() throws IOException {
        byte[] bundle = TestLedger.sound().bundle();
        sound = Files.write(directory.resolve("sound"), bundle).toString();
        bad = Files.write(directory.resolve("bad"), TestLedger.flip(bundle, 2000))
                .toString();
        genesis = Files.write(directory.resolve("genesis"), Vectors.genesis()).toString();
    }

    @Test
    void a_sound_bundle_ends_with_0() {
        assertThat(run("verify", sound)).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("integrity     pass")
                .contains("authorship    unknown")
                .endsWith("OK\n");
    }

    @Test
    void json_is_one_line_that_says_ok() {
        assertThat(run("verify", "--json", "--trust", genesis, sound)).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .startsWith(
                        "{\"integrity\":\"pass\",\"completeness\":\"pass\",\"authorship\":\"pass\",\"freshness\":\"unknown\"")
                .endsWith("\"ok\":true}\n")
                .hasLineCount(1);
    }

    @Test
    void a_bad_bundle_ends_with_1_and_names_the_place() {
        assertThat(run("verify", bad)).isEqualTo(1);
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("integrity: journal leaf")
                .endsWith("REFUSED\n");
    }

    @Test
    void another_genesis_than_the_trusted_one_ends_with_1() throws IOException {
        Path other = Files.write(directory.resolve("other"), new byte[] {1});

        assertThat(run("verify", sound, "--trust", other.toString())).isEqualTo(1);
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("authorship    fail");
    }

    @Test
    void bad_usage_ends_with_2() {
        assertThat(run()).isEqualTo(2);
        assertThat(run("check", sound)).isEqualTo(2);
        assertThat(run("verify")).isEqualTo(2);
        assertThat(run("verify", sound, sound)).isEqualTo(2);
        assertThat(run("verify", sound, "--trust")).isEqualTo(2);
        assertThat(run("verify", sound, "--fast")).isEqualTo(2);
        assertThat(run("verify", directory.resolve("none").toString())).isEqualTo(2);
        assertThat(run("verify", sound, "--trust", "none")).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("Usage:");
        assertThat(out.size()).isZero();
    }

    @Test
    void help_ends_with_0_and_shows_examples() {
        assertThat(run("verify", "--help")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("Examples:").contains("Exit code");
    }

    private int run(String... args) {
        return VerifyCommand.run(
                List.of(args),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }
}
