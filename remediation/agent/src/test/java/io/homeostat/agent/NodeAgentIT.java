package io.homeostat.agent;

import static io.homeostat.agent.testing.AgentBench.exists;
import static io.homeostat.agent.testing.AgentBench.signal;
import static io.homeostat.agent.testing.AgentBench.throughout;
import static io.homeostat.agent.testing.AgentBench.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.agent.testing.AgentBench;
import io.homeostat.agent.testing.AgentHost;
import io.homeostat.events.ActionKind;
import io.homeostat.events.ActionOrder;
import io.homeostat.events.ActionOutcome;
import io.homeostat.events.ActionReport;
import io.homeostat.events.ProcessState;
import io.homeostat.events.SidecarStatus;
import io.homeostat.events.codec.EventCodec;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent with a real child process. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class NodeAgentIT {
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final Duration LONGER_THAN_ANY_BACKOFF = Duration.ofMillis(1200);

    @TempDir
    Path folder;

    private final InMemoryMetricReader metrics = InMemoryMetricReader.create();
    private AgentBench bench;
    private NodeAgent agent;

    @BeforeEach
    void start() throws IOException {
        bench = AgentBench.in(folder);
        agent = NodeAgent.start(bench.config(), telemetry());
        until("the node runs", this::running);
    }

    @AfterEach
    void stop() {
        long pid = agent.status().pid();
        agent.close();
        assertThat(exists(pid)).isFalse();
    }

    @Test
    void a_crash_is_seen_in_status_and_metrics_before_the_reflex_restarts_the_node() {
        long first = agent.status().pid();
        assertThat(metric("node.up")).isEqualTo(1);
        assertThat(metric("node.digest.lag")).isEqualTo(18);

        long began = System.nanoTime();
        bench.make("exit");
        until("the crash is seen", () -> agent.status().process() == ProcessState.CRASHED);
        assertThat(metric("node.process.alive")).isZero();
        assertThat(metric("node.up")).isZero();
        until("the node runs again", this::running);

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(500));
        assertThat(agent.status().pid()).isNotEqualTo(first);
        assertThat(agent.status().restarts()).isEqualTo(1);
        assertThat(metric("node.restarts")).isEqualTo(1);
        assertThat(bench.diary()).containsExactly("started", "started");

        long sinceCrash = System.currentTimeMillis() - 60_000;
        long second = agent.status().pid();
        ActionReport late = finished(order("late", ActionKind.RESTART, Map.of("since", Long.toString(sinceCrash))));
        assertThat(late.outcome()).isEqualTo(ActionOutcome.SUCCEEDED);
        assertThat(late.detail()).isEqualTo("already restarted by reflex");
        assertThat(agent.status().pid()).isEqualTo(second);
    }

    @Test
    void a_crash_loop_ends_after_the_attempts_and_a_restarted_agent_goes_on_counting() throws IOException {
        Path dieAtStart = Files.createFile(folder.resolve("die-at-start"));
        bench.make("exit");
        until("both attempts are used", () -> bench.diary().size() == 3);
        throughout(
                "no further start", LONGER_THAN_ANY_BACKOFF, () -> bench.diary().size() == 3);
        assertThat(agent.status().process()).isEqualTo(ProcessState.CRASHED);
        assertThat(agent.status().lastExit()).isEqualTo("exit code 7");

        agent.close();
        agent = NodeAgent.start(bench.config(), OpenTelemetry.noop());
        until("the agent's own start", () -> bench.diary().size() == 4);
        throughout("no reflex", LONGER_THAN_ANY_BACKOFF, () -> bench.diary().size() == 4);

        Files.delete(dieAtStart);
        assertThat(finished(order("heal", ActionKind.RESTART, Map.of())).outcome())
                .isEqualTo(ActionOutcome.SUCCEEDED);
    }

    @Test
    void a_stopped_process_is_hung_left_alone_by_reflexes_and_healed_by_a_restart_order() {
        long first = agent.status().pid();
        signal("STOP", first);
        until("it is hung", () -> agent.status().process() == ProcessState.HUNG);
        assertThat(metric("node.process.alive")).isEqualTo(1);
        assertThat(metric("node.up")).isZero();
        assertThat(metric("node.probe.failures")).isPositive();
        throughout("no reflex", LONGER_THAN_ANY_BACKOFF, () -> agent.status().process() == ProcessState.HUNG);

        ActionReport report = finished(order("restart-1", ActionKind.RESTART, Map.of()));

        assertThat(report.outcome()).isEqualTo(ActionOutcome.SUCCEEDED);
        assertThat(exists(first)).isFalse();
        assertThat(agent.status().process()).isEqualTo(ProcessState.RUNNING);
        assertThat(agent.status().lastExit()).isEqualTo("killed by signal 9");
    }

    @Test
    void a_paused_process_that_comes_back_runs_on_untouched() {
        long first = agent.status().pid();
        signal("STOP", first);
        until("it is hung", () -> agent.status().process() == ProcessState.HUNG);

        signal("CONT", first);

        until("it runs", this::running);
        assertThat(agent.status().pid()).isEqualTo(first);
    }

    @Test
    void a_fence_kills_even_a_stopped_process_and_holds_it_down_over_a_restart_of_the_agent() {
        long pid = agent.status().pid();
        signal("STOP", pid);

        ActionReport report = finished(order("fence-1", ActionKind.FENCE, Map.of("reason", "drift")));

        assertThat(report.outcome()).isEqualTo(ActionOutcome.SUCCEEDED);
        assertThat(exists(pid)).isFalse();
        assertThat(metric("node.fenced")).isEqualTo(1);
        throughout("held down", LONGER_THAN_ANY_BACKOFF, () -> agent.status().process() == ProcessState.FENCED);

        agent.close();
        agent = NodeAgent.start(bench.config(), OpenTelemetry.noop());
        throughout("held down", LONGER_THAN_ANY_BACKOFF, () -> agent.status().pid() == 0);
        assertThat(agent.status().process()).isEqualTo(ProcessState.FENCED);
        assertThat(post(EventCodec.canonicalJson(order("fence-1", ActionKind.FENCE, Map.of())))
                        .body())
                .contains("SUCCEEDED");

        assertThat(finished(order("restart-2", ActionKind.RESTART, Map.of())).outcome())
                .isEqualTo(ActionOutcome.SUCCEEDED);
        assertThat(agent.status().process()).isEqualTo(ProcessState.RUNNING);
    }

    @Test
    void a_running_process_is_asked_to_stop_before_it_is_killed() {
        finished(order("fence-2", ActionKind.FENCE, Map.of()));

        assertThat(bench.diary()).containsExactly("started", "stopped cleanly");
    }

    @Test
    void a_dead_raft_log_is_fenced_by_reflex_and_stays_visible() {
        long pid = agent.status().pid();
        bench.make("dead-log");

        until("it is fenced", () -> agent.status().process() == ProcessState.FENCED && !exists(pid));

        assertThat(metric("node.raft.log.alive")).isZero();
        assertThat(metric("node.fenced")).isEqualTo(1);
        throughout("held down", LONGER_THAN_ANY_BACKOFF, () -> agent.status().pid() == 0);
    }

    @Test
    void a_node_that_ended_because_its_storage_failed_is_held_down_and_not_started_again() {
        bench.make("storage-failed");

        until("it is fenced", () -> agent.status().process() == ProcessState.FENCED);

        assertThat(agent.status().lastExit()).isEqualTo("exit code 74");
        assertThat(metric("node.fenced")).isEqualTo(1);
        throughout("held down", LONGER_THAN_ANY_BACKOFF, () -> agent.status().pid() == 0);
    }

    @Test
    void a_diverged_node_is_not_restarted_by_reflex_and_a_resync_starts_it_empty_and_joining() throws IOException {
        bench.make("diverged");
        until("it is seen", () -> metric("node.divergent") == 1);
        bench.make("exit");
        until("it is down", () -> agent.status().process() == ProcessState.CRASHED);
        throughout(
                "left to plans", LONGER_THAN_ANY_BACKOFF, () -> agent.status().pid() == 0);
        String oldState = Files.readString(bench.data().resolve("state"));

        ActionReport report = finished(order("resync-1", ActionKind.RESYNC, Map.of()));

        assertThat(report.outcome()).isEqualTo(ActionOutcome.SUCCEEDED);
        assertThat(report.detail()).contains("gate open").contains("data.quarantine-");
        assertThat(quarantines())
                .singleElement()
                .satisfies(q -> assertThat(q.resolve("state")).hasContent(oldState));
        assertThat(Files.readString(bench.data().resolve("state"))).isNotEqualTo(oldState);
        assertThat(bench.diary()).containsExactly("started", "started --join");

        finished(order("resync-2", ActionKind.RESYNC, Map.of()));
        assertThat(quarantines()).hasSize(1);
        bench.make("exit");
        until("restarted by reflex", () -> bench.diary().size() == 5);
        assertThat(bench.diary())
                .containsExactly("started", "started --join", "stopped cleanly", "started --join", "started");
    }

    @Test
    void a_resync_whose_node_dies_at_once_fails_and_its_next_start_still_joins() throws IOException {
        Files.createFile(folder.resolve("die-at-start"));

        ActionReport report = finished(order("resync-3", ActionKind.RESYNC, Map.of()));

        assertThat(report.outcome()).isEqualTo(ActionOutcome.FAILED);
        assertThat(report.detail()).contains("exit code 7").contains("quarantine");
        until(
                "the reflex tries",
                () -> bench.diary().stream().filter("started --join"::equals).count() >= 2);
    }

    @Test
    void one_action_runs_at_a_time_and_an_id_is_carried_out_once() {
        signal("STOP", agent.status().pid());
        ActionOrder fence = order("slow-1", ActionKind.FENCE, Map.of());
        assertThat(post(EventCodec.canonicalJson(fence)).statusCode()).isEqualTo(202);

        HttpResponse<String> second = post(EventCodec.canonicalJson(order("other-1", ActionKind.RESTART, Map.of())));
        HttpResponse<String> same = post(EventCodec.canonicalJson(fence));
        HttpResponse<String> sameIdOtherKind =
                post(EventCodec.canonicalJson(order("slow-1", ActionKind.RESTART, Map.of())));

        assertThat(second.statusCode()).isEqualTo(409);
        assertThat(second.body()).contains("problems/action_running");
        assertThat(same.statusCode()).isEqualTo(202);
        assertThat(sameIdOtherKind.statusCode()).isEqualTo(409);
        ActionReport first = finished(fence);
        assertThat(finished(fence)).isEqualTo(first);
        assertThat(agent.status().process()).isEqualTo(ProcessState.FENCED);
    }

    @Test
    void a_kind_that_needs_approval_is_refused_without_it_and_nothing_happens() {
        agent.close();
        agent = NodeAgent.start(bench.config(AgentBench.limits(2), Set.of(ActionKind.RESYNC)), OpenTelemetry.noop());
        until("the node runs", this::running);
        long pid = agent.status().pid();

        ActionReport report = finished(order("resync-4", ActionKind.RESYNC, Map.of()));

        assertThat(report.outcome()).isEqualTo(ActionOutcome.REFUSED);
        assertThat(report.detail()).contains("approval is required");
        assertThat(agent.status().pid()).isEqualTo(pid);
        assertThat(quarantines()).isEmpty();
    }

    @Test
    void the_control_api_is_strict() {
        String good =
                new String(EventCodec.canonicalJson(order("x", ActionKind.RESTART, Map.of())), StandardCharsets.UTF_8);

        assertProblem(post(good.replace("\"node\":\"n1\"", "\"node\":\"n2\"")), 400, "node");
        assertProblem(post(good.replace("RESTART", "READMIT")), 400, "kind");
        assertProblem(post(good.replace("RESTART", "SHELL")), 400, "kind");
        assertProblem(post(good.replace("{}", "{\"command\":\"rm\"}")), 400, "parameters");
        assertProblem(post(good.replace("{}", "{\"since\":\"soon\"}")), 400, "parameters.since");
        assertProblem(post(good.replace("\"actionId\"", "\"extra\":1,\"actionId\"")), 400, "extra");
        assertProblem(post(good.replace("\"caseId\":\"\",", "")), 400, "caseId");
        assertProblem(post(good.replace("\"caseId\":\"\",", "\"caseId\":\"\",\"caseId\":\"\",")), 400, "");
        assertProblem(post(good + "x"), 400, "body");
        assertProblem(post(good.replace("\"x\"", "\"" + "x".repeat(64 * 1024) + "\"")), 413, "");
        assertThat(agent.status().restarts()).isZero();
    }

    @Test
    void every_route_but_health_asks_for_the_token() throws Exception {
        for (String token : List.of("", "Bearer wrong", "Basic " + AgentBench.AGENT_TOKEN, AgentBench.AGENT_TOKEN)) {
            assertThat(get("/v1/status", token).statusCode()).isEqualTo(401);
            assertThat(get("/v1/actions/x", token).statusCode()).isEqualTo(401);
        }
        assertThat(get("/health/live", "").statusCode()).isEqualTo(200);
        assertThat(get("/v1/other", "Bearer " + AgentBench.AGENT_TOKEN).statusCode())
                .isEqualTo(404);
        HttpResponse<String> status = get("/v1/status", "Bearer " + AgentBench.AGENT_TOKEN);
        SidecarStatus read = EventCodec.read(status.body().getBytes(StandardCharsets.UTF_8), SidecarStatus.class);
        assertThat(read.node()).isEqualTo("n1");
        assertThat(read.probe()).isNotNull();
    }

    @Test
    void reports_are_bounded_and_the_newest_are_kept() {
        for (int i = 0; i < 3; i++) {
            finished(order("r-" + i, ActionKind.RESTART, Map.of("since", "0")));
        }

        // The bench keeps two.
        assertThat(getReport("r-0").statusCode()).isEqualTo(404);
        assertThat(getReport("r-1").statusCode()).isEqualTo(200);
    }

    @Test
    void a_node_whose_agent_is_killed_sees_the_end_of_its_input_and_stops() throws Exception {
        agent.close();
        Files.delete(folder.resolve("diary"));
        Process host = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        AgentHost.class.getName(),
                        folder.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("host.log").toFile())
                .start();
        try {
            until(
                    "the node started",
                    () -> bench.diary().contains("started")
                            && host.children().findAny().isPresent());
            long pid = host.children().findAny().orElseThrow().pid();
            until("it wrote its state", () -> Files.exists(bench.data().resolve("state")));

            host.destroyForcibly();

            until("the node is gone", () -> !exists(pid));
            assertThat(bench.diary()).contains("stdin ended");
        } finally {
            host.destroyForcibly();
        }
    }

    @Test
    void the_nodes_output_is_in_its_log_file() {
        until("its output came", () -> {
            try {
                return Files.readString(folder.resolve("node.log")).contains("fake node listens");
            } catch (IOException e) {
                return false;
            }
        });
    }

    private boolean running() {
        return agent.status().process() == ProcessState.RUNNING
                && agent.status().probe() != null;
    }

    private List<Path> quarantines() {
        try (var entries = Files.list(folder)) {
            return entries.filter(p -> p.getFileName().toString().contains("quarantine"))
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private OpenTelemetry telemetry() {
        return OpenTelemetrySdk.builder()
                .setMeterProvider(
                        SdkMeterProvider.builder().registerMetricReader(metrics).build())
                .build();
    }

    private double metric(String name) {
        MetricData data = metrics.collectAllMetrics().stream()
                .filter(m -> m.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no metric " + name));
        return switch (data.getType()) {
            case LONG_GAUGE ->
                data.getLongGaugeData().getPoints().iterator().next().getValue();
            case LONG_SUM -> data.getLongSumData().getPoints().iterator().next().getValue();
            case DOUBLE_GAUGE ->
                data.getDoubleGaugeData().getPoints().iterator().next().getValue();
            default -> throw new AssertionError(data.getType());
        };
    }

    private static ActionOrder order(String id, ActionKind kind, Map<String, String> parameters) {
        return new ActionOrder(id, "inc-1", kind, "n1", "", "", List.of(), parameters);
    }

    /** Orders it and waits for the end. */
    private ActionReport finished(ActionOrder order) {
        HttpResponse<String> taken = post(EventCodec.canonicalJson(order));
        assertThat(taken.statusCode()).as(taken.body()).isEqualTo(202);
        until(order.actionId() + " ends", () -> reportOf(order.actionId()).outcome() != ActionOutcome.RUNNING);
        return reportOf(order.actionId());
    }

    private ActionReport reportOf(String id) {
        return EventCodec.read(getReport(id).body().getBytes(StandardCharsets.UTF_8), ActionReport.class);
    }

    private HttpResponse<String> getReport(String id) {
        return get("/v1/actions/" + id, "Bearer " + AgentBench.AGENT_TOKEN);
    }

    private HttpResponse<String> post(String json) {
        return post(json.getBytes(StandardCharsets.UTF_8));
    }

    private HttpResponse<String> post(byte[] json) {
        return send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + agent.controlPort() + "/v1/actions"))
                .header("Authorization", "Bearer " + AgentBench.AGENT_TOKEN)
                .POST(HttpRequest.BodyPublishers.ofByteArray(json))
                .build());
    }

    private HttpResponse<String> get(String path, String authorization) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + agent.controlPort() + path));
        return send(
                authorization.isEmpty()
                        ? request.build()
                        : request.header("Authorization", authorization).build());
    }

    private static HttpResponse<String> send(HttpRequest request) {
        try {
            return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static void assertProblem(HttpResponse<String> response, int status, String field) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(response.body()).contains("https://homeostat.io/problems/");
        if (!field.isEmpty()) {
            assertThat(response.body()).contains("\"field\":\"" + field + "\"");
        }
    }
}
