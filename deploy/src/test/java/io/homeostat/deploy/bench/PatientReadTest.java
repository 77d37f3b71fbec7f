package io.homeostat.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.homeostat.deploy.rest.Rest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class PatientReadTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private final Deque<Integer> statuses = new ArrayDeque<>();
    private HttpServer server;

    @BeforeEach
    void listen() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = "{\"sums\":{}}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(statuses.size() > 1 ? statuses.pop() : statuses.peek(), body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void a_check_that_meets_an_election_is_made_again_until_somebody_leads() {
        statuses.addAll(List.of(503, 429, 500, 200));

        assertThat(PatientRead.get(this::node, "/v1/sums", LONG).status()).isEqualTo(200);
        assertThat(statuses).containsExactly(200);
    }

    @Test
    void nobody_answers_and_the_next_one_asked_does() {
        statuses.add(200);
        Deque<Rest> nodes = new ArrayDeque<>(List.of(Rest.of("http://127.0.0.1:1", "token"), node()));

        assertThat(PatientRead.get(nodes::pop, "/v1/sums", LONG).status()).isEqualTo(200);
    }

    @Test
    void a_refusal_that_will_not_change_is_told_at_once() {
        statuses.addAll(List.of(403, 200));

        assertThatThrownBy(() -> PatientRead.get(this::node, "/v1/sums", LONG))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("answered 403");
    }

    @Test
    void the_patience_has_an_end() {
        statuses.add(503);

        assertThatThrownBy(() -> PatientRead.get(this::node, "/v1/sums", Duration.ofMillis(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("an answer to GET /v1/sums");
    }

    private Rest node() {
        return Rest.of("http://127.0.0.1:" + server.getAddress().getPort(), "token");
    }
}
