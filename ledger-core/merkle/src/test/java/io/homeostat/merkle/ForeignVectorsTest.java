package io.homeostat.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** Figures that others made: a public log of 961,984,013 entries, and keys of other implementations. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ForeignVectorsTest {
    @Test
    void a_public_certificate_log_of_a_billion_entries_verifies() throws IOException {
        Argon log = new Argon();

        assertThat(Proofs.verifyInclusion(10_000, log.size, MerkleTree.leafHash(log.entry), log.audit, log.root))
                .isTrue();
        assertThat(Proofs.verifyConsistency(log.oldSize, log.size, log.oldRoot, log.root, log.consistency))
                .isTrue();
    }

    @Test
    void nothing_else_verifies_against_its_head() throws IOException {
        Argon log = new Argon();
        byte[] leaf = MerkleTree.leafHash(log.entry);

        for (long other : new long[] {9_999, 10_001, 10_000 ^ 2, 0, log.size - 1}) {
            assertThat(Proofs.verifyInclusion(other, log.size, leaf, log.audit, log.root))
                    .isFalse();
        }
        for (List<byte[]> wrong : corrupted(log.audit, log.root)) {
            assertThat(Proofs.verifyInclusion(10_000, log.size, leaf, wrong, log.root))
                    .isFalse();
        }
        for (List<byte[]> wrong : corrupted(log.consistency, log.root)) {
            assertThat(Proofs.verifyConsistency(log.oldSize, log.size, log.oldRoot, log.root, wrong))
                    .isFalse();
        }
        assertThat(Proofs.verifyConsistency(log.oldSize, log.size, log.root, log.oldRoot, log.consistency))
                .isFalse();
        assertThat(Proofs.verifyConsistency(log.oldSize - 1, log.size, log.oldRoot, log.root, log.consistency))
                .isFalse();
        assertThat(Proofs.verifyInclusion(10_000, log.size * 2, leaf, log.audit, log.root))
                .isFalse();
        assertThat(Proofs.verifyInclusion(10_000, log.size / 2, leaf, log.audit, log.root))
                .isFalse();
    }

    @Test
    void verifier_keys_of_other_implementations_are_read_and_any_mangling_is_refused() {
        String go = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        VerifierKey peter = VerifierKey.parse(go);
        VerifierKey remora = VerifierKey.parse("remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2");

        assertThat(peter.type()).isEqualTo(VerifierKey.Type.NOTE);
        assertThat(peter.id()).isEqualTo(0xc74f20a3);
        assertThat(peter.text()).isEqualTo(go);
        assertThat(remora.type()).isEqualTo(VerifierKey.Type.COSIGNATURE);
        assertThat(remora.id()).isEqualTo(0xda77ade7);
        for (int i = 0; i < go.length(); i++) {
            String mangled = go.substring(0, i) + (char) (go.charAt(i) + 1) + go.substring(i + 1);
            assertThatThrownBy(() -> VerifierKey.parse(mangled)).isInstanceOf(IllegalArgumentException.class);
            String cut = go.substring(0, i);
            assertThatThrownBy(() -> VerifierKey.parse(cut)).isInstanceOf(IllegalArgumentException.class);
        }
        for (String bad : List.of(
                "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
                "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")) {
            assertThatThrownBy(() -> VerifierKey.parse(bad)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void a_note_of_two_signers_of_the_go_implementation_verifies_under_each() {
        byte[] note = """
                If you think cryptography is the answer to your problem,
                then you don't know what your problem is.

                \u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
                \u2014 EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=
                """.getBytes(StandardCharsets.UTF_8);
        SignedNote parsed = SignedNote.parse(note);

        for (String vkey : List.of(
                "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop")) {
            VerifierKey key = VerifierKey.parse(vkey);
            assertThat(parsed.verifiedBy(key.name(), key.key())).isTrue();
        }
        // The same signer's private key, as that implementation writes it: seed behind the type byte.
        byte[] typed = Base64.getDecoder().decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz");
        Ed25519.Keys keys = Ed25519.fromSeed(Arrays.copyOfRange(typed, 1, typed.length));
        assertThat(SignedNote.sign(parsed.text(), "PeterNeumann", keys)
                        .signatures()
                        .get(0))
                .isEqualTo(parsed.signatures().get(0));
    }

    private static List<List<byte[]>> corrupted(List<byte[]> proof, byte[] root) {
        List<List<byte[]>> wrong = new ArrayList<>();
        for (int i = 0; i < proof.size(); i++) {
            List<byte[]> flipped = new ArrayList<>(proof);
            byte[] hash = proof.get(i).clone();
            hash[0] ^= 8;
            flipped.set(i, hash);
            wrong.add(flipped);
        }
        for (byte[] garbage : List.of(new byte[0], root)) {
            List<byte[]> before = new ArrayList<>(proof);
            before.add(0, garbage);
            List<byte[]> behind = new ArrayList<>(proof);
            behind.add(garbage);
            wrong.addAll(List.of(before, behind));
        }
        wrong.add(proof.subList(0, proof.size() - 1));
        wrong.add(List.of());
        return wrong;
    }

    private static final class Argon {
        private long size;
        private byte[] root = {};
        private byte[] entry = {};
        private long oldSize;
        private byte[] oldRoot = {};
        private final List<byte[]> audit = new ArrayList<>();
        private final List<byte[]> consistency = new ArrayList<>();

        Argon() throws IOException {
            try (InputStream in = Argon.class.getResourceAsStream("/foreign/argon2020.txt")) {
                for (String line : new String(in.readAllBytes(), StandardCharsets.US_ASCII).split("\n")) {
                    String[] words = line.split(" ");
                    switch (words[0]) {
                        case "size" -> size = Long.parseLong(words[1]);
                        case "root" -> root = bytes(words[1]);
                        case "entry" -> entry = bytes(words[2]);
                        case "old_size" -> oldSize = Long.parseLong(words[1]);
                        case "old_root" -> oldRoot = bytes(words[1]);
                        case "audit" -> audit.add(bytes(words[1]));
                        case "consistency" -> consistency.add(bytes(words[1]));
                        default -> assertThat(line).startsWith("#");
                    }
                }
            }
        }

        private static byte[] bytes(String base64) {
            return Base64.getDecoder().decode(base64);
        }
    }

    /** The hex of RFC 6962's rule for an empty tree, so that nobody has to look it up. */
    @Test
    void the_empty_tree_has_the_hash_of_nothing() {
        assertThat(HexFormat.of().formatHex(MerkleTree.emptyRoot()))
                .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
