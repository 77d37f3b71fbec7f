package io.homeostat.ledger.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.homeostat.ledger.LedgerNode;
import io.homeostat.ledger.LedgerNodeConfig;
import io.homeostat.ledger.LedgerNodeConfig.Peer;
import io.homeostat.ledger.LedgerNodeLimits;
import io.homeostat.ledger.client.LedgerClient;
import io.homeostat.ledger.client.LedgerClientLimits;
import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.gate.GenesisFile;
import io.homeostat.ledger.journal.LedgerEvent.Demand;
import io.homeostat.ledger.witness.WitnessTarget;
import io.homeostat.merkle.Digests;
import io.homeostat.merkle.Ed25519;
import io.homeostat.merkle.MerkleTree;
import io.opentelemetry.api.OpenTelemetry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Real nodes in one JVM: real Raft over gRPC, real HTTP, real files below a folder of the test. */
public final class LocalCluster implements AutoCloseable {
    public static final Duration PATIENCE = Duration.ofSeconds(60);
    public static final String OPERATOR = "operator-token-0123456789";
    public static final String CLIENT = "client-token-0123456789";
    public static final String READER = "reader-token-0123456789";
    public static final String HEALER = "healer-token-0123456789";
    public static final String TRAIL = "trail-token-0123456789";
    public static final String CONTROL = "control-token-0123456789";
    public static final String INTERNAL = "internal-token-0123456789";
    public static final String CLIENT_SPAN = "00f067aa0ba902b7";
    private static final ObjectMapper JSON = new ObjectMapper();
    private final Path dir;
    private final LedgerNodeLimits limits;
    private final OpenTelemetry telemetry;
    private final List<Peer> peers = new ArrayList<>();
    private List<WitnessTarget> witnesses = List.of();
    private final Map<String, Integer> controlPorts = new HashMap<>();
    private final Map<String, Ed25519.Keys> approvers = new LinkedHashMap<>();
    private final Map<String, LedgerNode> running = new LinkedHashMap<>();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();

    /** Answer of a node; {@code json} is missing when the body is none. */
    public record Answer(int status, JsonNode json, byte[] body, java.net.http.HttpHeaders headers) {
        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    public LocalCluster(Path dir, int nodes) {
        this(dir, nodes, LedgerNodeLimits.DEFAULTS, OpenTelemetry.noop());
    }

    public LocalCluster(Path dir, int nodes, LedgerNodeLimits limits, OpenTelemetry telemetry) {
        this.dir = dir;
        this.limits = limits;
        this.telemetry = telemetry;
        try {
            Deque ports = new Deque(freePorts(3 * nodes));
            List<Genesis.Node> genesisNodes = new ArrayList<>();
            for (int i = 1; i <= nodes; i++) {
                String id = "n" + i;
                peers.add(new Peer(id, "z" + i, "127.0.0.1", ports.next(), ports.next()));
                controlPorts.put(id, ports.next());
                Ed25519.Keys keys = Ed25519.generate();
                Ed25519.writePem(dir.resolve(id + ".checkpoint.key"), keys.privateKey());
                genesisNodes.add(new Genesis.Node(id, "z" + i, keys.publicKey()));
                Files.writeString(dir.resolve(id + ".control.token"), CONTROL);
            }
            List<Genesis.Key> keys = List.of(
                    approver("k-ada", "ada", "treasury"),
                    approver("k-bob", "bob", "risk"),
                    approver("k-cyd", "cyd", "treasury"));
            List<Genesis.Tier> tiers = List.of(
                    new Genesis.Tier(
                            "high",
                            Genesis.Kind.TRANSFER,
                            "EUR",
                            1_000_000,
                            3600,
                            List.of(new Demand("treasury", 1), new Demand("risk", 1))),
                    new Genesis.Tier("wipe", Genesis.Kind.RECOVERY, "", 0, 900, List.of(new Demand("treasury", 1))));
            GenesisFile.write(dir.resolve("genesis.json"), new Genesis("test-ledger", genesisNodes, keys, tiers));
            Files.writeString(dir.resolve("internal.token"), INTERNAL);
            Files.writeString(
                    dir.resolve("tokens.json"),
                    "["
                            + String.join(
                                    ",",
                                    List.of(
                                            token("ops", "operator\",\"proposer\",\"reader", OPERATOR),
                                            token("shop", "client\",\"reader", CLIENT),
                                            token("auditor", "reader", READER),
                                            token("healer", "remediation\",\"reader", HEALER),
                                            token("trail", "trail\",\"reader", TRAIL)))
                            + "]");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record Deque(java.util.Iterator<Integer> values) {
        Deque(List<Integer> ports) {
            this(ports.iterator());
        }

        int next() {
            return values.next();
        }
    }

    /** Nodes that are started from now on ask these witnesses. */
    public LocalCluster witnessedBy(List<WitnessTarget> targets) {
        witnesses = List.copyOf(targets);
        return this;
    }

    public Genesis genesis() {
        return GenesisFile.read(dir.resolve("genesis.json"));
    }

    /** Before the start: one more key of Ed25519, held by this cluster. */
    public LocalCluster withApprover(String keyId, String person, String role) {
        return withKey(approver(keyId, person, role));
    }

    /** Before the start: one more key. */
    public LocalCluster withKey(Genesis.Key key) {
        Genesis genesis = genesis();
        List<Genesis.Key> keys = new ArrayList<>(genesis.keys());
        keys.add(key);
        GenesisFile.write(
                dir.resolve("genesis.json"), new Genesis(genesis.ledger(), genesis.nodes(), keys, genesis.tiers()));
        return this;
    }

    /** Before the start: one more tier. */
    public LocalCluster withTier(Genesis.Tier tier) {
        Genesis genesis = genesis();
        List<Genesis.Tier> tiers = new ArrayList<>(genesis.tiers());
        tiers.add(tier);
        GenesisFile.write(
                dir.resolve("genesis.json"), new Genesis(genesis.ledger(), genesis.nodes(), genesis.keys(), tiers));
        return this;
    }

    /** What {@code keyId} signs with. */
    public Ed25519.Keys approverKeys(String keyId) {
        return approvers.get(keyId);
    }

    public LocalCluster startAll() {
        peers.forEach(peer -> start(peer.id(), true, false));
        awaitReady();
        return this;
    }

    public LedgerNode start(String id, boolean bootstrap, boolean join) {
        LedgerNode node = LedgerNode.start(config(id, bootstrap, join), limits, telemetry, witnesses);
        running.put(id, node);
        return node;
    }

    public LedgerNodeConfig config(String id, boolean bootstrap, boolean join) {
        Peer peer = peer(id);
        return new LedgerNodeConfig(
                id,
                peer.zone(),
                peer.host(),
                peer.httpPort(),
                controlPorts.get(id),
                peer.raftPort(),
                dir.resolve(id),
                peers,
                dir.resolve("genesis.json"),
                dir.resolve("tokens.json"),
                dir.resolve(id + ".control.token"),
                dir.resolve(id + ".checkpoint.key"),
                dir.resolve("internal.token"),
                LedgerNodeConfig.Profile.DEMO,
                true,
                bootstrap,
                join);
    }

    public void stop(String id) {
        LedgerNode node = running.remove(id);
        if (node != null) {
            node.close();
        }
    }

    /** Removes the node's data folder, as a resync does. */
    public void wipe(String id) {
        try (Stream<Path> files = Files.walk(dir.resolve(id))) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Configuration of a node that was given another genesis than the others: one more tier. */
    public LedgerNodeConfig configWithOtherGenesis(String id) {
        Genesis genesis = GenesisFile.read(dir.resolve("genesis.json"));
        List<Genesis.Tier> tiers = new ArrayList<>(genesis.tiers());
        tiers.add(new Genesis.Tier("other", Genesis.Kind.RECOVERY, "", 0, 60, List.of(new Demand("treasury", 1))));
        Path other = dir.resolve("other-genesis.json");
        GenesisFile.write(other, new Genesis(genesis.ledger(), genesis.nodes(), genesis.keys(), tiers));
        LedgerNodeConfig usual = config(id, false, false);
        return new LedgerNodeConfig(
                id,
                usual.zone(),
                usual.host(),
                usual.httpPort(),
                usual.controlPort(),
                usual.raftPort(),
                usual.dataDir(),
                usual.peers(),
                other,
                usual.tokensFile(),
                usual.controlTokenFile(),
                usual.checkpointKeyFile(),
                usual.internalTokenFile(),
                usual.profile(),
                usual.faultHooks(),
                usual.bootstrap(),
                usual.join());
    }

    public Path dataDir(String id) {
        return dir.resolve(id);
    }

    public void awaitReady() {
        for (LedgerNode node : List.copyOf(running.values())) {
            Eventually.holds("node is ready", PATIENCE, node::ready);
        }
    }

    public LedgerNode node(String id) {
        return running.get(id);
    }

    public List<String> ids() {
        return List.copyOf(running.keySet());
    }

    public String leader() {
        AtomicReference<Optional<String>> found = new AtomicReference<>(Optional.empty());
        Eventually.holds("a leader is known", PATIENCE, () -> {
            found.set(findLeader());
            return found.get().isPresent();
        });
        return found.get().orElseThrow();
    }

    /** Asked once: nobody may lead for a moment. */
    public boolean leads(String id) {
        return findLeader().filter(id::equals).isPresent();
    }

    private Optional<String> findLeader() {
        return running.keySet().stream()
                .filter(id -> get(id, "/v1/status", READER)
                        .json()
                        .path("role")
                        .asText()
                        .equals("leader"))
                .filter(id -> running.get(id).ready())
                .findFirst();
    }

    /** {@code world}, from which money comes, and the customer {@code alice}. */
    public void openAccounts() {
        requireOk(post("n1", "/v1/accounts", OPERATOR, """
                {"accounts":[
                 {"id":"world","asset":"EUR","exponent":2,"class":"external","debitsMustNotExceedCredits":false},
                 {"id":"alice","asset":"EUR","exponent":2,"class":"customer","debitsMustNotExceedCredits":true}]}"""));
    }

    /** Posts as many transfers of a cent from {@code world} to {@code alice}; their ids. */
    public List<UUID> work(int count) {
        List<UUID> ids = Stream.generate(UUID::randomUUID).limit(count).toList();
        assertThat(client().batch(ids.stream()
                        .map(id -> new LedgerClient.Transfer(id, "world", "alice", 1, "EUR"))
                        .toList()))
                .allMatch(LedgerClient.Outcome::accepted);
        return ids;
    }

    /** Asks the leader to count a node as a member, or no more. */
    public Answer membership(String leader, String node, boolean member) {
        return requireOk(
                send(leader, "PUT", "/v1/nodes/" + node + "/membership", HEALER, "{\"member\":" + member + "}"));
    }

    private static Answer requireOk(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer;
    }

    public String follower() {
        String leader = leader();
        return running.keySet().stream()
                .filter(id -> !id.equals(leader))
                .findFirst()
                .orElseThrow();
    }

    public LedgerClient client() {
        return new LedgerClient(
                peers.stream().map(peer -> URI.create(peer.url())).toList(), CLIENT, LedgerClientLimits.DEFAULTS);
    }

    public Answer get(String id, String path, @Nullable String token) {
        return send(id, "GET", path, token, null);
    }

    /** A read that the node answers from its own state. */
    public Answer getLocal(String id, String path, String token) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(peer(id).url() + path))
                .timeout(Duration.ofSeconds(30))
                .header("Authorization", "Bearer " + token)
                .header("Homeostat-Consistency", "local")
                .build();
        return send(request);
    }

    /** As part of a trace that the client began with {@link #CLIENT_SPAN}. */
    public Answer traced(String id, String path, String token, String body, String traceId) {
        return send(HttpRequest.newBuilder(URI.create(peer(id).url() + path))
                .timeout(Duration.ofSeconds(30))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .header("traceparent", "00-" + traceId + "-" + CLIENT_SPAN + "-01")
                .build());
    }

    public Answer post(String id, String path, String token, String body) {
        return send(id, "POST", path, token, body);
    }

    public Answer send(String id, String method, String path, @Nullable String token, @Nullable String body) {
        return send(URI.create(peer(id).url() + path), method, token, body, "application/json");
    }

    public Answer control(String id, String method, String path, @Nullable String body) {
        return control(id, method, path, CONTROL, body);
    }

    public Answer control(String id, String method, String path, @Nullable String token, @Nullable String body) {
        return send(
                URI.create("http://127.0.0.1:" + controlPorts.get(id) + path), method, token, body, "application/json");
    }

    /** A body that is no JSON. */
    public Answer post(String id, String path, String token, byte[] body, String type) {
        return send(HttpRequest.newBuilder(URI.create(peer(id).url() + path))
                .timeout(Duration.ofSeconds(30))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", type)
                .build());
    }

    public int raftPort(String id) {
        return peer(id).raftPort();
    }

    public Answer send(URI uri, String method, @Nullable String token, @Nullable String body, @Nullable String type) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(Duration.ofSeconds(30))
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        if (body != null && type != null) {
            request.header("Content-Type", type);
        }
        return send(request.build());
    }

    private Answer send(HttpRequest request) {
        try {
            HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
            return new Answer(response.statusCode(), json(response.body()), response.body(), response.headers());
        } catch (IOException e) {
            return new Answer(
                    0, MissingNode.getInstance(), new byte[0], java.net.http.HttpHeaders.of(Map.of(), (a, b) -> true));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    public String url(String id) {
        return peer(id).url();
    }

    /** Body of an approval signed with the key of {@code signer} in the name of {@code keyId}. */
    public String approval(JsonNode openCase, String keyId, String signer, String decision) {
        String payload = openCase.path("payloadDigest").asText();
        long expires = openCase.path("expiresAtMicros").asLong();
        byte[] reason = MerkleTree.sha256("looks right".getBytes(StandardCharsets.UTF_8));
        byte[] signature = approvers
                .get(signer)
                .sign(new io.homeostat.merkle.ApprovalText(
                                openCase.path("caseId").asText(),
                                Digests.parse(payload, "payloadDigest"),
                                decision.equals("approve"),
                                expires,
                                reason)
                        .bytes());
        return JSON.createObjectNode()
                .put("keyId", keyId)
                .put("decision", decision)
                .put("payloadDigest", payload)
                .put("expiresAtMicros", expires)
                .put("reasonDigest", Digests.hex(reason))
                .put("signature", java.util.Base64.getEncoder().encodeToString(signature))
                .toString();
    }

    @Override
    public void close() {
        // Side by side, because each waits for connections to the others.
        List.copyOf(running.keySet()).parallelStream().map(running::get).forEach(LedgerNode::close);
        running.clear();
    }

    private Genesis.Key approver(String keyId, String person, String role) {
        Ed25519.Keys keys = Ed25519.generate();
        approvers.put(keyId, keys);
        return new Genesis.Key(keyId, person, List.of(role), keys.publicKey());
    }

    private Peer peer(String id) {
        return peers.stream().filter(peer -> peer.id().equals(id)).findFirst().orElseThrow();
    }

    private static String token(String principal, String roles, String token) {
        return "{\"principal\":\"" + principal + "\",\"roles\":[\"" + roles + "\"],\"sha256\":\""
                + Digests.hex(MerkleTree.sha256(token.getBytes(StandardCharsets.UTF_8))) + "\"}";
    }

    private static JsonNode json(byte[] body) {
        try {
            return body.length == 0 ? MissingNode.getInstance() : JSON.readTree(body);
        } catch (IOException e) {
            return MissingNode.getInstance();
        }
    }

    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        List<Integer> ports = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ServerSocket socket = new ServerSocket(0);
            sockets.add(socket);
            ports.add(socket.getLocalPort());
        }
        for (ServerSocket socket : sockets) {
            socket.close();
        }
        return ports;
    }
}
