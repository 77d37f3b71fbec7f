package io.homeostat.merkle.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The files that others test against are what the code says they are. A stored file is never edited; to publish new ones
 * run with {@code -Dvectors.write=DIRECTORY} and add them.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class PublishedFilesTest {
    private static final String INDEX_HEAD = """
            # name integrity completeness authorship place; verified with --trust genesis.leaf
            # p pass, f fail, u unknown; place: section, or section#sequence of the leaf
            """;

    @TempDir
    Path directory;

    @Test
    void golden_leaves_are_stored_and_decode() throws IOException {
        for (GoldenLeaves.Golden golden : GoldenLeaves.all()) {
            assertThat(text("golden/leaves/" + golden.name())).isEqualTo(golden.file());
        }
    }

    @Test
    void published_bundles_are_stored_and_judged_as_the_index_says() throws IOException {
        assertThat(bytes("vectors/genesis.leaf.bin")).isEqualTo(Vectors.genesis());
        Path trust = Files.write(directory.resolve("genesis.leaf"), bytes("vectors/genesis.leaf.bin"));
        String index = text("vectors/index.txt");
        assertThat(index).isEqualTo(index());
        int judged = 0;
        for (String line : index.lines().filter(l -> !l.startsWith("#")).toList()) {
            String[] columns = line.split(" ", -1);
            Path bundle = Files.write(directory.resolve("bundle"), bytes("vectors/" + columns[0] + ".bin"));
            VerificationReport report = BundleVerifier.verify(bundle, Optional.of(trust));
            assertThat(BundleVerifierTest.letters(report))
                    .as(columns[0])
                    .isEqualTo(columns[1] + columns[2] + columns[3]);
            judged++;
        }
        assertThat(judged).isGreaterThan(60);
    }

    @Test
    void published_heads_are_stored_and_freshness_is_judged_as_their_index_says() throws IOException {
        Path trust = Files.write(directory.resolve("genesis.leaf"), bytes("vectors/genesis.leaf.bin"));
        String index = text("vectors/heads/index.txt");
        assertThat(index).isEqualTo(CosignedHeads.index());
        int judged = 0;
        for (String line : index.lines().filter(l -> !l.startsWith("#")).toList()) {
            String[] columns = line.split(" ", -1);
            assertThat(bytes("vectors/heads/" + columns[0] + ".note"))
                    .as(columns[0])
                    .isEqualTo(CosignedHeads.note(columns[0]));
            Path bundle = Files.write(directory.resolve("bundle"), bytes("vectors/sound.bin"));
            Path head = Files.write(directory.resolve("head"), bytes("vectors/heads/" + columns[0] + ".note"));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            int exit = VerifyCommand.run(
                    List.of(
                            "verify",
                            bundle.toString(),
                            "--trust",
                            trust.toString(),
                            "--head",
                            head.toString(),
                            "--quorum",
                            columns[1],
                            "--witness",
                            CosignedHeads.key("w1").text(),
                            "--witness",
                            CosignedHeads.key("w2").text(),
                            "--json"),
                    new PrintStream(out, true, StandardCharsets.UTF_8),
                    System.err);
            String freshness = columns[2].equals("p") ? "pass" : columns[2].equals("f") ? "fail" : "unknown";
            assertThat(out.toString(StandardCharsets.UTF_8)).as(columns[0]).contains("\"freshness\":\"" + freshness);
            assertThat(exit).as(columns[0]).isEqualTo(columns[2].equals("f") ? 1 : 0);
            judged++;
        }
        assertThat(judged).isGreaterThan(7);
    }

    @Test
    void the_stored_bundles_are_the_ones_that_the_tests_build() throws IOException {
        for (Vectors.Vector vector : Vectors.all()) {
            assertThat(bytes("vectors/" + vector.name() + ".bin"))
                    .as(vector.name())
                    .isEqualTo(vector.bundle());
        }
    }

    @Test
    void new_files_are_written_on_demand() throws IOException {
        String target = System.getProperty("vectors.write", "");
        Path root = target.isEmpty() ? directory : Path.of(target);
        Files.createDirectories(root.resolve("golden/leaves"));
        Files.createDirectories(root.resolve("vectors"));
        for (GoldenLeaves.Golden golden : GoldenLeaves.all()) {
            Files.writeString(root.resolve("golden/leaves").resolve(golden.name()), golden.file());
        }
        for (Vectors.Vector vector : Vectors.all()) {
            Files.write(root.resolve("vectors").resolve(vector.name() + ".bin"), vector.bundle());
        }
        Files.write(root.resolve("vectors/genesis.leaf.bin"), Vectors.genesis());
        Files.createDirectories(root.resolve("vectors/heads"));
        for (CosignedHeads.Head head : CosignedHeads.all()) {
            Files.write(root.resolve("vectors/heads").resolve(head.name() + ".note"), head.note());
        }
        Files.writeString(root.resolve("vectors/heads/index.txt"), CosignedHeads.index());
        Files.writeString(root.resolve("vectors/index.txt"), index());

        assertThat(root.resolve("vectors/sound.bin")).isNotEmptyFile();
    }

    private static String index() {
        return Vectors.all().stream()
                .map(v -> v.name() + " " + v.verdicts().charAt(0) + " "
                        + v.verdicts().charAt(1) + " " + v.verdicts().charAt(2) + " "
                        + (v.place().isEmpty() ? "-" : v.place()) + "\n")
                .collect(Collectors.joining("", INDEX_HEAD, ""));
    }

    private static String text(String name) throws IOException {
        return new String(bytes(name), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String name) throws IOException {
        try (InputStream in = PublishedFilesTest.class.getClassLoader().getResourceAsStream(name)) {
            assertThat(in).as("stored file %s", name).isNotNull();
            return in.readAllBytes();
        }
    }
}
