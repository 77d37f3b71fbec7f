package io.homeostat.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** The load against a server of this test that answers as it is told. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TransferLoadTest {
    private static final int ENOUGH = 40;
    private static final int CONNECTIONS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final TransferIds ids = new TransferIds(5);
    private final Set<String> bodies = ConcurrentHashMap.newKeySet();
    private final AtomicInteger answered = new AtomicInteger();
    private final CountDownLatch enough = new CountDownLatch(ENOUGH);
    private final ExecutorService workers = Executors.newFixedThreadPool(8);
    private HttpServer server;

    @BeforeEach
    void listen() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(workers);
    }

    @AfterEach
    void close() {
        server.stop(0);
        workers.shutdownNow();
    }

    @Test
    void a_closed_loop_acknowledges_what_was_answered() throws Exception {
        answerWith(exchange -> 200);

        Meter meter = measure(plan(0, true));

        // The last answers may still be on their way when the server has counted them.
        assertThat(meter.transfers())
                .isGreaterThanOrEqualTo(ENOUGH - CONNECTIONS)
                .isEqualTo(meter.requests());
        assertThat(meter.repeats()).isZero();
        assertThat(meter.latencyMillis(50)).isPositive();
        assertThat(ids.remaining()).isGreaterThanOrEqualTo(ENOUGH - CONNECTIONS);
    }

    @Test
    void what_is_refused_for_now_is_sent_again_with_the_same_ids() throws Exception {
        answerWith(exchange -> answered.incrementAndGet() % 3 == 0 ? 503 : 200);

        Meter meter = measure(plan(0, true));

        assertThat(meter.repeats()).isPositive();
        assertThat(meter.refusedForNode()).isPositive();
        assertThat(meter.withoutRetryAfter()).isZero();
        // Each body came once or, refused, again in the same words: there are as many as there were requests begun.
        assertThat(bodies.size()).isBetween((int) meter.requests(), (int) meter.requests() + 8);
    }

    @Test
    void a_load_that_does_not_insist_counts_refusals_and_goes_on() throws Exception {
        answerWith(exchange -> answered.incrementAndGet() % 2 == 0 ? 429 : 200);

        Meter meter = measure(plan(0, false));

        assertThat(meter.repeats()).isZero();
        assertThat(meter.refusedForPrincipal()).isPositive();
        assertThat(meter.withoutRetryAfter()).isZero();
    }

    @Test
    void an_open_loop_counts_latency_from_when_a_request_was_due() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        answerWith(exchange -> {
            held.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            return 200;
        });
        try (TransferLoad load = TransferLoad.start(target(), plan(2000, true), ids)) {
            // Nothing is answered until as many are due as all connections together can not carry.
            BenchRun.sleep(Duration.ofMillis(300));
            held.countDown();
            assertThat(enough.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();

            // Those that waited for a connection waited as long as those that were under way.
            assertThat(load.next().latencyMillis(100)).isGreaterThan(200);
        }
    }

    @Test
    void a_server_that_goes_away_is_left_for_the_next_one() throws Exception {
        InetSocketAddress nobody;
        try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = new InetSocketAddress(InetAddress.getLoopbackAddress(), gone.getLocalPort());
        }
        answerWith(exchange -> 200);

        try (TransferLoad load = TransferLoad.start(
                new TransferLoad.Target(List.of(nobody, server.getAddress()), 0, "token", Optional.empty()),
                plan(0, true),
                ids)) {
            assertThat(enough.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(load.next().repeats()).isPositive();
        }
    }

    @Test
    void a_plot_holds_a_line_for_each_stretch(@org.junit.jupiter.api.io.TempDir java.nio.file.Path folder)
            throws Exception {
        answerWith(exchange -> 200);
        BenchPlot plot = new BenchPlot();
        plot.add("first", measure(plan(0, true)));

        plot.write(folder.resolve("plot.svg"));

        assertThat(folder.resolve("plot.svg")).content().startsWith("<svg").contains("first", "polyline", "</svg>");
    }

    private Meter measure(TransferLoad.Plan plan) throws Exception {
        try (TransferLoad load = TransferLoad.start(target(), plan, ids)) {
            assertThat(enough.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            return load.next();
        }
    }

    private TransferLoad.Target target() {
        return new TransferLoad.Target(List.of(server.getAddress()), 0, "token", Optional.empty());
    }

    private static TransferLoad.Plan plan(double rate, boolean insists) {
        return new TransferLoad.Plan(1, CONNECTIONS, rate, 100, 0, false, 3, Duration.ofSeconds(60), insists);
    }

    private interface Answering {
        int status(HttpExchange exchange) throws InterruptedException;
    }

    private void answerWith(Answering answering) {
        server.createContext("/v1/transfers", exchange -> {
            try (exchange) {
                bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
                int status = answering.status(exchange);
                byte[] body = "{\"status\":\"posted\"}".getBytes(StandardCharsets.UTF_8);
                if (status != 200) {
                    exchange.getResponseHeaders().add("Retry-After", "1");
                }
                exchange.sendResponseHeaders(status, body.length);
                exchange.getResponseBody().write(body);
                if (status == 200) {
                    enough.countDown();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        server.start();
    }
}
