package io.homeostat.ledger.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.homeostat.ledger.state.CommandCodec;
import io.homeostat.ledger.state.EncodedCommands;
import java.nio.BufferUnderflowException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;

/**
 * Bodies of requests from anybody. Only a {@link Problem} may come, which is the answer to the client; and what is taken must
 * be a command that the state machine can read. Regression over the seeds by default; {@code -Pfuzz} looks for more.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class HttpFuzzTest {
    private static final UUID ID = new UUID(1, 2);

    private static void judged(byte[] body, Json.Reading<io.homeostat.ledger.state.Command> reading) {
        try {
            CommandCodec.encodeAll(List.of(Json.read(body, reading)));
        } catch (Problem declared) {
            assertThat(declared.status()).isBetween(400, 422);
        }
    }

    @FuzzTest(maxDuration = "30s")
    void a_transfer_in_json(byte[] body) {
        judged(body, json -> TransferRoutes.transfer(json, new Json.Fields(json, TransferRoutes.FIELDS), "shop"));
    }

    @FuzzTest(maxDuration = "30s")
    void a_reversal_in_json(byte[] body) {
        judged(body, json -> TransferBody.reversal(json, ID, "shop"));
    }

    @FuzzTest(maxDuration = "30s")
    void an_approval_in_json(byte[] body) {
        judged(body, json -> CaseRoutes.approval(json, "transfer:" + ID));
    }

    @FuzzTest(maxDuration = "30s")
    void a_verdict_in_json(byte[] body) {
        judged(body, json -> CaseRoutes.verdict(json, ID));
    }

    @FuzzTest(maxDuration = "30s")
    void a_recovery_case_in_json(byte[] body) {
        judged(body, CaseRoutes::recovery);
    }

    /** Here an {@link IllegalArgumentException} names the member; the route makes the problem of it. */
    @FuzzTest(maxDuration = "30s")
    void a_change_of_policy_or_keys_in_json(byte[] body) {
        String json = new String(body, StandardCharsets.UTF_8);
        try {
            PolicyJson.policyChange(json);
        } catch (IllegalArgumentException declared) {
            // The route answers 400 with its message.
        }
        try {
            PolicyJson.keyChange(json);
        } catch (IllegalArgumentException declared) {
            // As above.
        }
    }

    @FuzzTest(maxDuration = "30s")
    void a_batch_in_protobuf(byte[] body) {
        EncodedCommands commands;
        try {
            commands = TransferBatchProto.read(body, "shop", 100);
        } catch (Problem declared) {
            assertThat(declared.status()).isBetween(400, 422);
            return;
        }
        byte[] entry = CommandCodec.entry(List.of(commands));
        assertThat(CommandCodec.decode(entry).commands()).hasSize(commands.count());
    }

    @FuzzTest(maxDuration = "30s")
    void a_frame_of_relayed_transfers(byte[] frame) {
        try {
            assertThat(RelayFrame.write(RelayFrame.read(frame))).isEqualTo(frame);
        } catch (Problem declared) {
            assertThat(declared.status()).isBetween(400, 422);
        }
        try {
            RelayFrame.readAnswers(frame);
        } catch (BufferUnderflowException declared) {
            // The relay takes it for an outcome that is not known.
        }
    }
}
