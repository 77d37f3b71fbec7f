package io.homeostat.ledger;

import static io.homeostat.ledger.testing.LocalCluster.CLIENT;
import static io.homeostat.ledger.testing.LocalCluster.OPERATOR;
import static io.homeostat.ledger.testing.LocalCluster.PATIENCE;
import static io.homeostat.ledger.testing.LocalCluster.READER;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.ledger.testing.Eventually;
import io.homeostat.ledger.testing.LocalCluster;
import io.homeostat.ledger.testing.LocalCluster.Answer;
import io.homeostat.ledger.testing.TileAuditor;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three real nodes, read by a client of C2SP tlog-tiles that shares no code with them. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TilesIT {
    private static final int TRANSFERS = 700;

    @TempDir
    static Path dir;

    private static LocalCluster cluster;
    private static final List<UUID> IDS = new ArrayList<>();

    @BeforeAll
    static void start() {
        cluster = new LocalCluster(dir, 3).startAll();
        Answer made = cluster.post("n1", "/v1/accounts", OPERATOR, """
                {"accounts":[
                 {"id":"world","asset":"EUR","exponent":2,"class":"external","debitsMustNotExceedCredits":false},
                 {"id":"alice","asset":"EUR","exponent":2,"class":"customer","debitsMustNotExceedCredits":true}]}""");
        assertThat(made.status()).as(made.text()).isEqualTo(200);
        List<String> transfers = new ArrayList<>();
        for (int i = 0; i < TRANSFERS; i++) {
            IDS.add(UUID.randomUUID());
            transfers.add("{\"id\":\"" + IDS.get(i) + "\",\"debit\":\"world\",\"credit\":\"alice\",\"amount\":"
                    + (i + 1) + ",\"asset\":\"EUR\"}");
        }
        Answer posted = cluster.post(
                "n1", "/v1/transfers/batch", CLIENT, "{\"transfers\":[" + String.join(",", transfers) + "]}");
        assertThat(posted.status()).as(posted.text()).isEqualTo(200);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void tiles_of_leader_and_follower_give_the_root_that_each_signs() {
        for (String node : List.of(cluster.leader(), cluster.follower())) {
            TileAuditor auditor = new TileAuditor(URI.create(cluster.url(node)), READER);
            Eventually.holds(node + " has the transfers", PATIENCE, () -> auditor.checkpoint() > TRANSFERS);

            assertThat(auditor.rootFromTiles()).isEqualTo(auditor.signedRoot());
            assertThat(auditor.rootFromEntries()).isEqualTo(auditor.signedRoot());
            for (long sequence : new long[] {0, 255, 256, 511, TRANSFERS}) {
                List<byte[]> proof = auditor.inclusionProof(sequence);
                assertThat(auditor.rootOf(sequence, auditor.entry(sequence), proof))
                        .as("leaf %d", sequence)
                        .isEqualTo(auditor.signedRoot());
            }
        }
    }

    @Test
    void a_tile_that_does_not_exist_yet_is_not_found_and_a_partial_one_stays_when_it_is_full() {
        assertThat(cluster.get("n1", "/tile/0/000", READER).body()).hasSize(8192);
        assertThat(cluster.get("n1", "/tile/0/000.p/7", READER).body()).hasSize(7 * 32);
        assertThat(cluster.get("n1", "/tile/1/000.p/2", READER).body()).hasSize(2 * 32);
        Answer later = cluster.get("n1", "/tile/1/000", READER);
        assertThat(later.status()).isEqualTo(404);
        assertThat(later.headers().firstValue("Cache-Control")).isEmpty();
    }

    @Test
    void the_proof_of_a_transfer_is_checked_with_nothing_but_the_answer() {
        for (UUID id : List.of(IDS.get(0), IDS.get(TRANSFERS / 2), IDS.get(TRANSFERS - 1))) {
            Answer answer = cluster.get("n2", "/v1/transfers/" + id + "/proof", READER);
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            JsonNode proof = answer.json();
            byte[] leaf = Base64.getDecoder().decode(proof.path("leaf").asText());
            List<byte[]> hashes = new ArrayList<>();
            proof.path("hashes").forEach(hash -> hashes.add(Base64.getDecoder().decode(hash.asText())));
            String[] checkpoint = proof.path("checkpoint").asText().split("\n");

            assertThat(java.nio.ByteBuffer.wrap(leaf, 18, 16).getLong()).isEqualTo(id.getMostSignificantBits());
            assertThat(Long.parseLong(checkpoint[1]))
                    .isEqualTo(proof.path("size").asLong());
            assertThat(io.homeostat.merkle.Proofs.verifyInclusion(
                            proof.path("sequence").asLong(),
                            proof.path("size").asLong(),
                            io.homeostat.merkle.MerkleTree.leafHash(leaf),
                            hashes,
                            Base64.getDecoder().decode(checkpoint[2])))
                    .isTrue();
        }
    }

    @Test
    void a_rejected_transfer_has_no_leaf_to_prove() {
        UUID poor = UUID.randomUUID();
        cluster.post(
                "n1",
                "/v1/transfers",
                CLIENT,
                "{\"id\":\"" + poor
                        + "\",\"debit\":\"alice\",\"credit\":\"world\",\"amount\":999999999,\"asset\":\"EUR\"}");

        Answer answer = cluster.get("n1", "/v1/transfers/" + poor + "/proof", READER);

        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.text()).contains("no_leaf");
    }
}
