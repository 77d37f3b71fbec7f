package io.homeostat.ledger.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.homeostat.ledger.client.LedgerClient.Kind;
import io.homeostat.ledger.testing.HalfAnswer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LedgerClientTest {
    private static final UUID ID = new UUID(1, 2);
    private static final LedgerClient.Transfer TRANSFER = new LedgerClient.Transfer(ID, "a", "b", 5, "EUR");
    private static final LedgerClientLimits QUICK = new LedgerClientLimits(
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            Duration.ofMillis(300),
            Duration.ofMillis(5),
            Duration.ofMillis(20));
    private static final LedgerClientLimits PATIENT = QUICK.withDeadline(Duration.ofSeconds(60));
    private final Deque<String> script = new ArrayDeque<>();
    private final List<String> bodies = Collections.synchronizedList(new ArrayList<>());
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    /** Answers the next line of the script, {@code status body}; the last one for ever. */
    private synchronized void answer(HttpExchange exchange) throws IOException {
        bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        String line = script.size() > 1 ? script.poll() : script.peek();
        byte[] body = line.substring(4).getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(Integer.parseInt(line.substring(0, 3)), body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @Test
    void an_endpoint_that_stands_still_in_the_middle_of_its_answer_is_left_for_the_next() throws IOException {
        script.add("200 {\"id\":\"" + ID + "\",\"status\":\"posted\"}");
        LedgerClientLimits limits = new LedgerClientLimits(
                Duration.ofSeconds(1), PATIENT.connect(), PATIENT.deadline(), PATIENT.backoff(), PATIENT.backoffMax());
        try (HalfAnswer still = new HalfAnswer()) {
            LedgerClient client = new LedgerClient(List.of(still.url(), url()), "token", limits);

            assertThat(client.transferAsync(TRANSFER))
                    .succeedsWithin(Duration.ofSeconds(60))
                    .extracting(LedgerClient.Outcome::kind)
                    .isEqualTo(Kind.ACCEPTED);
        }
    }

    private LedgerClient client(URI... endpoints) {
        return new LedgerClient(List.of(endpoints), "token", PATIENT);
    }

    private LedgerClient hasty(URI... endpoints) {
        return new LedgerClient(List.of(endpoints), "token", QUICK);
    }

    private static String posted() {
        return "200 {\"id\":\"" + ID + "\",\"status\":\"posted\",\"index\":7}";
    }

    private static URI nobody() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return URI.create("http://127.0.0.1:" + socket.getLocalPort());
        }
    }

    @Test
    void a_transfer_is_sent_again_under_its_id_until_it_has_an_outcome() {
        script.addAll(List.of("503 {}", "504 {}", posted()));

        LedgerClient.Outcome outcome = client(url()).transfer(TRANSFER);

        assertThat(outcome).isEqualTo(new LedgerClient.Outcome(ID, Kind.ACCEPTED, "posted", "", "", 7));
        assertThat(bodies).hasSize(3);
        assertThat(bodies).allMatch(body -> body.equals(bodies.get(0)));
    }

    @Test
    void a_refusal_is_final_and_not_sent_again() {
        script.add("422 {\"reason\":\"insufficient_funds\"}");

        LedgerClient.Outcome outcome = client(url()).transfer(TRANSFER);

        assertThat(outcome.kind()).isEqualTo(Kind.REFUSED);
        assertThat(outcome.reason()).isEqualTo("insufficient_funds");
        assertThat(bodies).hasSize(1);
    }

    @Test
    void an_endpoint_that_refuses_connections_is_left_for_the_next() throws IOException {
        script.add(posted());

        assertThat(client(nobody(), url()).transfer(TRANSFER).accepted()).isTrue();
    }

    @Test
    void when_nobody_took_it_the_outcome_is_unavailable_and_not_unknown() throws IOException {
        script.add("503 {}");

        assertThat(hasty(url(), nobody()).transfer(TRANSFER).kind()).isEqualTo(Kind.UNAVAILABLE);
    }

    @Test
    void when_somebody_may_have_taken_it_the_outcome_is_unknown() {
        script.addAll(List.of("504 {}", "503 {}"));

        assertThat(hasty(url()).transfer(TRANSFER).kind()).isEqualTo(Kind.UNKNOWN);
    }

    @Test
    void each_transfer_of_a_batch_has_its_own_outcome() {
        String duplicate = field(2, "posted") + field(3, "duplicate");
        String refused = "\b\u0001" + field(2, "rejected") + field(3, "insufficient_funds");
        script.add("200 \b\t\u0010\u0001" + field(3, duplicate) + field(3, refused));

        List<LedgerClient.Outcome> outcomes = client(url()).batch(List.of(TRANSFER, TRANSFER));

        assertThat(outcomes).extracting(LedgerClient.Outcome::kind).containsExactly(Kind.ACCEPTED, Kind.REFUSED);
        assertThat(outcomes)
                .extracting(LedgerClient.Outcome::reason)
                .containsExactly("duplicate", "insufficient_funds");
        assertThat(outcomes).extracting(LedgerClient.Outcome::index).containsOnly(9L);
    }

    @Test
    void an_answer_to_a_batch_that_can_not_be_read_leaves_the_outcome_unknown() {
        script.add("200 " + field(3, "cut").substring(0, 3));

        List<LedgerClient.Outcome> outcomes = client(url()).batch(List.of(TRANSFER));

        assertThat(outcomes).extracting(LedgerClient.Outcome::kind).containsExactly(Kind.UNKNOWN);
    }

    /** A protobuf field of text; everything in it is ASCII, so characters are bytes. */
    private static String field(int number, String text) {
        return (char) (number << 3 | 2) + String.valueOf((char) text.length()) + text;
    }
}
