package io.homeostat.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.UUID;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** Approval text and transfer payload, byte for byte. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SignedTextsTest {
    @Test
    void the_approval_text_has_six_lines() {
        byte[] payload = MerkleTree.sha256("payload".getBytes(StandardCharsets.UTF_8));
        byte[] reason = MerkleTree.sha256("checked".getBytes(StandardCharsets.UTF_8));

        ApprovalText text = new ApprovalText("transfer:6f1c2f3e", payload, true, 1_795_182_000_000_000L, reason);

        assertThat(new String(text.bytes(), StandardCharsets.UTF_8)).isEqualTo("""
                homeostat approval v1
                case: transfer:6f1c2f3e
                payload: 239f59ed55e737c77147cf55ad0c1b030b6d7ee748a7426952f9b852d5a935e5
                decision: approve
                expires: 1795182000000000
                reason: e61a3d78c65133c7260c43e719d97c46e16bd50c64ee7800536cf14c6407a617
                """);
        assertThat(new ApprovalText("c", payload, false, 1, reason).text()).contains("decision: deny\n");
    }

    @Test
    void a_case_id_that_could_forge_a_line_is_refused() {
        assertThatThrownBy(() -> new ApprovalText("a\ndecision: approve", new byte[32], false, 1, new byte[32]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ApprovalText("a", new byte[31], false, 1, new byte[32]))
                .hasMessageContaining("payloadDigest");
    }

    @Test
    void a_signature_holds_for_its_own_text_only() {
        Ed25519.Keys keys = Ed25519.generate();
        ApprovalText text = new ApprovalText("transfer:a", new byte[32], true, 5, new byte[32]);
        byte[] signature = keys.sign(text.bytes());

        assertThat(text.signedBy(keys.publicKey(), signature)).isTrue();
        assertThat(new ApprovalText("transfer:a", new byte[32], false, 5, new byte[32])
                        .signedBy(keys.publicKey(), signature))
                .isFalse();
        assertThat(new ApprovalText("transfer:a", new byte[32], true, 6, new byte[32])
                        .signedBy(keys.publicKey(), signature))
                .isFalse();
    }

    @Test
    void the_transfer_payload_is_laid_out_as_documented() {
        TransferPayload payload = new TransferPayload(
                UUID.fromString("00010203-0405-0607-0809-0a0b0c0d0e0f"), "a", "bc", "EUR", 258, "desk");

        assertThat(HexFormat.of().formatHex(payload.bytes()))
                .isEqualTo(HexFormat.of().formatHex("homeostat transfer v1\n".getBytes(StandardCharsets.US_ASCII))
                        + "000102030405060708090a0b0c0d0e0f"
                        + "000161"
                        + "00026263"
                        + "0003455552"
                        + "0000000000000102"
                        + "00046465736b");
    }
}
