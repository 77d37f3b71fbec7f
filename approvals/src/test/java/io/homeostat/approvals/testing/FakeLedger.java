package io.homeostat.approvals.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.homeostat.merkle.ApprovalText;
import io.homeostat.merkle.CheckpointSigner;
import io.homeostat.merkle.Ed25519;
import io.homeostat.merkle.Frames;
import io.homeostat.merkle.MerkleFrontier;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.TransferPayload;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Stands in for a ledger at its outermost edge, the HTTP API of docs/interfaces.md: it keeps a real journal of encoded
 * leaves with signed checkpoints, and checks approvals by the rules of docs/encoding.md. It is no ledger: one process, in
 * memory, and a test can switch it off.
 */
public final class FakeLedger implements AutoCloseable {
    public static final String NAME = "demo-ledger";
    public static final String TOKEN = "fake-ledger-token-0123456789";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HexFormat HEX = HexFormat.of();
    private static final Ed25519.Keys NODE = keys("node n1");

    private final HttpServer server;
    private final ExecutorService threads = Executors.newFixedThreadPool(4);
    private final List<byte[]> leaves = new ArrayList<>();
    private final Map<String, ObjectNode> cases = new LinkedHashMap<>();
    private final List<String> anchors = new CopyOnWriteArrayList<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private volatile boolean away;
    private volatile boolean loseNextAnswer;
    private int accounts;
    private long now = Instant.now().toEpochMilli() * 1000;

    interface Body {
        void write(DataOutputStream out) throws IOException;
    }

    public static Ed25519.Keys keys(String name) {
        return Ed25519.fromSeed(MerkleTree.sha256(name.getBytes(StandardCharsets.UTF_8)));
    }

    public FakeLedger() {
        leaf(1, FakeLedger::genesis);
        for (String account : List.of("cust:acme", "cust:globex", "settlement:eur")) {
            int ordinal = accounts++;
            leaf(2, out -> {
                out.writeInt(ordinal);
                str(out, account);
                str(out, "EUR");
                out.writeByte(2);
                out.writeByte(ordinal == 2 ? 3 : 1);
                out.writeByte(0);
            });
        }
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    public void goAway() {
        away = true;
    }

    public void comeBack() {
        away = false;
    }

    /** The next write is carried out and answered with 503. */
    public void loseNextAnswer() {
        loseNextAnswer = true;
    }

    /** {@code size root} of each anchor. */
    public List<String> anchors() {
        return List.copyOf(anchors);
    }

    public List<String> requests() {
        return List.copyOf(requests);
    }

    /** Opens the case of a held transfer from cust:acme to cust:globex, amount in cents; returns the case id. */
    public synchronized String holdTransfer(long amount, String requester, int expirySeconds) {
        UUID id = UUID.nameUUIDFromBytes(("transfer " + cases.size()).getBytes(StandardCharsets.UTF_8));
        String caseId = "transfer:" + id;
        long expires = now + expirySeconds * 1_000_000L;
        byte[] payload = new TransferPayload(id, "cust:acme", "cust:globex", "EUR", amount, requester).digest();
        boolean huge = amount >= 100_000_000;
        leaf(4, out -> {
            out.writeLong(id.getMostSignificantBits());
            out.writeLong(id.getLeastSignificantBits());
            out.writeInt(0);
            out.writeInt(1);
            out.writeLong(amount);
            out.writeLong(expires);
            str(out, requester);
            out.writeByte(1);
        });
        ObjectNode held = open(caseId, "transfer", payload, requester, expires);
        demand(held, "treasury", huge ? 2 : 1);
        demand(held, "risk", 1);
        held.putObject("transfer")
                .put("id", id.toString())
                .put("debit", "cust:acme")
                .put("credit", "cust:globex")
                .put("amount", amount)
                .put("asset", "EUR")
                .put("exponent", 2);
        opened(held, 1, payload);
        return caseId;
    }

    public synchronized String openRecovery(String caseId, String payloadDigest) {
        ObjectNode held = open(caseId, "recovery", HEX.parseHex(payloadDigest), "healer", now + 900_000_000L);
        demand(held, "operations", 2);
        opened(held, 2, HEX.parseHex(payloadDigest));
        return caseId;
    }

    /** Nobody decided in time. */
    public synchronized void expire(String caseId) {
        decide(cases.get(caseId), "expired", 3);
        if (caseId.startsWith("transfer:")) {
            uuidLeaf(7, caseId);
        }
    }

    /** The base64 signature of a decision over a case as it stands. */
    public synchronized String sign(String caseId, String keyId, boolean approve, String reason) {
        ObjectNode held = cases.get(caseId);
        ApprovalText text = new ApprovalText(
                caseId,
                HEX.parseHex(held.path("payloadDigest").asText()),
                approve,
                held.path("expiresAtMicros").asLong(),
                MerkleTree.sha256(reason.getBytes(StandardCharsets.UTF_8)));
        return Base64.getEncoder().encodeToString(keys(keyId).sign(text.bytes()));
    }

    public synchronized JsonNode heldCase(String caseId) {
        return cases.get(caseId).deepCopy();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String path = exchange.getRequestURI().getPath();
            requests.add(exchange.getRequestMethod() + " " + path);
            if (away) {
                send(exchange, 503, problem("unavailable", "no leader"));
            } else if (!("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                send(exchange, 401, problem("unauthenticated", "unknown token"));
            } else {
                serve(exchange, path, body);
            }
        }
    }

    private synchronized void serve(HttpExchange exchange, String path, byte[] body) throws IOException {
        String query = exchange.getRequestURI().getQuery() == null
                ? ""
                : exchange.getRequestURI().getQuery();
        if (path.equals("/v1/cases")) {
            ObjectNode list = JSON.createObjectNode();
            ArrayNode newestFirst = list.putArray("cases");
            List<ObjectNode> all = new ArrayList<>(cases.values());
            for (int i = all.size() - 1; i >= 0; i--) {
                newestFirst.add(all.get(i));
            }
            send(exchange, 200, list);
        } else if (path.matches("/v1/cases/[^/]+")) {
            ObjectNode held = cases.get(path.substring("/v1/cases/".length()));
            send(exchange, held == null ? 404 : 200, held == null ? problem("case_not_found", "no such case") : held);
        } else if (path.matches("/v1/cases/[^/]+/approvals")) {
            approve(exchange, path.split("/")[3], JSON.readTree(body));
        } else if (path.equals("/v1/policy")) {
            send(exchange, 200, policy());
        } else if (path.equals("/v1/nodes")) {
            send(exchange, 200, nodes());
        } else if (path.equals("/v1/status")) {
            send(
                    exchange,
                    200,
                    JSON.createObjectNode()
                            .put("nodeId", "n1")
                            .put("role", "leader")
                            .put("gate", "open"));
        } else if (path.equals("/v1/anchors")) {
            anchor(exchange, JSON.readTree(body));
        } else if (path.equals("/v1/checkpoint")) {
            byte[] note = new CheckpointSigner(NAME, "n1", NODE)
                    .sign(leaves.size(), root(), now)
                    .encode();
            exchange.sendResponseHeaders(200, note.length);
            exchange.getResponseBody().write(note);
        } else if (path.equals("/v1/journal")) {
            int from = Integer.parseInt(query.replaceAll(".*from=([0-9]+).*", "$1"));
            int limit = Integer.parseInt(query.replaceAll(".*limit=([0-9]+).*", "$1"));
            byte[] frames = Frames.encode(
                    leaves.subList(Math.min(from, leaves.size()), Math.min(leaves.size(), from + Math.min(limit, 5))));
            exchange.getResponseHeaders().set("X-Journal-Size", Integer.toString(leaves.size()));
            exchange.sendResponseHeaders(200, frames.length == 0 ? -1 : frames.length);
            exchange.getResponseBody().write(frames);
        } else {
            send(exchange, 404, problem("not_found", path));
        }
    }

    private void anchor(HttpExchange exchange, JsonNode body) throws IOException {
        long size = body.path("size").asLong();
        String root = body.path("root").asText();
        String origin = body.path("origin").asText();
        if (!origin.equals(NAME + "/trail") || !root.matches("[0-9a-f]{64}")) {
            send(exchange, 400, problem("bad_field", "origin or root"));
            return;
        }
        anchors.add(size + " " + root);
        leaf(16, out -> {
            str(out, origin);
            out.writeLong(size);
            out.write(HEX.parseHex(root));
        });
        sendWrite(exchange, JSON.createObjectNode().put("index", leaves.size()));
    }

    private void approve(HttpExchange exchange, String caseId, JsonNode body) throws IOException {
        ObjectNode held = cases.get(caseId);
        if (held == null) {
            send(exchange, 404, problem("case_not_found", "no such case"));
            return;
        }
        String keyId = body.path("keyId").asText();
        String[] key = KEYS.get(keyId);
        boolean approves = body.path("decision").asText().equals("approve");
        String reason = refusalOf(held, body, keyId, key, approves);
        if (!reason.isEmpty()) {
            send(exchange, 403, problem(reason, "the gate refuses: " + reason));
            return;
        }
        String role = approves ? roleFor(held, key) : "";
        byte[] signature = Base64.getDecoder().decode(body.path("signature").asText());
        leaf(9, out -> {
            str(out, caseId);
            out.write(HEX.parseHex(body.path("payloadDigest").asText()));
            out.writeByte(approves ? 1 : 2);
            str(out, keyId);
            out.writeLong(body.path("expiresAtMicros").asLong());
            out.write(HEX.parseHex(body.path("reasonDigest").asText()));
            out.writeInt(signature.length);
            out.write(signature);
        });
        held.withArray("approvals")
                .addObject()
                .put("keyId", keyId)
                .put("person", key[0])
                .put("role", role)
                .put("decision", approves ? "approve" : "deny")
                .put("reasonDigest", body.path("reasonDigest").asText())
                .put("signature", body.path("signature").asText())
                .put("expiresAtMicros", body.path("expiresAtMicros").asLong())
                .put("index", leaves.size() - 1);
        if (!approves) {
            decide(held, "denied", 2);
        } else if (complete(held)) {
            decide(held, "approved", 1);
            if (caseId.startsWith("transfer:")) {
                long amount = held.path("transfer").path("amount").asLong();
                leaf(5, out -> {
                    uuid(out, caseId);
                    out.writeLong(amount);
                });
            }
        }
        sendWrite(exchange, JSON.createObjectNode().put("index", leaves.size()).set("case", held));
    }

    private static String refusalOf(ObjectNode held, JsonNode body, String keyId, String[] key, boolean approves) {
        if (!held.path("state").asText().equals("open")) {
            return "case_not_open";
        }
        if (!held.path("payloadDigest")
                .asText()
                .equals(body.path("payloadDigest").asText())) {
            return "payload_differs";
        }
        if (body.path("expiresAtMicros").asLong() > held.path("expiresAtMicros").asLong()) {
            return "statement_outlives_case";
        }
        if (key == null) {
            return "key_unknown";
        }
        ApprovalText text = new ApprovalText(
                held.path("caseId").asText(),
                HEX.parseHex(body.path("payloadDigest").asText()),
                approves,
                body.path("expiresAtMicros").asLong(),
                HEX.parseHex(body.path("reasonDigest").asText()));
        if (!text.signedBy(
                keys(keyId).publicKey(),
                Base64.getDecoder().decode(body.path("signature").asText()))) {
            return "signature_invalid";
        }
        if (key[0].equals(held.path("requester").asText())) {
            return "approver_is_requester";
        }
        for (JsonNode earlier : held.path("approvals")) {
            if (earlier.path("person").asText().equals(key[0])) {
                return "person_has_decided";
            }
        }
        return approves && roleFor(held, key).isEmpty() ? "role_not_demanded" : "";
    }

    private static String roleFor(ObjectNode held, String[] key) {
        for (JsonNode demand : held.path("demands")) {
            String role = demand.path("role").asText();
            long given = 0;
            for (JsonNode approval : held.path("approvals")) {
                given += approval.path("role").asText().equals(role) ? 1 : 0;
            }
            if (given < demand.path("count").asLong()
                    && List.of(key).subList(1, key.length).contains(role)) {
                return role;
            }
        }
        return "";
    }

    private static boolean complete(ObjectNode held) {
        long wanted = 0;
        for (JsonNode demand : held.path("demands")) {
            wanted += demand.path("count").asLong();
        }
        return held.path("approvals").size() == wanted;
    }

    private ObjectNode open(String caseId, String kind, byte[] payload, String requester, long expires) {
        ObjectNode held = JSON.createObjectNode()
                .put("caseId", caseId)
                .put("kind", kind)
                .put("state", "open")
                .put("payloadDigest", HEX.formatHex(payload))
                .put("requester", requester)
                .put("expiresAtMicros", expires)
                .put("openedAtMicros", now)
                .put("openedIndex", leaves.size());
        held.putArray("demands");
        held.putArray("approvals");
        cases.put(caseId, held);
        return held;
    }

    private static void demand(ObjectNode held, String role, int count) {
        held.withArray("demands").addObject().put("role", role).put("count", count);
    }

    private void opened(ObjectNode held, int kind, byte[] payload) {
        leaf(8, out -> {
            str(out, held.path("caseId").asText());
            out.writeByte(kind);
            out.write(payload);
            str(out, held.path("requester").asText());
            out.writeLong(held.path("expiresAtMicros").asLong());
            out.writeByte(held.path("demands").size());
            for (JsonNode demand : held.path("demands")) {
                str(out, demand.path("role").asText());
                out.writeByte(demand.path("count").asInt());
            }
            out.writeLong(0); // no escalation
            out.writeByte(0);
        });
    }

    private void decide(ObjectNode held, String state, int outcome) {
        String caseId = held.path("caseId").asText();
        leaf(10, out -> {
            str(out, caseId);
            out.writeByte(outcome);
        });
        held.put("state", state).put("decidedIndex", leaves.size() - 1);
        if (outcome == 2 && caseId.startsWith("transfer:")) {
            leaf(6, out -> {
                uuid(out, caseId);
                out.writeByte(2);
            });
        }
    }

    private void uuidLeaf(int type, String caseId) {
        leaf(type, out -> uuid(out, caseId));
    }

    private static ObjectNode nodes() {
        ObjectNode answer = JSON.createObjectNode().put("leader", "n1").put("index", 7);
        ArrayNode list = answer.putArray("nodes");
        for (String id : List.of("n1", "n2", "n3")) {
            list.addObject()
                    .put("id", id)
                    .put("zone", "zone-" + id)
                    .put("url", "http://127.0.0.1:1")
                    .put("state", id.equals("n2") ? "isolated" : "active")
                    .put("member", true)
                    .put("incidentId", id.equals("n2") ? "incident-2" : "")
                    .put("attestedIndex", 4096)
                    .put("stateDigest", "d".repeat(64));
        }
        return answer;
    }

    private static final Map<String, String[]> KEYS = new LinkedHashMap<>();

    static {
        KEYS.put("k-olga", new String[] {"olga", "treasury", "operations"});
        KEYS.put("k-carl", new String[] {"carl", "risk", "operations"});
        KEYS.put("k-rita", new String[] {"rita", "treasury"});
    }

    private static ObjectNode policy() {
        ObjectNode policy = JSON.createObjectNode().put("ledger", NAME);
        policy.putArray("nodes")
                .addObject()
                .put("id", "n1")
                .put("zone", "zone-a")
                .put("checkpointKey", Base64.getEncoder().encodeToString(NODE.publicKey()));
        ArrayNode keys = policy.putArray("keys");
        KEYS.forEach((keyId, key) -> {
            ObjectNode one = keys.addObject().put("keyId", keyId).put("person", key[0]);
            List.of(key).subList(1, key.length).forEach(one.putArray("roles")::add);
            one.put("algorithm", "Ed25519")
                    .put(
                            "publicKey",
                            Base64.getEncoder().encodeToString(keys(keyId).publicKey()));
        });
        ArrayNode tiers = policy.putArray("tiers");
        tier(tiers, "large", "transfer", "EUR", 1_000_000, 3600, "treasury", 1, "risk", 1);
        tier(tiers, "huge", "transfer", "EUR", 100_000_000, 7200, "treasury", 2, "risk", 1);
        tier(tiers, "rebuild", "recovery", "", 0, 900, "operations", 2);
        return policy;
    }

    private static void tier(
            ArrayNode tiers, String name, String kind, String asset, long from, int expiry, Object... demands) {
        ObjectNode tier = tiers.addObject()
                .put("name", name)
                .put("kind", kind)
                .put("asset", asset)
                .put("fromAmount", from)
                .put("expirySeconds", expiry);
        ArrayNode list = tier.putArray("demands");
        for (int i = 0; i < demands.length; i += 2) {
            list.addObject().put("role", (String) demands[i]).put("count", (Integer) demands[i + 1]);
        }
    }

    private static void genesis(DataOutputStream out) throws IOException {
        JsonNode policy = policy();
        str(out, NAME);
        out.writeShort(1);
        str(out, "n1");
        str(out, "zone-a");
        bytes(out, NODE.publicKey());
        out.writeShort(KEYS.size());
        for (Map.Entry<String, String[]> key : KEYS.entrySet()) {
            str(out, key.getKey());
            str(out, key.getValue()[0]);
            out.writeByte(key.getValue().length - 1);
            for (String role : List.of(key.getValue()).subList(1, key.getValue().length)) {
                str(out, role);
            }
            out.writeByte(1);
            bytes(out, keys(key.getKey()).publicKey());
        }
        out.writeShort(policy.path("tiers").size());
        for (JsonNode tier : policy.path("tiers")) {
            str(out, tier.path("name").asText());
            out.writeByte(tier.path("kind").asText().equals("transfer") ? 1 : 2);
            str(out, tier.path("asset").asText());
            out.writeByte(0); // of all account classes
            out.writeLong(tier.path("fromAmount").asLong());
            out.writeInt(tier.path("expirySeconds").asInt());
            out.writeInt(0); // no verdict to wait for
            out.writeByte(tier.path("demands").size());
            for (JsonNode demand : tier.path("demands")) {
                str(out, demand.path("role").asText());
                out.writeByte(demand.path("count").asInt());
            }
            out.writeInt(0); // no escalation
            out.writeByte(0);
        }
    }

    private void leaf(int type, Body body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(1);
            out.writeByte(type);
            out.writeLong(leaves.size());
            out.writeLong(now);
            body.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        leaves.add(bytes.toByteArray());
        now += 1000;
    }

    private byte[] root() {
        MerkleFrontier frontier = new MerkleFrontier();
        leaves.forEach(leaf -> frontier.append(MerkleTree.leafHash(leaf)));
        return frontier.root();
    }

    private static void uuid(DataOutputStream out, String caseId) throws IOException {
        UUID id = UUID.fromString(caseId.substring("transfer:".length()));
        out.writeLong(id.getMostSignificantBits());
        out.writeLong(id.getLeastSignificantBits());
    }

    private static void str(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeShort(utf8.length);
        out.write(utf8);
    }

    private static void bytes(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private void sendWrite(HttpExchange exchange, JsonNode json) throws IOException {
        if (loseNextAnswer) {
            loseNextAnswer = false;
            send(exchange, 503, problem("unavailable", "the answer was lost"));
        } else {
            send(exchange, 200, json);
        }
    }

    private static ObjectNode problem(String reason, String detail) {
        return JSON.createObjectNode()
                .put("type", "https://homeostat.io/problems/" + reason)
                .put("reason", reason)
                .put("detail", detail);
    }

    private static void send(HttpExchange exchange, int status, JsonNode json) throws IOException {
        byte[] body = JSON.writeValueAsBytes(json);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }
}
