package io.homeostat.merkle;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.homeostat.merkle.bundle.BundleVerifier;
import io.homeostat.merkle.bundle.LeafDecoder;
import io.homeostat.merkle.bundle.LeafMalformed;
import io.homeostat.merkle.witness.AddCheckpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;

/**
 * What strangers hand over: leaves, notes, checkpoints, tiles, bundles, assertions of authenticators, journal files. Only the
 * declared refusal may come, and what is taken is in its one canonical form. Regression over the seeds by default; {@code
 * -Pfuzz} looks for more.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ProofFuzzTest {
    private static final int LONGEST_LEAF = 1 << 20;
    private static final VerificationKey KEY =
            VerificationKey.ed25519(Ed25519.fromSeed(new byte[32]).publicKey());

    @FuzzTest(maxDuration = "30s")
    void a_leaf(byte[] leaf) {
        try {
            LeafDecoder.decode(leaf);
        } catch (LeafMalformed declared) {
            // That is how it says no.
        }
    }

    @FuzzTest(maxDuration = "30s")
    void a_signed_note_with_a_checkpoint(byte[] note) {
        SignedNote parsed;
        try {
            parsed = SignedNote.parse(note);
        } catch (IllegalArgumentException declared) {
            return;
        }
        assertThat(parsed.encode()).isEqualTo(note);
        checkpoint(parsed.text());
    }

    @FuzzTest(maxDuration = "30s")
    void a_checkpoint(byte[] text) {
        checkpoint(new String(text, StandardCharsets.UTF_8));
    }

    private static void checkpoint(String text) {
        try {
            assertThat(Checkpoint.parse(text).text()).isEqualTo(text);
        } catch (IllegalArgumentException declared) {
            // That is how it says no.
        }
        try {
            TreeHead.ofText(text);
        } catch (IllegalArgumentException declared) {
            // As above.
        }
    }

    @FuzzTest(maxDuration = "30s")
    void a_verifier_key_a_tile_path_and_a_request_to_cosign(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        try {
            VerifierKey.parse(text);
        } catch (IllegalArgumentException declared) {
            // That is how it says no.
        }
        try {
            assertThat(TilePath.parse(text).text()).isEqualTo(text);
        } catch (IllegalArgumentException declared) {
            // As above.
        }
        try {
            AddCheckpoint.parse(bytes);
        } catch (IllegalArgumentException declared) {
            // As above.
        }
    }

    @FuzzTest(maxDuration = "30s")
    void bundles_of_entries_and_frames(byte[] bytes) {
        try {
            List<byte[]> entries = EntryBundle.decode(bytes, 256);
            assertThat(EntryBundle.encode(entries)).isEqualTo(bytes);
        } catch (IllegalArgumentException declared) {
            // That is how it says no.
        }
        try {
            assertThat(Frames.encode(Frames.decode(bytes, LONGEST_LEAF))).isEqualTo(bytes);
        } catch (IllegalArgumentException declared) {
            // As above.
        }
    }

    /** Nothing is thrown, whatever an authenticator or a forger sends. */
    @FuzzTest(maxDuration = "30s")
    void an_assertion_of_an_authenticator(byte[] signature) {
        WebAuthn.parse(signature).ifPresent(assertion -> {
            VerificationKey key = new VerificationKey(
                    VerificationKey.Algorithm.WEBAUTHN, P256, "bank.example", "https://bank.example");
            assertThat(key.verifies("text".getBytes(StandardCharsets.UTF_8), signature))
                    .isFalse();
        });
        assertThat(KEY.verifies("text".getBytes(StandardCharsets.UTF_8), signature))
                .isFalse();
        try {
            ClientData.parse(signature);
        } catch (IllegalArgumentException declared) {
            // That is how it says no.
        }
    }

    /** The generator of P-256, a valid public key whose private key is 1. */
    private static final byte[] P256 = java.util.HexFormat.of()
            .parseHex("046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                    + "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5");

    /** A verifier's own report says no; a damaged bundle is no exception. */
    @FuzzTest(maxDuration = "30s")
    void a_bundle(byte[] bundle) throws IOException {
        Path file = Files.createTempFile("fuzz", ".bundle");
        try {
            Files.write(file, bundle);
            BundleVerifier.verify(file, Optional.empty());
        } finally {
            Files.delete(file);
        }
    }

    /** A journal opens and serves what it holds, or says that it is damaged. */
    @FuzzTest(maxDuration = "30s")
    void a_segment_of_the_journal(byte[] segment) throws IOException {
        Path folder = Files.createTempDirectory("fuzz");
        try {
            Files.write(folder.resolve("00000000000000000000.leaves"), segment);
            try (MerkleLog log = MerkleLog.open(folder)) {
                for (long at = 0; at < log.size(); at++) {
                    log.read(at, 1);
                }
                log.append(new byte[] {1});
                log.root();
            } catch (JournalFault declared) {
                // That is how it says no.
            }
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path path :
                        files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}
