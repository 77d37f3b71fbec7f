package io.homeostat.approvals.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.homeostat.events.SignedApproval;
import io.homeostat.merkle.VerificationKey;
import io.homeostat.transport.MutualTls;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Talks to the ledger's public HTTP API with a bearer token, to whichever configured node answers: a node that fails or
 * is closed is passed over, and the next request starts with the node that answered last.
 *
 * <p>Thread-safe; every call blocks for at most {@code rounds x nodes x requestTimeout}. A write that was sent twice
 * because the first answer was lost is recognised by its content. Source: docs/interfaces.md.
 */
public final class LedgerClient {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .build();

    private final List<URI> nodes;
    private final Path tokenFile;
    private final LedgerLimits limits;
    private final HttpClient http;
    private final AtomicInteger preferred = new AtomicInteger();

    /**
     * @param nodes base addresses, for example {@code http://127.0.0.1:8081}
     * @param tokenFile holds the bearer token; it is read at each request, so that a new token needs no restart
     */
    public LedgerClient(List<URI> nodes, Path tokenFile, LedgerLimits limits) {
        this(nodes, tokenFile, limits, Optional.empty());
    }

    /** @param tls identity towards nodes that speak TLS */
    public LedgerClient(List<URI> nodes, Path tokenFile, LedgerLimits limits, Optional<MutualTls> tls) {
        if (nodes.isEmpty()) {
            throw new IllegalArgumentException("ledgerApis must name at least one node but is empty");
        }
        this.nodes = List.copyOf(nodes);
        this.tokenFile = tokenFile;
        this.limits = limits;
        this.http =
                MutualTls.client(tls).connectTimeout(limits.requestTimeout()).build();
    }

    /** {@code state} is {@code open}, {@code decided} or {@code all}; newest first. */
    public List<LedgerCase> cases(String state) {
        JsonNode cases = json(get("/v1/cases?state=" + state)).path("cases");
        List<LedgerCase> read = new ArrayList<>(cases.size());
        for (JsonNode one : cases) {
            read.add(as(one, LedgerCase.class));
        }
        return read;
    }

    public Optional<LedgerCase> findCase(String caseId) {
        HttpResponse<byte[]> answer = get("/v1/cases/" + encoded(caseId), 404);
        return answer.statusCode() == 404 ? Optional.empty() : Optional.of(as(json(answer), LedgerCase.class));
    }

    public LedgerNodes nodes() {
        return as(json(get("/v1/nodes")), LedgerNodes.class);
    }

    public LedgerPolicy policy() {
        return as(json(get("/v1/policy")), LedgerPolicy.class);
    }

    /** The signed note, exactly as the ledger wrote it. */
    public byte[] checkpoint() {
        return get("/v1/checkpoint").body();
    }

    /** Frames of journal leaves from {@code from} on, as many as one page holds, and the journal's size. */
    public JournalPage journal(long from, long limit) {
        HttpResponse<byte[]> answer =
                get("/v1/journal?from=" + from + "&limit=" + Math.min(limit, limits.pageLeaves()));
        long size = answer.headers()
                .firstValueAsLong("X-Journal-Size")
                .orElseThrow(() -> new LedgerFault("GET /v1/journal: expected the header X-Journal-Size, found none"));
        return new JournalPage(answer.body(), size);
    }

    /** Every configured node's own word about itself; a node without an answer is listed as such. */
    public List<NodeStatus> statuses() {
        List<NodeStatus> statuses = new ArrayList<>();
        for (URI node : nodes) {
            statuses.add(status(node));
        }
        return statuses;
    }

    public LedgerAnswer<Long> anchor(String origin, long size, String rootHex) {
        ObjectNode body =
                JSON.createObjectNode().put("origin", origin).put("size", size).put("root", rootHex);
        HttpResponse<byte[]> answer = send("POST", "/v1/anchors", write(body), 400, 403, 409, 422);
        return answer.statusCode() == 200
                ? new LedgerAnswer.Accepted<>(json(answer).path("index").asLong(), size)
                : refusal(answer);
    }

    /**
     * Forwards a signature. When an earlier try was carried out although its answer was lost, the ledger refuses the
     * second: the case then already holds this very signature, and that counts as accepted.
     */
    public LedgerAnswer<LedgerCase> approve(String caseId, SignedApproval approval) {
        ObjectNode body = JSON.createObjectNode()
                .put("keyId", approval.keyId())
                .put("decision", approval.decision().wireName())
                .put("payloadDigest", approval.payloadDigest())
                .put("expiresAtMicros", approval.expiresAtMicros())
                .put("reasonDigest", approval.reasonDigest())
                .put("signature", approval.signature());
        HttpResponse<byte[]> answer =
                send("POST", "/v1/cases/" + encoded(caseId) + "/approvals", write(body), 400, 403, 404, 409, 422);
        if (answer.statusCode() == 200) {
            JsonNode accepted = json(answer);
            return new LedgerAnswer.Accepted<>(
                    accepted.path("index").asLong(), as(accepted.path("case"), LedgerCase.class));
        }
        LedgerAnswer.Refused<LedgerCase> refused = refusal(answer);
        if (refused.reason().equals("person_has_decided") || refused.reason().equals("case_not_open")) {
            Optional<LedgerCase> held = findCase(caseId);
            for (LedgerCase.Approval recorded : held.map(LedgerCase::approvals).orElse(List.of())) {
                if (recorded.signature().equals(approval.signature())) {
                    return new LedgerAnswer.Accepted<>(recorded.index(), held.orElseThrow());
                }
            }
        }
        return refused;
    }

    /** Proposes to register a key; the case that this opens is approved like every other. */
    public LedgerAnswer<LedgerCase> proposeKey(
            String caseId, String keyId, String person, List<String> roles, VerificationKey key) {
        ObjectNode body = JSON.createObjectNode().put("caseId", caseId).put("change", "register");
        ObjectNode proposed = body.putObject("key").put("keyId", keyId).put("person", person);
        roles.forEach(proposed.putArray("roles")::add);
        proposed.put("algorithm", key.algorithm().wireName())
                .put("publicKey", Base64.getEncoder().encodeToString(key.publicKey()));
        if (!key.rpId().isEmpty()) {
            proposed.put("rpId", key.rpId()).put("origin", key.origin());
        }
        HttpResponse<byte[]> answer = send("POST", "/v1/keys/changes", write(body), 400, 403, 404, 409, 422);
        if (answer.statusCode() != 200) {
            return refusal(answer);
        }
        JsonNode accepted = json(answer);
        return new LedgerAnswer.Accepted<>(
                accepted.path("index").asLong(), as(accepted.path("case"), LedgerCase.class));
    }

    /** One page of {@code GET /v1/journal}. */
    public record JournalPage(byte[] frames, long journalSize) {}

    private NodeStatus status(URI node) {
        try {
            HttpResponse<byte[]> answer = exchange(node, "GET", "/v1/status", null);
            JsonNode body = json(answer);
            String id = body.path("nodeId")
                    .asText(body.path("id").asText(body.path("node").asText("")));
            if (answer.statusCode() != 200) {
                return new NodeStatus(node, id, "", body.path("reason").asText("closed"), true);
            }
            JsonNode gate = body.path("gate");
            String gateName = gate.isObject() ? gate.path("state").asText("") : gate.asText("");
            return new NodeStatus(node, id, body.path("role").asText(""), gateName, true);
        } catch (IOException | LedgerFault e) {
            return new NodeStatus(node, "", "", "no answer", false);
        }
    }

    private HttpResponse<byte[]> get(String path, int... alsoFinal) {
        return send("GET", path, null, alsoFinal);
    }

    /** An answer of 200 or of a status in {@code alsoFinal} is the ledger's word; every other is tried on the next node. */
    private HttpResponse<byte[]> send(String method, String path, byte @Nullable [] body, int... alsoFinal) {
        String last = "";
        int start = preferred.get();
        for (int tried = 0; tried < nodes.size() * limits.rounds(); tried++) {
            int at = Math.floorMod(start + tried, nodes.size());
            URI node = nodes.get(at);
            try {
                HttpResponse<byte[]> answer = exchange(node, method, path, body);
                if (answer.statusCode() == 200 || contains(alsoFinal, answer.statusCode())) {
                    preferred.set(at);
                    return answer;
                }
                last = node + " answered " + answer.statusCode() + " " + shortened(answer.body());
            } catch (IOException e) {
                last = node + " did not answer: " + e;
            }
        }
        throw new LedgerFault(
                method + " " + path.replaceAll("\\?.*", "") + ": expected an answer of one of " + nodes.size()
                        + " nodes, but " + last + "; check that a majority of the ledger is up and the token is valid");
    }

    private HttpResponse<byte[]> exchange(URI node, String method, String path, byte @Nullable [] body)
            throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(node.toString().replaceAll("/+$", "") + path))
                .timeout(limits.requestTimeout())
                .header("Authorization", "Bearer " + token());
        if (body == null) {
            request.method(method, HttpRequest.BodyPublishers.noBody());
        } else {
            request.header("Content-Type", "application/json")
                    .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
        }
        // The request's own timeout ends with the headers; a node that is stopped in the middle of a body would hold
        // us.
        CompletableFuture<HttpResponse<byte[]>> answer =
                http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        try {
            return answer.get(limits.requestTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LedgerFault(method + " " + path + " was interrupted by the shutdown", e);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new IOException("no answer within " + limits.requestTimeout(), e);
        } catch (ExecutionException e) {
            throw new IOException(String.valueOf(e.getCause()), e);
        }
    }

    private String token() throws IOException {
        try (InputStream in = Files.newInputStream(tokenFile)) {
            return new String(in.readNBytes(4096), StandardCharsets.UTF_8).strip();
        }
    }

    private static <T> LedgerAnswer.Refused<T> refusal(HttpResponse<byte[]> answer) {
        JsonNode problem = json(answer);
        String reason = problem.path("reason").asText("");
        if (reason.isEmpty()) {
            reason = problem.path("type").asText("").replaceAll("^.*/", "");
        }
        return new LedgerAnswer.Refused<>(
                answer.statusCode(),
                reason,
                problem.path("detail").asText(problem.path("title").asText("")));
    }

    private static JsonNode json(HttpResponse<byte[]> answer) {
        try {
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new LedgerFault(
                    answer.request().uri().getPath() + ": expected JSON but found " + shortened(answer.body()), e);
        }
    }

    private static <T> T as(JsonNode json, Class<T> type) {
        try {
            return JSON.treeToValue(json, type);
        } catch (JsonProcessingException e) {
            throw new LedgerFault(
                    "the ledger's answer is no " + type.getSimpleName() + ": " + e.getOriginalMessage(), e);
        }
    }

    private static byte[] write(ObjectNode body) {
        return body.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static boolean contains(int[] statuses, int status) {
        for (int one : statuses) {
            if (one == status) {
                return true;
            }
        }
        return false;
    }

    private static String encoded(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%3A", ":");
    }

    private static String shortened(byte[] body) {
        String text = new String(body, 0, Math.min(body.length, 200), StandardCharsets.UTF_8);
        return text.replaceAll("\\p{Cntrl}", " ");
    }
}
