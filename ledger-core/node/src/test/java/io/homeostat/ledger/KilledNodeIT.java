package io.homeostat.ledger;

import static io.homeostat.ledger.testing.LocalCluster.CLIENT;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.ledger.client.LedgerClient;
import io.homeostat.ledger.client.LedgerClientLimits;
import io.homeostat.ledger.testing.Eventually;
import io.homeostat.ledger.testing.LocalCluster;
import io.homeostat.ledger.testing.NodeProcess;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real process is killed while clients write and old transfers go to disk: nobody is ever told two things. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class KilledNodeIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int CLIENTS = 4;
    private static final int TRANSFERS_EACH = 100;
    private static final List<Integer> KILLS_AT = List.of(120, 280);
    /** More than alice ever has. */
    private static final long TOO_MUCH = 1_000_000;

    @TempDir
    Path dir;

    private final Map<LedgerClient.Transfer, LedgerClient.Outcome> told = new ConcurrentHashMap<>();
    private final ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);

    @AfterEach
    void stop() {
        clients.shutdownNow();
    }

    @Test
    void after_kill_9_under_load_every_old_id_has_the_answer_that_its_client_was_given() throws Exception {
        try (LocalCluster files = new LocalCluster(dir, 1);
                NodeProcess node = new NodeProcess(files.config("n1", true, false), dir.resolve("node.out"))) {
            LedgerClient client = new LedgerClient(
                    List.of(URI.create(files.url("n1"))), CLIENT, LedgerClientLimits.DEFAULTS.withDeadline(PATIENCE));
            Eventually.holds(
                    "accounts are made",
                    PATIENCE,
                    () -> files.post("n1", "/v1/accounts", LocalCluster.OPERATOR, """
                            {"accounts":[
                             {"id":"world","asset":"EUR","exponent":2,"class":"external","debitsMustNotExceedCredits":false},
                             {"id":"alice","asset":"EUR","exponent":2,"class":"customer","debitsMustNotExceedCredits":true}]}""")
                                    .status()
                            == 200);

            List<CompletableFuture<Void>> load = IntStream.range(0, CLIENTS)
                    .mapToObj(each -> CompletableFuture.runAsync(() -> write(client), clients))
                    .toList();
            for (int kill : KILLS_AT) {
                Eventually.holds(kill + " answers", PATIENCE, () -> told.size() >= kill);
                node.killAndStart(dir.resolve("node.out"));
            }
            load.forEach(CompletableFuture::join);

            assertThat(told).hasSize(CLIENTS * TRANSFERS_EACH);
            Map<UUID, JsonNode> before = states(client);
            node.killAndStart(dir.resolve("node.out"));
            assertThat(states(client)).isEqualTo(before);
            told.forEach((transfer, outcome) -> assertSame(client.transfer(transfer), outcome));
            long accepted = told.values().stream()
                    .filter(LedgerClient.Outcome::accepted)
                    .count();
            assertThat(files.get("n1", "/v1/accounts/alice", LocalCluster.READER)
                            .json()
                            .path("creditsPosted")
                            .asLong())
                    .as("each accepted transfer counted once")
                    .isEqualTo(accepted);
        }
    }

    private void write(LedgerClient client) {
        for (int i = 0; i < TRANSFERS_EACH; i++) {
            boolean refused = i % 10 == 9;
            LedgerClient.Transfer transfer = new LedgerClient.Transfer(
                    UUID.randomUUID(),
                    refused ? "alice" : "world",
                    refused ? "world" : "alice",
                    refused ? TOO_MUCH : 1,
                    "EUR");
            told.put(transfer, client.transfer(transfer));
        }
    }

    private Map<UUID, JsonNode> states(LedgerClient client) {
        List<UUID> ids = new ArrayList<>();
        told.keySet().forEach(transfer -> ids.add(transfer.id()));
        ids.sort(null);
        Map<UUID, JsonNode> states = new LinkedHashMap<>();
        ids.forEach(id -> states.put(id, client.transferState(id).json()));
        return states;
    }

    /** Both are duplicates later, and neither is ever told as the other. */
    private static void assertSame(LedgerClient.Outcome again, LedgerClient.Outcome first) {
        assertThat(again.kind()).as("%s and %s", first, again).isEqualTo(first.kind());
        assertThat(again.reason()).as("%s and %s", first, again).isEqualTo("duplicate");
        assertThat(again.status()).isEqualTo(first.accepted() ? "posted" : "rejected");
        assertThat(first.kind()).isIn(LedgerClient.Kind.ACCEPTED, LedgerClient.Kind.REFUSED);
    }
}
