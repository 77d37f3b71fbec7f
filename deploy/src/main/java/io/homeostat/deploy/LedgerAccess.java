package io.homeostat.deploy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.homeostat.approvals.change.GateChange;
import io.homeostat.approvals.ledger.LedgerPolicy;
import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.cluster.Principal;
import io.homeostat.deploy.rest.AnyNode;
import io.homeostat.deploy.rest.Rest;
import java.io.IOException;
import picocli.CommandLine.Mixin;

/** Options of the commands about policy and keys, and what they ask of a ledger. */
final class LedgerAccess {
    private static final ObjectMapper LENIENT = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    @Mixin
    private DataOption data = new DataOption();

    @Mixin
    private JsonOption json = new JsonOption();

    boolean json() {
        return json.wanted();
    }

    /** {@code GET /v1/policy} as it came. */
    JsonNode policy() throws IOException {
        return any().get("/v1/policy").orFail().json();
    }

    static LedgerPolicy read(JsonNode policy) throws IOException {
        return as(policy, LedgerPolicy.class);
    }

    static <T> T as(JsonNode json, Class<T> type) throws IOException {
        try {
            return LENIENT.treeToValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IOException(
                    "the ledger's answer is no " + type.getSimpleName() + ": " + e.getOriginalMessage(), e);
        }
    }

    static void print(JsonNode node) throws IOException {
        System.out.println(Rest.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(node));
    }

    /** Words first, then before and after. */
    static void print(GateChange change, java.io.PrintStream out) {
        out.println(change.title());
        change.words().forEach(w -> out.println((w.asksForLess() ? "  ! " : "    ") + w.text()));
        change.diff().forEach(line -> out.println("  " + (line.mark() == '=' ? ' ' : line.mark()) + " " + line.text()));
    }

    AnyNode any() {
        ClusterDirectory cluster = data.open();
        return AnyNode.of(cluster.http(), cluster.topology().urls(), cluster.token(Principal.OPERATOR));
    }
}
