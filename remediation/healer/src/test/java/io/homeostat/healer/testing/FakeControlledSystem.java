package io.homeostat.healer.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.homeostat.events.ActionKind;
import io.homeostat.events.ActionOrder;
import io.homeostat.events.ActionOutcome;
import io.homeostat.events.ActionReport;
import io.homeostat.events.NodeProbe;
import io.homeostat.events.ProcessState;
import io.homeostat.events.SidecarStatus;
import io.homeostat.events.codec.EventCodec;
import io.homeostat.healer.act.NodeEndpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Stands for a ledger of three nodes and their sidecars, as they are seen through docs/interfaces.md: six HTTP servers
 * over one small model. It is a fake of the outermost edge only; nothing of the healer is replaced by it.
 */
public final class FakeControlledSystem implements AutoCloseable {
    public static final String LEDGER_TOKEN = "remediation-token";
    public static final String AGENT_TOKEN = "agent-token";
    private static final String GOOD = "a".repeat(64);
    private static final String BAD = "b".repeat(64);

    static {
        // Without this the JDK's server answers every second request 40 ms late.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    /** One node of the model; guarded by the system's monitor. */
    private static final class Node {
        ProcessState process = ProcessState.RUNNING;
        boolean isolated;
        String incidentId = "";
        boolean member = true;
        boolean diverged;
        /** The ledger has named it: it counts no attestation of this node before it is admitted again. */
        boolean named;

        boolean ledgerApiHangs;
        boolean sidecarDown;
        long pid = 100;
        int restarts;
    }

    private final Map<String, Node> nodes = new TreeMap<>();
    private final List<NodeEndpoint> endpoints = new ArrayList<>();
    private final List<HttpServer> servers = new ArrayList<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(8, r -> {
        Thread thread = new Thread(r, "fake-controlled-system");
        thread.setDaemon(true);
        return thread;
    });
    private final CountDownLatch closing = new CountDownLatch(1);
    private final List<String> calls = new ArrayList<>();
    private final Map<String, ActionReport> reports = new LinkedHashMap<>();
    private final Map<String, ActionOrder> orders = new LinkedHashMap<>();
    private boolean escalating;
    private final List<String> executed = new ArrayList<>();
    private final Map<String, Map<String, Object>> cases = new TreeMap<>();
    private String leader = "n1";
    private long raftIndex = 1000;
    private long journalIndex = 40;
    private boolean quorumAtRisk;
    private boolean ledgerAway;
    private boolean keepRunning;
    private ActionKind failing;

    public FakeControlledSystem() throws IOException {
        for (String id : List.of("n1", "n2", "n3")) {
            nodes.put(id, new Node());
            int ledger = serve(x -> ledger(id, x), LEDGER_TOKEN);
            int sidecar = serve(x -> sidecar(id, x), AGENT_TOKEN);
            endpoints.add(new NodeEndpoint(
                    id,
                    "zone-" + id,
                    URI.create("http://127.0.0.1:" + ledger),
                    URI.create("http://127.0.0.1:" + sidecar)));
        }
    }

    public List<NodeEndpoint> endpoints() {
        return List.copyOf(endpoints);
    }

    public static Path tokens(Path directory) throws IOException {
        Files.writeString(directory.resolve("remediation.token"), LEDGER_TOKEN + "\n");
        Files.writeString(directory.resolve("agent.token"), AGENT_TOKEN + "\n");
        return directory;
    }

    public synchronized void leader(String node) {
        leader = node;
    }

    public synchronized void diverge(String node) {
        nodes.get(node).diverged = true;
        nodes.get(node).named = true;
    }

    public synchronized void crash(String node) {
        nodes.get(node).process = ProcessState.CRASHED;
        electAnother(node);
    }

    public synchronized void hang(String node) {
        nodes.get(node).process = ProcessState.HUNG;
        nodes.get(node).ledgerApiHangs = true;
    }

    public synchronized void sidecarDown(String node, boolean down) {
        nodes.get(node).sidecarDown = down;
    }

    /** The sidecar's reflex has restarted the process. */
    public synchronized void reflexRestarts(String node) {
        Node found = nodes.get(node);
        found.process = ProcessState.RUNNING;
        found.pid++;
        found.restarts++;
    }

    /** The ledger's own guard refuses isolations. */
    public synchronized void quorumAtRisk(boolean value) {
        quorumAtRisk = value;
    }

    public synchronized void ledgerAway(boolean value) {
        ledgerAway = value;
    }

    /** Sidecar actions stay RUNNING until this is taken back. */
    public synchronized void keepActionsRunning(boolean value) {
        keepRunning = value;
    }

    public synchronized void failing(ActionKind kind) {
        failing = kind;
    }

    public synchronized void decide(String caseId, String state) {
        Map<String, Object> found = cases.get(caseId);
        found.put("state", state);
        if (state.equals("approved")) {
            found.put(
                    "approvals",
                    List.of(Map.of(
                            "keyId",
                            "ada-1",
                            "person",
                            "ada",
                            "role",
                            "operator",
                            "decision",
                            "approve",
                            "reasonDigest",
                            GOOD,
                            "signature",
                            "c2ln",
                            "expiresAtMicros",
                            1L,
                            "index",
                            9L)));
        }
    }

    /** A person has put the node right. */
    public synchronized void repair(String node) {
        nodes.get(node).diverged = false;
        nodes.get(node).process = ProcessState.RUNNING;
    }

    /** How often a path that begins like this was read. */
    public synchronized int looks(String path) {
        return (int) calls.stream().filter(c -> c.startsWith("GET " + path)).count();
    }

    /** Seconds until cases expire from now on. */
    public synchronized void caseSeconds(double seconds) {
        caseMillis = (long) (seconds * 1000);
    }

    private long caseMillis = 60_000;

    public synchronized boolean isolated(String node) {
        return nodes.get(node).isolated;
    }

    public synchronized boolean member(String node) {
        return nodes.get(node).member;
    }

    public synchronized ProcessState process(String node) {
        return nodes.get(node).process;
    }

    public synchronized String leader() {
        return leader;
    }

    /** Action ids in the order in which a sidecar carried them out; an id twice would be an action done twice. */
    public synchronized List<String> executed() {
        return List.copyOf(executed);
    }

    /** In cases that are opened from now on a person with an escalation role may stand in. */
    public synchronized void escalating() {
        escalating = true;
    }

    public synchronized Map<String, ActionOrder> orders() {
        return Map.copyOf(orders);
    }

    /** Method and path of every changing call, in order. */
    public synchronized List<String> changes() {
        return calls.stream().filter(c -> !c.startsWith("GET ")).toList();
    }

    public synchronized boolean caseOpen(String caseId) {
        return cases.containsKey(caseId);
    }

    /** Waits for what other threads bring about. */
    public synchronized void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                throw new AssertionError("waited 20 s for: " + what + "; changes so far " + changes());
            }
            wait(Math.min(left, 100));
        }
    }

    private Object ledger(String id, HttpExchange x) throws IOException {
        Node self = nodes.get(id);
        if (self.ledgerApiHangs) {
            hang();
        }
        if (ledgerAway || self.process != ProcessState.RUNNING) {
            return new Problem(503, "unavailable");
        }
        String path = x.getRequestURI().getPath();
        String[] parts = path.split("/");
        String call = x.getRequestMethod() + " /" + parts[1] + "/" + parts[2];
        if (call.equals("GET /v1/nodes")) {
            return nodesJson();
        }
        if (call.equals("GET /v1/attestations")) {
            return Map.of("attestations", attestations());
        }
        if (call.equals("POST /v1/leadership")) {
            electAnother(EventCodec.readMap(x.getRequestBody().readAllBytes())
                    .get("away")
                    .toString());
            return Map.of("leader", leader);
        }
        if (call.equals("POST /v1/cases")) {
            return openCase(EventCodec.readMap(x.getRequestBody().readAllBytes()));
        }
        if (call.equals("GET /v1/cases")) {
            Map<String, Object> found = cases.get(parts[3]);
            if (found != null && parts.length == 5 && parts[4].equals("proof")) {
                return Map.of("leaf", "of " + parts[3]);
            }
            return found == null ? new Problem(404, "case_not_found") : found;
        }
        return change(x, nodes.get(parts[3]), x.getRequestMethod() + " " + parts[4]);
    }

    private Object change(HttpExchange x, Node node, String call) throws IOException {
        switch (call) {
            case "POST isolation" -> {
                if (quorumAtRisk) {
                    return new Problem(409, "quorum_at_risk");
                }
                String incidentId = EventCodec.readMap(x.getRequestBody().readAllBytes())
                        .get("incidentId")
                        .toString();
                if (!node.isolated) {
                    node.isolated = true;
                    node.incidentId = incidentId;
                    journalIndex++;
                }
                return Map.of("index", journalIndex);
            }
            case "DELETE isolation" -> {
                if (!node.isolated && !node.named) {
                    return new Problem(409, "node_not_isolated");
                }
                node.isolated = false;
                node.named = false;
                node.incidentId = "";
                return Map.of("index", ++journalIndex);
            }
            case "PUT membership" -> {
                node.member = (Boolean)
                        EventCodec.readMap(x.getRequestBody().readAllBytes()).get("member");
                return Map.of(
                        "members",
                        nodes.entrySet().stream()
                                .filter(e -> e.getValue().member)
                                .map(Map.Entry::getKey)
                                .toList());
            }
            default -> {
                return new Problem(404, "not_found");
            }
        }
    }

    private Object nodesJson() {
        List<Map<String, Object>> list = new ArrayList<>();
        nodes.forEach((id, node) -> list.add(Map.of(
                "id",
                id,
                "zone",
                "zone-" + id,
                "url",
                "http://unused",
                "state",
                node.isolated ? "isolated" : "active",
                "member",
                node.member,
                "incidentId",
                node.incidentId,
                "attestedIndex",
                raftIndex,
                "stateDigest",
                node.diverged ? BAD : GOOD)));
        return Map.of("leader", leader, "nodes", list, "index", journalIndex);
    }

    /** Time passes with every look: all nodes that take part attest anew. */
    private List<Map<String, Object>> attestations() {
        raftIndex += 10;
        Map<String, String> digests = new TreeMap<>();
        nodes.forEach((id, node) -> {
            if (node.process == ProcessState.RUNNING && node.member && !node.named) {
                digests.put(id, node.diverged ? BAD : GOOD);
            }
        });
        return List.of(
                Map.of("raftIndex", raftIndex, "digests", digests),
                Map.of("raftIndex", raftIndex - 10, "digests", digests),
                Map.of("raftIndex", 500L, "digests", Map.of("n1", GOOD, "n2", GOOD, "n3", GOOD)));
    }

    private Object openCase(Map<String, Object> body) {
        String caseId = body.get("caseId").toString();
        if (cases.containsKey(caseId)) {
            return new Problem(409, "case_exists");
        }
        if (!body.get("tier").equals("recovery")) {
            return new Problem(422, "tier_not_found");
        }
        Map<String, Object> opened = new TreeMap<>(body);
        opened.put("kind", "recovery");
        opened.put("state", "open");
        opened.put("expiresAtMicros", (System.currentTimeMillis() + caseMillis) * 1000);
        opened.put("demands", List.of(Map.of("role", "operator", "count", 1)));
        opened.put("approvals", List.of());
        if (escalating) {
            opened.put("escalatesAtMicros", System.currentTimeMillis() * 1000);
        }
        cases.put(caseId, opened);
        return Map.of("index", ++journalIndex);
    }

    private Object sidecar(String id, HttpExchange x) throws IOException {
        Node node = nodes.get(id);
        if (node.sidecarDown) {
            return new Problem(503, "unavailable");
        }
        String path = x.getRequestURI().getPath();
        if (path.equals("/v1/status")) {
            boolean answers = node.process == ProcessState.RUNNING;
            NodeProbe probe = new NodeProbe(
                    id,
                    node.pid,
                    id.equals(leader) ? "leader" : "follower",
                    leader,
                    3,
                    raftIndex,
                    raftIndex,
                    raftIndex,
                    node.diverged ? BAD : GOOD,
                    true,
                    node.member,
                    !node.isolated && !node.diverged,
                    node.diverged ? "diverged" : node.isolated ? "fenced" : "open",
                    "",
                    true,
                    journalIndex);
            return new SidecarStatus(
                    id,
                    node.process,
                    node.pid,
                    node.restarts,
                    "",
                    answers ? probe : null,
                    answers ? Instant.now() : null);
        }
        if (x.getRequestMethod().equals("POST")) {
            ActionOrder order = EventCodec.read(x.getRequestBody().readAllBytes(), ActionOrder.class);
            orders.put(order.actionId(), order);
            if (!reports.containsKey(order.actionId())) {
                executed.add(order.actionId());
                reports.put(
                        order.actionId(),
                        new ActionReport(
                                order.actionId(), order.kind(), ActionOutcome.RUNNING, "begun", Instant.now(), null));
            }
            return settle(node, order.actionId());
        }
        String actionId = path.substring("/v1/actions/".length());
        return reports.containsKey(actionId) ? settle(node, actionId) : new Problem(404, "action_unknown");
    }

    private ActionReport settle(Node node, String actionId) {
        ActionReport report = reports.get(actionId);
        if (report.outcome() != ActionOutcome.RUNNING || keepRunning) {
            return report;
        }
        boolean fails = report.kind() == failing;
        ActionReport done = new ActionReport(
                actionId,
                report.kind(),
                fails ? ActionOutcome.FAILED : ActionOutcome.SUCCEEDED,
                fails ? "the process did not start" : "done",
                report.startedAt(),
                Instant.now());
        reports.put(actionId, done);
        if (!fails) {
            apply(node, report.kind());
        }
        return done;
    }

    private static void apply(Node node, ActionKind kind) {
        if (kind == ActionKind.FENCE) {
            node.process = ProcessState.FENCED;
        } else {
            node.process = ProcessState.RUNNING;
            node.ledgerApiHangs = false;
            node.pid++;
            node.restarts++;
            node.diverged = node.diverged && kind != ActionKind.RESYNC;
        }
    }

    private void electAnother(String away) {
        if (leader.equals(away)) {
            leader = nodes.keySet().stream()
                    .filter(n -> !n.equals(away))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private void hang() throws IOException {
        try {
            // Gives the monitor up while it hangs, as a stopped process holds nobody else's.
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (closing.getCount() > 0 && System.nanoTime() < deadline) {
                wait(50);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new IOException("the process never answered");
    }

    private interface Route {
        Object answer(HttpExchange exchange) throws IOException;
    }

    private record Problem(int status, String reason) {}

    private int serve(Route route, String token) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                Object answer = answer(route, token, exchange);
                int status = answer instanceof Problem problem ? problem.status() : 200;
                byte[] body = EventCodec.canonicalJson(answer);
                exchange.sendResponseHeaders(status, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
        servers.add(server);
        return server.getAddress().getPort();
    }

    private synchronized Object answer(Route route, String token, HttpExchange exchange) throws IOException {
        if (!("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            return new Problem(401, "unauthorized");
        }
        calls.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
        Object answer = route.answer(exchange);
        notifyAll();
        return answer;
    }

    @Override
    public void close() {
        closing.countDown();
        threads.shutdownNow();
        // Stopping waits for the server's own thread, up to a second each: nobody needs to wait for that.
        Thread stopping = new Thread(() -> servers.forEach(s -> s.stop(0)), "fake-controlled-system-stop");
        stopping.setDaemon(true);
        stopping.start();
    }
}
