package io.homeostat.ledger;

import static io.homeostat.ledger.testing.LocalCluster.CLIENT;
import static io.homeostat.ledger.testing.LocalCluster.OPERATOR;
import static io.homeostat.ledger.testing.LocalCluster.READER;
import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.testing.Eventually;
import io.homeostat.ledger.testing.LocalCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A stop of writes, demands for zones and stale reads, on three real replicas. The last test stops one of them. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class MaintenanceIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    static Path dir;

    private static LocalCluster cluster;

    @BeforeAll
    static void start() {
        cluster = new LocalCluster(dir, 3).startAll();
        cluster.post(cluster.leader(), "/v1/accounts", OPERATOR, """
                {"accounts":[{"id":"bank","asset":"EUR","exponent":2,"class":"external","debitsMustNotExceedCredits":false},
                {"id":"ada","asset":"EUR","exponent":2,"class":"customer","debitsMustNotExceedCredits":true}]}
                """);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static String transfer() {
        return "{\"id\":\"" + UUID.randomUUID()
                + "\",\"debit\":\"bank\",\"credit\":\"ada\",\"amount\":1,\"asset\":\"EUR\"}";
    }

    @Test
    @Order(1)
    void writes_are_refused_by_every_node_and_reads_go_on_until_it_is_lifted() {
        String order = "{\"reason\":\"new disks\",\"seconds\":600}";
        assertThat(cluster.post(cluster.leader(), "/v1/maintenance", CLIENT, order)
                        .status())
                .isEqualTo(403);
        assertThat(cluster.post(cluster.follower(), "/v1/maintenance", OPERATOR, order)
                        .status())
                .isEqualTo(200);

        for (String node : cluster.ids()) {
            LocalCluster.Answer refused = cluster.post(node, "/v1/transfers", CLIENT, transfer());
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.json().path("reason").asText()).isEqualTo("maintenance");
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            LocalCluster.Answer batch = cluster.post(
                    node, "/v1/transfers/batch", CLIENT, "{\"transfers\":[" + transfer() + "," + transfer() + "]}");
            assertThat(batch.status()).isEqualTo(503);
            assertThat(cluster.get(node, "/v1/accounts/ada", READER).status()).isEqualTo(200);
            LocalCluster.Answer shown = cluster.get(node, "/v1/maintenance", READER);
            assertThat(shown.json().path("active").asBoolean()).isTrue();
            assertThat(shown.json().path("by").asText()).isEqualTo("ops");
            assertThat(shown.json().path("reason").asText()).isEqualTo("new disks");
        }

        assertThat(cluster.send(cluster.follower(), "DELETE", "/v1/maintenance", OPERATOR, null)
                        .status())
                .isEqualTo(200);
        assertThat(cluster.post(cluster.leader(), "/v1/transfers", CLIENT, transfer())
                        .status())
                .isEqualTo(200);
        assertThat(cluster.send(cluster.leader(), "DELETE", "/v1/maintenance", OPERATOR, null)
                        .json()
                        .path("reason")
                        .asText())
                .isEqualTo("not_in_maintenance");
    }

    @Test
    @Order(2)
    void it_ends_by_itself_when_nobody_lifts_it() {
        cluster.post(cluster.leader(), "/v1/maintenance", OPERATOR, "{\"reason\":\"short\",\"seconds\":1}");

        Eventually.holds(
                "writes go on",
                PATIENCE,
                () -> cluster.post(cluster.leader(), "/v1/transfers", CLIENT, transfer())
                                .status()
                        == 200);
    }

    @Test
    @Order(3)
    void its_length_and_reason_are_bounded() {
        for (String body : List.of(
                "{\"reason\":\"x\",\"seconds\":0}",
                "{\"reason\":\"x\",\"seconds\":604801}",
                "{\"reason\":\"\",\"seconds\":5}",
                "{\"seconds\":5}")) {
            assertThat(cluster.post(cluster.leader(), "/v1/maintenance", OPERATOR, body)
                            .status())
                    .as(body)
                    .isEqualTo(400);
        }
    }

    @Test
    @Order(4)
    void an_answer_waits_for_the_zones_that_were_demanded() {
        LocalCluster.Answer all = cluster.post(cluster.follower(), "/v1/transfers?zones=3", CLIENT, transfer());

        assertThat(all.status()).isEqualTo(200);
        assertThat(all.json().path("zones").asInt()).isEqualTo(3);
        assertThat(all.json().path("heldBy").size()).isEqualTo(3);
        assertThat(all.headers().firstValue("Homeostat-Zones")).hasValue("demanded=3, reached=3");
        assertThat(cluster.post(cluster.leader(), "/v1/transfers?zones=4", CLIENT, transfer())
                        .status())
                .isEqualTo(400);
    }

    @Test
    @Order(5)
    void a_read_from_one_node_states_how_stale_it_may_be() {
        String follower = cluster.follower();

        assertThat(cluster.get(follower, "/v1/nodes", READER).headers().firstValue("Homeostat-Staleness"))
                .hasValueSatisfying(text -> assertThat(text).matches("index=\\d+, lag=\\d+, age_ms=\\d+"));
        assertThat(cluster.get(follower, "/v1/accounts/ada", READER).headers().firstValue("Homeostat-Staleness"))
                .isEmpty();
        assertThat(cluster.getLocal(follower, "/v1/accounts/ada", READER)
                        .headers()
                        .firstValue("Homeostat-Staleness"))
                .isPresent();
    }

    @Test
    @Order(6)
    void with_a_zone_lost_a_write_is_committed_and_the_answer_says_what_is_missing() {
        String lost = cluster.follower();
        cluster.stop(lost);
        Eventually.holds(
                "a leader serves",
                PATIENCE,
                () -> cluster.post(cluster.leader(), "/v1/transfers", CLIENT, transfer())
                                .status()
                        == 200);

        LocalCluster.Answer two = cluster.post(cluster.leader(), "/v1/transfers?zones=2", CLIENT, transfer());
        LocalCluster.Answer three = cluster.post(cluster.leader(), "/v1/transfers?zones=3", CLIENT, transfer());

        assertThat(two.status()).isEqualTo(200);
        assertThat(three.status()).isEqualTo(202);
        assertThat(three.json().path("status").asText()).isEqualTo("posted");
        assertThat(three.json().path("zones").asInt()).isEqualTo(2);
        assertThat(three.headers().firstValue("Homeostat-Zones")).hasValue("demanded=3, reached=2");

        cluster.stop(cluster.follower());
        // One of three: what it is asked to write it refuses, or does not know the fate of.
        String alone = cluster.ids().get(0);
        Eventually.holds(
                "the minority refuses",
                PATIENCE,
                () -> cluster.post(alone, "/v1/transfers", CLIENT, transfer()).status() == 503);
        LocalCluster.Answer refused = cluster.post(alone, "/v1/transfers", CLIENT, transfer());
        assertThat(refused.json().path("detail").asText()).isNotEmpty();
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
    }
}
