package io.homeostat.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SignedNoteTest {
    private static final Ed25519.Keys KEYS =
            Ed25519.fromSeed(MerkleTree.sha256("node n1".getBytes(StandardCharsets.UTF_8)));

    @Test
    void a_note_that_other_software_signed_verifies() {
        // Published with an implementation in Elixir: verifier key example.com/foo+530d903a+AekyeRrm...
        byte[] note = """
                This is an example message.

                \u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
                """.getBytes(StandardCharsets.UTF_8);
        byte[] typed = Base64.getDecoder().decode("AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
        byte[] key = Arrays.copyOfRange(typed, 1, typed.length);

        SignedNote parsed = SignedNote.parse(note);

        assertThat(SignedNote.keyId("example.com/foo", key)).isEqualTo(0x530d903a);
        assertThat(parsed.text()).isEqualTo("This is an example message.\n");
        assertThat(parsed.verifiedBy("example.com/foo", key)).isTrue();
        assertThat(parsed.verifiedBy("example.com/bar", key)).isFalse();
        assertThat(parsed.encode()).isEqualTo(note);
    }

    @Test
    void a_checkpoint_goes_there_and_back() {
        Checkpoint head = new Checkpoint("demo-ledger", 42, MerkleTree.emptyRoot(), 1_795_182_000_000_000L);

        SignedNote note = new CheckpointSigner("demo-ledger", "n1", KEYS).sign(42, head.root(), head.timeMicros());

        assertThat(note.text())
                .isEqualTo("demo-ledger\n42\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\ntime 1795182000000000\n");
        SignedNote back = SignedNote.parse(note.encode());
        assertThat(back).isEqualTo(note);
        assertThat(Checkpoint.parse(back.text())).isEqualTo(head);
        assertThat(back.verifiedBy("demo-ledger/n1", KEYS.publicKey())).isTrue();
        assertThat(back.verifiedBy("demo-ledger/n2", KEYS.publicKey())).isFalse();
    }

    @Test
    void signatures_of_strangers_are_kept_and_ignored() {
        SignedNote note = SignedNote.sign("text\n", "a/n1", KEYS);
        Ed25519.Keys witness = Ed25519.generate();
        SignedNote cosigned =
                note.with(SignedNote.sign("text\n", "w", witness).signatures().get(0));

        SignedNote back = SignedNote.parse(cosigned.encode());

        assertThat(back.verifiedBy("a/n1", KEYS.publicKey())).isTrue();
        assertThat(back.verifiedBy("w", witness.publicKey())).isTrue();
        assertThat(back.verifiedBy("x", KEYS.publicKey())).isFalse();
    }

    @Test
    void a_known_key_with_a_false_signature_spoils_the_note() {
        SignedNote note = SignedNote.sign("text\n", "a/n1", KEYS);
        SignedNote other = SignedNote.sign("other\n", "a/n1", KEYS);

        assertThat(note.with(other.signatures().get(0)).verifiedBy("a/n1", KEYS.publicKey()))
                .isFalse();
    }

    @Test
    void any_flipped_byte_of_a_signed_checkpoint_is_refused() {
        byte[] note = new CheckpointSigner("demo", "n1", KEYS)
                .sign(7, new byte[32], 1)
                .encode();
        for (int i = 0; i < note.length; i++) {
            byte[] flipped = note.clone();
            flipped[i] ^= 1;
            assertThat(isSigned(flipped)).as("byte %d", i).isFalse();
        }
        assertThat(isSigned(note)).isTrue();
    }

    private static boolean isSigned(byte[] note) {
        try {
            SignedNote parsed = SignedNote.parse(note);
            Checkpoint.parse(parsed.text());
            return parsed.verifiedBy("demo/n1", KEYS.publicKey());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "demo\n",
                "demo\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
                "demo\n01\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\ntime 1\n",
                "demo\n-1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\ntime 1\n",
                "demo\n9999999999999999999\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\ntime 1\n",
                "demo\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU\ntime 1\n",
                "demo\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\ntime 1\n",
                "demo\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hS\ntime 1\n",
                "demo\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\ntime 01\n",
                "demo\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\ntime 1\nmore\n",
                "demo\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\ntime 1",
                "de mo\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\ntime 1\n",
                "\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\ntime 1\n"
            })
    void what_is_not_the_one_form_of_a_checkpoint_is_refused(String text) {
        assertThatThrownBy(() -> Checkpoint.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "text\n",
                "text\n\n",
                "text\n\n\u2014 a\n",
                "text\n\n\u2014 a AAAA\n",
                "text\n\n- a AAAAAAAA\n",
                "text\n\n\u2014 a+b AAAAAAAA\n",
                "text\n\n\u2014 a AAAAAAAA",
                "text\n\n\u2014 a AAAAAAAA\n\n",
                "te\rxt\n\n\u2014 a AAAAAAAA\n",
                "text\n\n\u2014 a  AAAAAAAA\n"
            })
    void what_is_not_a_signed_note_is_refused(String note) {
        assertThatThrownBy(() -> SignedNote.parse(note.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
