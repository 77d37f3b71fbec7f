package io.homeostat.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.cluster.Principal;
import io.homeostat.deploy.cluster.Topology;
import io.homeostat.deploy.platform.EmbeddedKafka;
import io.homeostat.deploy.rest.AnyNode;
import io.homeostat.deploy.rest.Rest;
import io.homeostat.deploy.screen.VerdictRelay;
import io.homeostat.detector.screening.Screening;
import io.homeostat.detector.screening.ScreeningConfig;
import io.homeostat.events.NodeProbe;
import io.homeostat.events.codec.EventCodec;
import io.homeostat.ledger.LedgerNode;
import io.homeostat.ledger.client.LedgerClient;
import io.homeostat.ledger.client.LedgerClientLimits;
import io.homeostat.telemetry.journal.JournalPublisher;
import io.homeostat.telemetry.journal.JournalPublisherConfig;
import io.opentelemetry.api.OpenTelemetry;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole way of a transfer that is screened: real nodes, the journal on a real broker, the Flink job, the signer, and back.
 * {@code -Dscreening.measure=N} measures N verdicts under load and prints them.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ScreenedTransferIT {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    /** Of the demo's policy: a tenth of the people's tier. */
    private static final long SCREENED_FROM = 100_000_00L;

    private static final int CUSTOMERS = 20;

    @TempDir
    static Path dir;

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private ClusterDirectory cluster;
    private LedgerClient client;
    private VerdictRelay relay;
    private Random random;

    @BeforeAll
    void a_ledger_that_screens_and_a_history() throws Exception {
        cluster = ClusterDirectory.openOrCreate(
                dir.resolve("cluster"),
                ClusterDirectory.Plan.onAnyPort(3, false).withScreening(true));
        // A slow machine must not turn a verdict into a late one: here the screen has minutes.
        String genesis = Files.readString(cluster.genesisFile());
        assertThat(genesis).contains("\"screenMillis\" : 2000");
        Files.writeString(
                cluster.genesisFile(), genesis.replace("\"screenMillis\" : 2000", "\"screenMillis\" : 600000"));
        Topology topology = cluster.topology();
        parts.push(EmbeddedKafka.start(
                cluster.data().resolve("kafka"),
                topology.kafka().port(),
                topology.kafka().controllerPort()));
        List<LedgerNode> nodes = new ArrayList<>();
        for (Topology.Node node : topology.nodes()) {
            LedgerNode started = LedgerNode.start(NodeCommand.config(cluster, node, false), OpenTelemetry.noop());
            parts.push(started);
            nodes.add(started);
        }
        for (LedgerNode node : nodes) {
            node.serving().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
        for (Topology.Node node : topology.nodes()) {
            Leading leading = new Leading(node);
            parts.push(leading);
            parts.push(JournalPublisher.start(new JournalPublisherConfig(
                    node.id(),
                    URI.create(node.url()),
                    cluster.tokenFile(Principal.SIDECAR),
                    topology.kafka().bootstrap(),
                    leading,
                    Duration.ofMillis(100),
                    cluster.tls(node.id()))));
        }
        parts.push(Screening.start(
                ScreeningConfig.of(topology.kafka().bootstrap(), cluster.data().resolve("screening"))));
        relay = VerdictRelay.start(ScreenerCommand.relay(cluster));
        parts.push(relay);
        client = new LedgerClient(
                topology.urls().stream().map(URI::create).toList(),
                cluster.token(Principal.LOAD),
                LedgerClientLimits.DEFAULTS,
                cluster.clientTls());
        random = new Random(5);
        history();
    }

    @AfterAll
    void stop() throws Exception {
        while (!parts.isEmpty()) {
            parts.pop().close();
        }
    }

    @Test
    void a_clear_one_posts_an_odd_one_goes_to_people_with_reasons_and_a_forged_verdict_changes_nothing()
            throws Exception {
        // Ordinary here: this corridor pays such sums every time.
        UUID clear = UUID.randomUUID();
        ask(new LedgerClient.Transfer(clear, "big1", "big2", SCREENED_FROM, "EUR"));
        await("the clear one to post", () -> status(clear).equals("posted"));

        UUID odd = UUID.randomUUID();
        ask(new LedgerClient.Transfer(odd, "c3", "c17", 9 * SCREENED_FROM, "EUR"));
        assertThat(forged(odd).status())
                .as("another payload and no signature, or the screen was faster")
                .isIn(403, 409);
        await("a case for people", () -> caseState("transfer:" + odd).equals("open"));
        await(
                "two verdicts",
                () -> relay.counts().clear() >= 1 && relay.counts().odd() >= 1);

        assertThat(status(odd)).isEqualTo("held");
        Map<String, Object> evidence = evidence(odd);
        assertThat(evidence).containsEntry("verdict", "odd");
        assertThat(evidence.get("reasons")).asString().contains("one transfer in");
        assertThat(evidence(clear)).containsEntry("verdict", "clear");
    }

    /** Verdicts one after another under a load of ordinary transfers. */
    @Test
    @EnabledIfSystemProperty(named = "screening.measure", matches = "[0-9]+")
    void measure() throws Exception {
        int verdicts = Integer.getInteger("screening.measure", 500);
        int rate = Integer.getInteger("screening.rate", 500);
        Thread load = new Thread(
                () -> {
                    Random dice = new Random(9);
                    while (!Thread.currentThread().isInterrupted()) {
                        ordinary(dice, rate / 10);
                        LockSupport.parkNanos(100_000_000L);
                    }
                },
                "load");
        load.setDaemon(true);
        load.start();
        for (int i = 0; i < verdicts; i++) {
            assertThat(client.batch(List.of(
                            transfer("world", "big1", SCREENED_FROM - 1),
                            transfer("world", "big1", SCREENED_FROM - 1))))
                    .allMatch(LedgerClient.Outcome::accepted);
        }
        VerdictRelay.Counts before = relay.counts();
        for (int i = 0; i < verdicts; i++) {
            client.transfer(new LedgerClient.Transfer(UUID.randomUUID(), "big1", "big2", SCREENED_FROM + i, "EUR"));
            LockSupport.parkNanos(20_000_000L);
        }
        await(
                "all verdicts",
                () -> relay.counts().clear()
                                + relay.counts().odd()
                                + relay.counts().refused()
                                + relay.counts().late()
                        >= before.clear() + before.odd() + before.refused() + before.late() + verdicts);
        load.interrupt();
        System.out.println("screening.measure verdicts=" + verdicts + " load_per_s=" + rate + " " + relay.counts());
    }

    private Rest.Answer forged(UUID transfer) throws IOException {
        return any().post(
                        "/v1/transfers/" + transfer + "/verdict",
                        Map.of(
                                "keyId",
                                ClusterDirectory.SCREENER,
                                "verdict",
                                "clear",
                                "payloadDigest",
                                "ab".repeat(32),
                                "expiresAtMicros",
                                System.currentTimeMillis() * 1000,
                                "evidenceDigest",
                                "cd".repeat(32),
                                "signature",
                                Base64.getEncoder().encodeToString(new byte[64])));
    }

    private void history() throws IOException {
        List<LedgerClient.Account> accounts = new ArrayList<>();
        accounts.add(new LedgerClient.Account("world", "EUR", 2, "external", false));
        for (int i = 0; i < CUSTOMERS; i++) {
            accounts.add(new LedgerClient.Account("c" + i, "EUR", 2, "customer", true));
        }
        accounts.add(new LedgerClient.Account("big1", "EUR", 2, "customer", true));
        accounts.add(new LedgerClient.Account("big2", "EUR", 2, "customer", true));
        await("the accounts", () -> client.createAccounts(accounts).ok());
        List<LedgerClient.Transfer> funds = new ArrayList<>();
        for (int round = 0; round < 30; round++) {
            for (int i = 0; i < CUSTOMERS; i++) {
                funds.add(transfer("world", "c" + i, SCREENED_FROM - 1));
            }
            funds.add(transfer("world", "big1", SCREENED_FROM - 1));
            funds.add(transfer("world", "big1", SCREENED_FROM - 1));
            funds.add(transfer("big1", "big2", SCREENED_FROM / 2 + random.nextInt((int) SCREENED_FROM / 2 - 1)));
        }
        await("the funds", () -> client.batch(funds).stream().allMatch(LedgerClient.Outcome::accepted));
        ordinary(random, 600);
    }

    /** Held, or already posted when the answer came late and the same was asked again. */
    private void ask(LedgerClient.Transfer transfer) {
        await(
                "it to be held",
                () -> List.of("held", "posted")
                        .contains(client.transfer(transfer).status()));
    }

    private void ordinary(Random dice, int count) {
        List<LedgerClient.Transfer> transfers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int payer = dice.nextInt(CUSTOMERS);
            transfers.add(transfer(
                    "c" + payer, "c" + (payer + 1 + dice.nextInt(3)) % CUSTOMERS, 1_000 + dice.nextInt(9_000)));
        }
        var unused = client.batch(transfers);
    }

    private static LedgerClient.Transfer transfer(String from, String to, long amount) {
        return new LedgerClient.Transfer(UUID.randomUUID(), from, to, amount, "EUR");
    }

    /** Asks twice a second, as a sidecar's probe does, and in a thread of its own, so that nothing waits for the answer. */
    private final class Leading implements BooleanSupplier, AutoCloseable {
        private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
        private volatile boolean leads;

        Leading(Topology.Node node) {
            thread.scheduleWithFixedDelay(() -> leads = leads(node), 0, 500, TimeUnit.MILLISECONDS);
        }

        @Override
        public boolean getAsBoolean() {
            return leads;
        }

        @Override
        public void close() {
            thread.shutdownNow();
        }
    }

    private boolean leads(Topology.Node node) {
        try {
            Rest control = Rest.of(
                            cluster.http(),
                            node.controlUrl(),
                            ClusterDirectory.readSecret(cluster.controlTokenFile(node.id())))
                    .within(Duration.ofSeconds(2));
            NodeProbe probe =
                    EventCodec.read(control.get("/control/status").orFail().body(), NodeProbe.class);
            return probe.role().equals("leader");
        } catch (IOException | IllegalStateException e) {
            return false;
        }
    }

    private AnyNode any() {
        return AnyNode.of(cluster.http(), cluster.topology().urls(), cluster.token(Principal.OPERATOR));
    }

    private String status(UUID transfer) {
        return client.transferState(transfer).json().path("status").asText();
    }

    private String caseState(String caseId) {
        try {
            JsonNode answer = any().get("/v1/cases/" + caseId).json();
            return answer.path("state").asText(answer.path("case").path("state").asText());
        } catch (IOException e) {
            return "";
        }
    }

    private Map<String, Object> evidence(UUID transfer) throws IOException {
        Path folder = cluster.data().resolve("screening").resolve("evidence");
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                byte[] bytes = Files.readAllBytes(file);
                Map<String, Object> map = EventCodec.readMap(bytes);
                if (transfer.toString().equals(map.get("transfer"))) {
                    assertThat(file.getFileName()).hasToString(EventCodec.sha256Hex(bytes) + ".json");
                    return map;
                }
            }
        }
        throw new AssertionError("no evidence of " + transfer + " in " + folder);
    }

    /** Looks again until the deadline; what is awaited is the property, not a time. */
    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("expected " + what + " within " + PATIENCE);
            }
            LockSupport.parkNanos(20_000_000L);
        }
    }
}
