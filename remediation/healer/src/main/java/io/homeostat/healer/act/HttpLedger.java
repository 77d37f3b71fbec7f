package io.homeostat.healer.act;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The ledger by HTTP. Any node answers for the whole ledger, so a call goes to one node after the other, and for
 * idempotent calls to the next one already when the first is slow: a stopped process accepts connections and never answers.
 */
public final class HttpLedger implements LedgerApi {
    private final List<NodeEndpoint> nodes;
    private final JsonHttp http;
    private final ActLimits limits;
    private volatile String lastGood = "";

    public HttpLedger(List<NodeEndpoint> nodes, JsonHttp http, ActLimits limits) {
        this.nodes = List.copyOf(nodes);
        this.http = http;
        this.limits = limits;
    }

    @Override
    public LedgerNodes nodes(String avoid) {
        return any("GET", "/v1/nodes", null, order(avoid, true), limits.hedgeDelay(), limits.readTimeout())
                .as(LedgerNodes.class);
    }

    @Override
    public List<Attestation> attestations(String avoid) {
        return any("GET", "/v1/attestations", null, order(avoid, false), limits.hedgeDelay(), limits.readTimeout())
                .as(Attestations.class)
                .attestations();
    }

    @Override
    public Reply<Long> isolate(String node, String incidentId, String reason) {
        Map<String, String> body = Map.of("incidentId", incidentId, "reason", reason);
        String path = "/v1/nodes/" + node + "/isolation";
        return index(any("POST", path, body, order(node, true), limits.hedgeDelay(), limits.isolateTimeout()));
    }

    @Override
    public Reply<Long> readmit(String node, String incidentId) {
        String path =
                "/v1/nodes/" + node + "/isolation?incidentId=" + URLEncoder.encode(incidentId, StandardCharsets.UTF_8);
        return index(oneAfterTheOther("DELETE", path, null, order(node, true)));
    }

    @Override
    public Reply<List<String>> setMember(String node, boolean member) {
        JsonHttp.Answer answer = oneAfterTheOther(
                "PUT", "/v1/nodes/" + node + "/membership", Map.of("member", member), order(node, false));
        return answer.ok() ? new Reply.Done<>(answer.as(Members.class).members()) : refusal(answer);
    }

    @Override
    public Reply<String> moveLeadershipAway(String node) {
        JsonHttp.Answer answer = oneAfterTheOther("POST", "/v1/leadership", Map.of("away", node), order(node, false));
        return answer.ok() ? new Reply.Done<>(answer.as(Leader.class).leader()) : refusal(answer);
    }

    @Override
    public Reply<String> openCase(String caseId, String payloadDigest, String tier, String requester) {
        Map<String, String> body =
                Map.of("caseId", caseId, "payloadDigest", payloadDigest, "tier", tier, "requester", requester);
        JsonHttp.Answer answer = oneAfterTheOther("POST", "/v1/cases", body, order("", true));
        return answer.ok() ? new Reply.Done<>(caseId) : refusal(answer);
    }

    @Override
    public ApprovalCase approvalCase(String caseId) {
        String path = "/v1/cases/" + URLEncoder.encode(caseId, StandardCharsets.UTF_8);
        JsonHttp.Answer answer = any("GET", path, null, order("", true), limits.hedgeDelay(), limits.readTimeout());
        if (answer.status() == 404) {
            // A node that lags behind the one which opened the case does not know it yet.
            throw new ActFault(ActFault.Kind.RETRYABLE, "case " + caseId + " is not known at " + answer.uri() + " yet");
        }
        return answer.as(ApprovalCase.class);
    }

    @Override
    public String caseProof(String caseId) {
        String path = "/v1/cases/" + URLEncoder.encode(caseId, StandardCharsets.UTF_8) + "/proof";
        JsonHttp.Answer answer = any("GET", path, null, order("", true), limits.hedgeDelay(), limits.readTimeout());
        if (!answer.ok()) {
            throw answer.unexpected();
        }
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    /** The node that answered last comes first, the sick one last or not at all. */
    private List<NodeEndpoint> order(String avoid, boolean askAvoided) {
        List<NodeEndpoint> order = new ArrayList<>();
        for (NodeEndpoint node : nodes) {
            if (!node.id().equals(avoid)) {
                order.add(node.id().equals(lastGood) ? 0 : order.size(), node);
            }
        }
        if (askAvoided) {
            nodes.stream().filter(n -> n.id().equals(avoid)).forEach(order::add);
        }
        return order;
    }

    /** For commands that must not run twice at the same time: the next node only after the time of the one before. */
    private JsonHttp.Answer oneAfterTheOther(
            String method, String path, @Nullable Object body, List<NodeEndpoint> order) {
        Duration whole = limits.writeTimeout().multipliedBy(Math.max(1, order.size()));
        return any(method, path, body, order, limits.writeTimeout(), whole);
    }

    /** The first decisive answer: anything but "not available". */
    private JsonHttp.Answer any(
            String method,
            String path,
            @Nullable Object body,
            List<NodeEndpoint> order,
            Duration hedge,
            Duration whole) {
        long deadlineNanos = System.nanoTime() + whole.toNanos();
        BlockingQueue<Attempt> attempts = new ArrayBlockingQueue<>(Math.max(1, order.size()));
        List<String> failures = new ArrayList<>();
        int sent = 0;
        while (failures.size() < order.size()) {
            long leftNanos = deadlineNanos - System.nanoTime();
            if (leftNanos <= 0) {
                break;
            }
            if (sent < order.size()) {
                NodeEndpoint node = order.get(sent++);
                URI uri = node.ledgerApi().resolve(path);
                Duration left = Duration.ofNanos(
                        Math.min(leftNanos, limits.writeTimeout().toNanos()));
                http.send(method, uri, body, left)
                        .whenComplete((answer, failure) -> attempts.add(new Attempt(node, answer, failure)));
            }
            Attempt attempt = take(attempts, sent < order.size() ? Math.min(hedge.toNanos(), leftNanos) : leftNanos);
            if (attempt == null) {
                continue;
            }
            JsonHttp.Answer answer = attempt.answer();
            if (answer != null && !answer.unavailable()) {
                lastGood = attempt.node().id();
                return answer;
            }
            failures.add(attempt.words(path));
        }
        throw new ActFault(
                ActFault.Kind.RETRYABLE,
                method + " " + path + " found no node that answered within " + whole.toMillis() + " ms, asked " + sent
                        + " of " + order.size() + ": " + failures);
    }

    private static @Nullable Attempt take(BlockingQueue<Attempt> attempts, long nanos) {
        try {
            return attempts.poll(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ActFault(ActFault.Kind.RETRYABLE, "interrupted while waiting for the ledger", e);
        }
    }

    private static Reply<Long> index(JsonHttp.Answer answer) {
        return answer.ok() ? new Reply.Done<>(answer.as(Index.class).index()) : refusal(answer);
    }

    /** 409 and 422 and 403 are the ledger's considered "no"; anything else is not in the contract. */
    private static <T> Reply<T> refusal(JsonHttp.Answer answer) {
        if (answer.status() == 409 || answer.status() == 422 || answer.status() == 403 || answer.status() == 404) {
            return new Reply.Refused<>(answer.reason(), answer.words());
        }
        throw answer.unexpected();
    }

    private record Attempt(
            NodeEndpoint node,
            JsonHttp.@Nullable Answer answer,
            @Nullable Throwable failure) {
        String words(String path) {
            if (answer != null) {
                return node.id() + " status " + answer.status() + " (" + answer.reason() + ")";
            }
            Throwable thrown = failure == null ? new IllegalStateException("no outcome") : failure;
            return node.id() + " "
                    + JsonHttp.fault(node.ledgerApi().resolve(path), thrown).getMessage();
        }
    }

    private record Index(long index) {}

    private record Members(List<String> members) {}

    private record Leader(String leader) {}

    private record Attestations(List<Attestation> attestations) {}
}
