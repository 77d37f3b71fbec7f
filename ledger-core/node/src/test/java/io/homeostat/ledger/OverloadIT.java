package io.homeostat.ledger;

import static io.homeostat.ledger.testing.LocalCluster.CLIENT;
import static io.homeostat.ledger.testing.LocalCluster.OPERATOR;
import static io.homeostat.ledger.testing.LocalCluster.READER;
import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.testing.LocalCluster;
import io.opentelemetry.api.OpenTelemetry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More clients than a node takes: what they ask for is shed in order, and what ends something is not shed. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class OverloadIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int IN_FLIGHT = 100;
    /** Fewer at once than the room that only they and the attestations of two followers can take: 97 - 90 of 100. */
    private static final int SETTLERS = 2;

    private static final int HOLDS = 60;

    @TempDir
    Path dir;

    @Test
    void reads_and_new_transfers_are_shed_while_holds_are_still_posted() throws Exception {
        try (LocalCluster cluster = new LocalCluster(
                        dir, 3, LedgerNodeLimits.DEFAULTS.withRequestsInFlight(IN_FLIGHT), OpenTelemetry.noop())
                .startAll()) {
            String leader = cluster.leader();
            cluster.post(leader, "/v1/accounts", OPERATOR, """
                    {"accounts":[{"id":"bank","asset":"EUR","exponent":2,"class":"external","debitsMustNotExceedCredits":false},
                    {"id":"ada","asset":"EUR","exponent":2,"class":"customer","debitsMustNotExceedCredits":true}]}
                    """);
            List<UUID> holds = new ArrayList<>();
            for (int i = 0; i < HOLDS; i++) {
                UUID id = UUID.randomUUID();
                holds.add(id);
                assertThat(cluster.post(leader, "/v1/transfers", CLIENT, transfer(id, true))
                                .status())
                        .isEqualTo(200);
            }

            AtomicBoolean going = new AtomicBoolean(true);
            AtomicInteger readsShed = new AtomicInteger();
            AtomicInteger writesShed = new AtomicInteger();
            ExecutorService crowd = Executors.newFixedThreadPool(2 * IN_FLIGHT + SETTLERS);
            try {
                List<Future<?>> load = new ArrayList<>();
                for (int i = 0; i < 2 * IN_FLIGHT; i++) {
                    boolean reads = i % 2 == 0;
                    HttpClient own = HttpClient.newBuilder()
                            .version(HttpClient.Version.HTTP_1_1)
                            .build();
                    load.add(crowd.submit(() -> {
                        while (going.get()) {
                            int status = reads
                                    ? send(own, cluster, leader, "GET", "/v1/accounts/ada", READER, "")
                                    : send(
                                            own,
                                            cluster,
                                            leader,
                                            "POST",
                                            "/v1/transfers",
                                            CLIENT,
                                            transfer(UUID.randomUUID(), false));
                            if (status == 503) {
                                (reads ? readsShed : writesShed).incrementAndGet();
                            }
                        }
                        return null;
                    }));
                }
                List<Future<Integer>> settled = new ArrayList<>();
                for (int i = 0; i < SETTLERS; i++) {
                    List<UUID> share = holds.subList(i * HOLDS / SETTLERS, (i + 1) * HOLDS / SETTLERS);
                    settled.add(crowd.submit(() -> {
                        int shed = 0;
                        HttpClient own = HttpClient.newBuilder()
                                .version(HttpClient.Version.HTTP_1_1)
                                .build();
                        for (UUID id : share) {
                            int status =
                                    send(own, cluster, leader, "POST", "/v1/transfers/" + id + "/post", CLIENT, "{}");
                            shed += status == 200 ? 0 : 1;
                        }
                        return shed;
                    }));
                }
                for (Future<Integer> one : settled) {
                    assertThat(one.get()).as("posted holds that were shed").isZero();
                }
                long deadline = System.nanoTime() + PATIENCE.toNanos();
                while ((readsShed.get() == 0 || writesShed.get() == 0) && System.nanoTime() < deadline) {
                    Thread.onSpinWait();
                }
                going.set(false);
                for (Future<?> one : load) {
                    one.get();
                }
            } finally {
                going.set(false);
                crowd.shutdownNow();
            }

            assertThat(readsShed.get()).isPositive();
            assertThat(writesShed.get()).isPositive();
            assertThat(cluster.get(leader, "/v1/sums", READER)
                            .json()
                            .path("sums")
                            .path("EUR")
                            .asLong(-1))
                    .isZero();
        }
    }

    private static int send(
            HttpClient http, LocalCluster cluster, String node, String method, String path, String token, String body)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(cluster.url(node) + path))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + token);
        if (method.equals("POST")) {
            request.header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body));
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private static String transfer(UUID id, boolean hold) {
        return "{\"id\":\"" + id + "\",\"debit\":\"bank\",\"credit\":\"ada\",\"amount\":1,\"asset\":\"EUR\""
                + (hold ? ",\"hold\":true" : "") + "}";
    }
}
