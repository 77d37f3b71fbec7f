package io.homeostat.ledger;

import static io.homeostat.ledger.testing.LocalCluster.HEALER;
import static io.homeostat.ledger.testing.LocalCluster.READER;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.ledger.testing.LocalCluster;
import io.homeostat.ledger.testing.LocalCluster.Answer;
import io.homeostat.merkle.Frames;
import io.homeostat.merkle.SignedNote;
import io.homeostat.merkle.bundle.CaseKind;
import io.homeostat.merkle.bundle.CaseProof;
import io.homeostat.merkle.bundle.GateFollower;
import io.homeostat.merkle.bundle.Genesis;
import io.homeostat.merkle.bundle.Leaf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node answers of a case is what the proof module takes, with nothing but the genesis. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class CaseProofIT {
    @TempDir
    Path dir;

    @Test
    void a_recovery_case_is_proved_by_its_leaf_and_a_head_that_the_node_signed() throws IOException {
        String digest = "ab".repeat(32);
        try (LocalCluster cluster = new LocalCluster(dir, 1).startAll()) {
            Answer opened = cluster.post("n1", "/v1/cases", HEALER, """
                    {"caseId":"recovery:plan-1","payloadDigest":"%s","tier":"wipe","requester":"healer"}""".formatted(digest));
            assertThat(opened.status()).as(opened.text()).isEqualTo(200);

            Answer answer = cluster.get("n1", "/v1/cases/recovery:plan-1/proof", READER);

            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            Genesis genesis = GateFollower.begin(Frames.decode(
                                    cluster.get("n1", "/v1/journal?from=0&limit=1", READER)
                                            .body(),
                                    1 << 16)
                            .get(0))
                    .genesis();
            Leaf.CaseOpened leaf = proof(answer.json()).openedIn(genesis);
            assertThat(leaf.caseId()).isEqualTo("recovery:plan-1");
            assertThat(leaf.kind()).isEqualTo(CaseKind.RECOVERY);
            assertThat(leaf.payloadDigest()).hasToString(digest);
            assertThat(leaf.timeMicros())
                    .isEqualTo(cluster.get("n1", "/v1/cases/recovery:plan-1", READER)
                            .json()
                            .path("openedAtMicros")
                            .asLong());
        }
    }

    private static CaseProof proof(JsonNode json) throws IOException {
        List<byte[]> hashes = new ArrayList<>();
        for (JsonNode hash : json.path("hashes")) {
            hashes.add(hash.binaryValue());
        }
        return new CaseProof(
                json.path("leaf").binaryValue(),
                json.path("sequence").asLong(),
                hashes,
                SignedNote.parse(json.path("checkpoint").asText().getBytes(StandardCharsets.UTF_8)));
    }
}
