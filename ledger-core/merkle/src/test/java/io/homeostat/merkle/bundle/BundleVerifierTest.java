package io.homeostat.merkle.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class BundleVerifierTest {
    @TempDir
    Path directory;

    static List<Vectors.Vector> vectors() {
        return Vectors.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("vectors")
    void every_vector_gets_its_verdicts_and_its_place(Vectors.Vector vector) throws IOException {
        VerificationReport report = verify(vector.bundle(), Optional.of(trust()));

        assertThat(letters(report)).as("%s%n%s", vector.name(), report.toText()).isEqualTo(vector.verdicts());
        assertThat(report.freshness()).isEqualTo(Verdict.UNKNOWN);
        assertThat(report.ok()).isEqualTo(vector.verdicts().equals("ppp"));
        if (!report.ok()) {
            assertThat(report.findings()).as(report.toText()).anySatisfy(f -> {
                assertThat(f.section() + (vector.place().contains("#") ? "#" + f.sequence() : ""))
                        .isEqualTo(vector.place());
                assertThat(f.message()).contains(vector.says());
                assertThat(f.offset()).isBetween(0L, (long) vector.bundle().length);
            });
        }
    }

    @Test
    void every_byte_of_a_bundle_flipped_one_at_a_time_is_refused_with_a_place() throws IOException {
        byte[] good = TestLedger.small().bundle();
        assertThat(verify(good, Optional.of(trust())).ok()).isTrue();
        Path file = directory.resolve("flipped.bundle");
        for (int i = 0; i < good.length; i++) {
            byte[] flipped = good.clone();
            flipped[i] ^= (byte) (1 << i % 8);
            Files.write(file, flipped);
            VerificationReport report = BundleVerifier.verify(file, Optional.empty());

            assertThat(report.integrity()).as("byte %d", i).isEqualTo(Verdict.FAIL);
            assertThat(report.exitCode()).isEqualTo(1);
            Finding first = report.findings().get(0);
            assertThat(first.section()).isNotEmpty();
            assertThat(first.offset()).as("byte %d: %s", i, first).isBetween(0L, (long) i);
        }
    }

    @Test
    void a_bundle_cut_at_any_byte_is_refused() throws IOException {
        byte[] good = new TestLedger().genesis().bundle();
        for (int length = 0; length < good.length; length++) {
            assertThat(verify(Arrays.copyOf(good, length), Optional.empty()).integrity())
                    .as("%d bytes", length)
                    .isEqualTo(Verdict.FAIL);
        }
    }

    @Test
    void without_trust_authorship_is_unknown_and_the_bundle_still_passes() throws IOException {
        VerificationReport report = verify(TestLedger.sound().bundle(), Optional.empty());

        assertThat(letters(report)).isEqualTo("ppu");
        assertThat(report.ok()).isTrue();
        assertThat(report.notes()).anyMatch(n -> n.contains("keys are the bundle's own"));
    }

    @Test
    void the_report_counts_what_was_checked() throws IOException {
        TestLedger ledger = TestLedger.sound();
        VerificationReport report = verify(ledger.bundle(), Optional.empty());

        Statistics s = report.statistics();
        assertThat(s.leaves()).isEqualTo(ledger.leaves.size());
        assertThat(s.accounts()).isEqualTo(4);
        assertThat(s.transfers()).isEqualTo(3);
        assertThat(s.gatedHolds()).isEqualTo(2);
        assertThat(s.gatedPostingsChecked()).isEqualTo(1);
        assertThat(s.cases()).isEqualTo(3);
        assertThat(s.approvalsChecked()).isEqualTo(5);
        assertThat(s.approvalsCounted()).isEqualTo(5);
        assertThat(s.persons()).isEqualTo(4);
        assertThat(s.refusals()).isEqualTo(1);
        assertThat(s.isolations()).isEqualTo(1);
        assertThat(s.divergences()).isEqualTo(1);
        assertThat(s.anchors()).isEqualTo(2);
        assertThat(s.trailLeaves()).isEqualTo(3);
        assertThat(s.sums()).isEqualTo(Map.of("EUR", BigInteger.ZERO, "USD", BigInteger.ZERO));
        assertThat(report.signers()).containsExactly("n1");
    }

    @Test
    void a_case_may_be_approved_until_its_last_microsecond_and_not_after() throws IOException {
        for (int late = 0; late <= 1; late++) {
            TestLedger ledger = new TestLedger().begin().gatedHold();
            ledger.now = ledger.caseExpires() - 1000 + late;
            ledger.approve("k1", "x");
            ledger.now = ledger.caseExpires() + late;
            ledger.approve("k3", "y");
            ledger.now = ledger.caseExpires() + late;
            ledger.caseDecided(TestLedger.CASE, 1);
            ledger.now = ledger.caseExpires() + late;
            ledger.holdPosted(TestLedger.LARGE, 250_000);

            assertThat(letters(verify(ledger.bundle(), Optional.empty()))).isEqualTo(late == 0 ? "ppu" : "pfu");
        }
    }

    @Test
    void an_amount_is_gated_from_the_tiers_first_unit_on() throws IOException {
        TestLedger below = new TestLedger().begin().posted(TestLedger.uuid(40), 0, 1, 99_999);
        TestLedger at = new TestLedger().begin().posted(TestLedger.uuid(40), 0, 1, 100_000);
        TestLedger dollars = new TestLedger().begin();
        dollars.account(4, "usd-2", "USD", 3, 0).posted(TestLedger.uuid(40), 3, 4, 100_000);

        assertThat(letters(verify(below.bundle(), Optional.empty()))).isEqualTo("ppu");
        assertThat(letters(verify(at.bundle(), Optional.empty()))).isEqualTo("pfu");
        assertThat(letters(verify(dollars.bundle(), Optional.empty()))).isEqualTo("ppu");
    }

    @Test
    void a_flood_of_findings_is_counted_and_bounded() throws IOException {
        TestLedger ledger = new TestLedger().begin();
        for (int i = 0; i < 500; i++) {
            ledger.posted(TestLedger.SMALL, 0, 1, 1);
        }

        VerificationReport report = verify(ledger.bundle(), Optional.empty());

        assertThat(report.findings()).hasSize(BundleLimits.defaults().findings());
        assertThat(report.findingsTotal()).isEqualTo(500);
    }

    @Test
    void the_limits_of_what_is_read_hold() throws IOException {
        Path file = directory.resolve("b");
        Files.write(file, TestLedger.sound().bundle());
        int leaves = TestLedger.sound().leaves.size();

        assertThat(BundleVerifier.verify(file, Optional.empty(), limits(leaves, 100))
                        .ok())
                .isTrue();
        assertThat(BundleVerifier.verify(file, Optional.empty(), limits(leaves - 1, 100))
                        .findings())
                .anyMatch(f -> f.message().contains("more than " + (leaves - 1) + " leaves"));
        assertThat(BundleVerifier.verify(file, Optional.empty(), limits(leaves, 2))
                        .findings())
                .anyMatch(f -> f.message().contains("more than 2 texts"));
    }

    private static BundleLimits limits(int leaves, int texts) {
        return new BundleLimits(256, 64 << 10, 1 << 20, 1 << 20, leaves, texts, 10);
    }

    @Test
    void the_writer_packs_the_same_bytes_as_the_documented_layout() throws IOException {
        TestLedger ledger = TestLedger.sound();
        Path target = directory.resolve("written.bundle");
        // The trail goes on; what no anchor covers yet stays out.
        List<byte[]> trail = new java.util.ArrayList<>(ledger.trail);
        trail.add(new byte[] {1});

        BundleWriter.write(
                target,
                new BundleWriter.Content(
                        Instant.parse("2026-11-20T12:00:00Z"),
                        "incident-7",
                        io.homeostat.merkle.SignedNote.parse(ledger.checkpoint()),
                        (from, limit) ->
                                ledger.leaves.subList((int) from, Math.min((int) from + 3, ledger.leaves.size())),
                        (from, limit) -> trail.subList((int) from, (int) from + 1),
                        ledger.texts));

        assertThat(Files.readAllBytes(target)).isEqualTo(ledger.bundle());
        try (var files = Files.list(directory)) {
            assertThat(files).as("nothing is left behind").containsExactly(target);
        }
    }

    @Test
    void the_writer_leaves_nothing_behind_when_a_source_ends_early() throws IOException {
        TestLedger ledger = TestLedger.sound();

        assertThatThrownBy(() -> BundleWriter.write(
                        directory.resolve("never.bundle"),
                        new BundleWriter.Content(
                                Instant.EPOCH,
                                "incident-7",
                                io.homeostat.merkle.SignedNote.parse(ledger.checkpoint()),
                                (from, limit) -> from == 0 ? ledger.leaves.subList(0, 4) : List.of(),
                                BundleWriter.LeafSource.none(),
                                List.of())))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ended after 4");
        try (var files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void json_holds_the_verdicts_and_escapes_what_strangers_wrote() throws IOException {
        byte[] bundle = new TestLedger().begin().isolated("n1", "i", "x").bundle();
        String good = verify(bundle, Optional.empty()).toJson();
        assertThat(good)
                .startsWith(
                        "{\"integrity\":\"pass\",\"completeness\":\"pass\",\"authorship\":\"unknown\",\"freshness\":\"unknown\",\"findings\":[],")
                .contains("\"sums\":{\"EUR\":0,\"USD\":0}")
                .endsWith("\"ok\":true}");

        TestLedger hostile = new TestLedger().begin().anchored("\u001b[2J\"}\n", 0, TestLedger.root(List.of()));
        VerificationReport report = verify(hostile.bundle(), Optional.empty());
        assertThat(report.toJson()).contains("\\u001b[2J\\\"}\\u000a").endsWith("\"ok\":false}");
        assertThat(report.toText()).doesNotContain("\u001b");
    }

    @Test
    void a_missing_file_is_an_error_and_no_verdict() {
        assertThatThrownBy(() -> BundleVerifier.verify(directory.resolve("none"), Optional.empty()))
                .isInstanceOf(NoSuchFileException.class);
    }

    private Path trust() throws IOException {
        Path file = directory.resolve("trusted.genesis");
        Files.write(file, Vectors.genesis());
        return file;
    }

    private VerificationReport verify(byte[] bundle, Optional<Path> trust) throws IOException {
        Path file = directory.resolve("bundle");
        Files.write(file, bundle);
        return BundleVerifier.verify(file, trust);
    }

    static String letters(VerificationReport report) {
        return "" + report.integrity().wireName().charAt(0)
                + report.completeness().wireName().charAt(0)
                + report.authorship().wireName().charAt(0);
    }
}
