package io.homeostat.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.events.ApprovalStatement;
import io.homeostat.events.Decision;
import io.homeostat.merkle.ApprovalText;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** The text that approvers sign is built in two modules that may not import each other: here they are held equal. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ApprovalStatementTest {
    private static final HexFormat HEX = HexFormat.of();

    @Test
    void what_the_kernel_signs_is_what_the_proof_module_verifies() {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 500; i++) {
            byte[] payload = bytes(random);
            byte[] reason = bytes(random);
            boolean approve = random.nextBoolean();
            long expires = i == 0 ? Long.MAX_VALUE : random.nextLong(Long.MAX_VALUE);
            String caseId = (i % 2 == 0 ? "transfer:" : "recovery:") + Long.toHexString(random.nextLong());

            ApprovalStatement statement = new ApprovalStatement(
                    caseId,
                    HEX.formatHex(payload),
                    approve ? Decision.APPROVE : Decision.DENY,
                    expires,
                    HEX.formatHex(reason));
            ApprovalText text = new ApprovalText(caseId, payload, approve, expires, reason);

            assertThat(statement.bytes()).isEqualTo(text.bytes());
        }
    }

    @Test
    void the_text_is_the_documented_one() {
        String digest = "ab".repeat(32);

        byte[] bytes = new ApprovalStatement("transfer:1", digest, Decision.APPROVE, 1795182000000000L, digest).bytes();

        assertThat(new String(bytes, java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo("homeostat approval v1\ncase: transfer:1\npayload: " + digest
                        + "\ndecision: approve\nexpires: 1795182000000000\nreason: " + digest + "\n");
    }

    private static byte[] bytes(SplittableRandom random) {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return bytes;
    }
}
