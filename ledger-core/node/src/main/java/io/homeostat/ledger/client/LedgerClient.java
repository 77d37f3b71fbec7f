package io.homeostat.ledger.client;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.homeostat.transport.MutualTls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Client of a ledger's public API over several nodes. An endpoint that fails is left for the next one; a request is sent
 * again under the same transfer id until it has an outcome or its deadline passes, which is safe because the id is the
 * idempotency key.
 *
 * <p>Thread-safe; futures complete in threads of the HTTP client. No attempt begins after {@link LedgerClientLimits#deadline};
 * the last one still gets its whole time, so that a request ends by deadline + attempt.
 */
public final class LedgerClient {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final JsonFactory JSON = new JsonFactory();
    private static final String JSON_TYPE = "application/json";
    private static final String PROTOBUF = "application/x-protobuf";
    /** On answers that a follower fetched from the leader: the leader's own address. */
    private static final String LEADER = "X-Homeostat-Leader";

    private static final byte[] NOTHING = new byte[0];
    private static final int TOO_MANY = 429;
    private static final int UNAVAILABLE = 503;
    private static final int UNKNOWN_OUTCOME = 504;
    private final List<URI> endpoints;
    private final String authorization;
    private final LedgerClientLimits limits;
    private final HttpClient http;
    private final AtomicInteger preferred = new AtomicInteger();

    /** @param endpoints base URLs of nodes, for example {@code http://127.0.0.1:8080} */
    public LedgerClient(List<URI> endpoints, String token, LedgerClientLimits limits) {
        this(endpoints, token, limits, Optional.empty());
    }

    /** @param tls this client's certificate and whom it trusts, for endpoints with {@code https} */
    public LedgerClient(List<URI> endpoints, String token, LedgerClientLimits limits, Optional<MutualTls> tls) {
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("a client needs at least one endpoint");
        }
        this.endpoints = List.copyOf(endpoints);
        this.authorization = "Bearer " + token;
        this.limits = limits;
        this.http = MutualTls.client(tls).connectTimeout(limits.connect()).build();
    }

    /**
     * A transfer to make.
     *
     * @param amount minor units
     * @param timeoutSeconds of a hold, 0 for the ledger's default
     */
    public record Transfer(
            UUID id, String debit, String credit, long amount, String asset, boolean hold, int timeoutSeconds) {
        public Transfer(UUID id, String debit, String credit, long amount, String asset) {
            this(id, debit, credit, amount, asset, false, 0);
        }
    }

    /** An account to make; {@code accountClass} is customer, settlement, external, fee or suspense. */
    public record Account(
            String id, String asset, int exponent, String accountClass, boolean debitsMustNotExceedCredits) {}

    /** Part of a transfer of many. {@code amount}, in minor units, is a credit of the account, or a debit when negative. */
    public record Leg(String account, String asset, long amount) {}

    /** What is known about a request once the client is done with it. */
    public enum Kind {
        /** The ledger did it, now or at an earlier attempt. */
        ACCEPTED,
        /** The ledger said no, for good. */
        REFUSED,
        /** No node took it before the deadline: nothing was written. */
        UNAVAILABLE,
        /** A node may have taken it, and nobody told before the deadline. Ask {@link #transferState}, or send it again. */
        UNKNOWN
    }

    /**
     * The outcome of one transfer.
     *
     * @param status {@code posted}, {@code held}, ...; empty when not accepted
     * @param reason why refused, {@code duplicate} when an earlier attempt did it, empty otherwise
     * @param caseId the approval case of a gated transfer, empty otherwise
     * @param index journal sequence after the command, -1 when not known
     */
    public record Outcome(UUID id, Kind kind, String status, String reason, String caseId, long index) {
        public boolean accepted() {
            return kind == Kind.ACCEPTED;
        }
    }

    /** The last answer to a request. {@code status} is 0 when no node answered. {@code json} is missing when there is none. */
    public record Reply(Kind kind, int status, JsonNode json) {
        public boolean ok() {
            return kind == Kind.ACCEPTED;
        }

        public String reason() {
            return json.path("reason").asText(json.path("detail").asText(""));
        }
    }

    public Outcome transfer(Transfer transfer) {
        return transferAsync(transfer).join();
    }

    public CompletableFuture<Outcome> transferAsync(Transfer transfer) {
        return sendAsync("POST", "/v1/transfers", write(json -> transfer(json, transfer)), true)
                .thenApply(reply -> outcome(transfer.id(), reply));
    }

    /** A transfer of 2 to 64 legs, posted whole or not at all. */
    public Outcome legs(UUID id, List<Leg> legs) {
        byte[] body = write(json -> {
            json.writeStartObject();
            json.writeStringField("id", id.toString());
            json.writeArrayFieldStart("legs");
            for (Leg leg : legs) {
                json.writeStartObject();
                json.writeStringField("account", leg.account());
                json.writeStringField("asset", leg.asset());
                json.writeNumberField(leg.amount() < 0 ? "debit" : "credit", Math.abs(leg.amount()));
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        });
        return outcome(id, send("POST", "/v1/transfers", body));
    }

    /**
     * Posts the opposite of a posted transfer, once.
     *
     * @param id of the reversal
     * @param reason mistake, duplicate, fraud, recall or other
     */
    public Outcome reverse(UUID id, UUID reverses, String reason) {
        byte[] body = write(json -> {
            json.writeStartObject();
            json.writeStringField("id", id.toString());
            json.writeStringField("reason", reason);
            json.writeEndObject();
        });
        return outcome(id, send("POST", "/v1/transfers/" + reverses + "/reverse", body));
    }

    /** One outcome per transfer, in order. */
    public List<Outcome> batch(List<Transfer> transfers) {
        return batchAsync(transfers).join();
    }

    public CompletableFuture<List<Outcome>> batchAsync(List<Transfer> transfers) {
        byte[] body = TransferProto.batch(transfers);
        return attempts("POST", "/v1/transfers/batch", PROTOBUF, body, true).thenApply(raw -> {
            Reply reply = raw.reply();
            if (raw.kind() == Kind.ACCEPTED) {
                try {
                    return TransferProto.outcomes(transfers, raw.body());
                } catch (IllegalArgumentException e) {
                    // The ledger did something, and nobody can tell what.
                    reply = new Reply(Kind.UNKNOWN, raw.status(), MissingNode.getInstance());
                }
            }
            Reply last = reply;
            return transfers.stream()
                    .map(transfer -> outcome(transfer.id(), last))
                    .toList();
        });
    }

    /** The state of a transfer; its {@code status} is {@code unknown} when the ledger has never seen the id. */
    public Reply transferState(UUID id) {
        return send("GET", "/v1/transfers/" + id, new byte[0]);
    }

    public Reply createAccounts(List<Account> accounts) {
        return send("POST", "/v1/accounts", write(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("accounts");
            for (Account account : accounts) {
                json.writeStartObject();
                json.writeStringField("id", account.id());
                json.writeStringField("asset", account.asset());
                json.writeNumberField("exponent", account.exponent());
                json.writeStringField("class", account.accountClass());
                json.writeBooleanField("debitsMustNotExceedCredits", account.debitsMustNotExceedCredits());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }));
    }

    public Reply account(String id) {
        return send("GET", "/v1/accounts/" + id, new byte[0]);
    }

    public Reply sums() {
        return send("GET", "/v1/sums", new byte[0]);
    }

    public Reply postHold(UUID id) {
        return send("POST", "/v1/transfers/" + id + "/post", "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    /** Posts a part of a hold, in minor units; the rest is freed. */
    public Reply postHold(UUID id, long amount) {
        return send("POST", "/v1/transfers/" + id + "/post", write(json -> {
            json.writeStartObject();
            json.writeNumberField("amount", amount);
            json.writeEndObject();
        }));
    }

    public Reply voidHold(UUID id) {
        return send("POST", "/v1/transfers/" + id + "/void", "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    /** Any JSON request with retries; only for those that may be sent twice. */
    public Reply send(String method, String path, byte[] body) {
        return sendAsync(method, path, body, true).join();
    }

    /** @param repeatable false: one attempt, at one endpoint */
    public CompletableFuture<Reply> sendAsync(String method, String path, byte[] body, boolean repeatable) {
        return attempts(method, path, JSON_TYPE, body, repeatable).thenApply(Raw::reply);
    }

    private CompletableFuture<Raw> attempts(
            String method, String path, String contentType, byte[] body, boolean repeatable) {
        CompletableFuture<Raw> result = new CompletableFuture<>();
        new Attempts(method, path, contentType, body, repeatable, result).next();
        return result;
    }

    /** The last answer, not read yet. */
    private record Raw(Kind kind, int status, byte[] body) {
        Reply reply() {
            return new Reply(kind, status, tree(body));
        }
    }

    /** One request with all its attempts. */
    private final class Attempts {
        private final String method;
        private final String path;
        private final String contentType;
        private final byte[] body;
        private final boolean repeatable;
        private final CompletableFuture<Raw> result;
        private final long deadlineNanos = System.nanoTime() + limits.deadline().toNanos();
        private int attempts;
        private boolean mayBeWritten;

        Attempts(
                String method,
                String path,
                String contentType,
                byte[] body,
                boolean repeatable,
                CompletableFuture<Raw> result) {
            this.method = method;
            this.path = path;
            this.contentType = contentType;
            this.body = body;
            this.repeatable = repeatable;
            this.result = result;
        }

        void next() {
            attempts++;
            int endpoint = preferred.get();
            HttpRequest.Builder request = HttpRequest.newBuilder(
                            URI.create(endpoints.get(Math.floorMod(endpoint, endpoints.size())) + path))
                    // Not cut short by the deadline: an attempt broken off is an outcome unknown.
                    .timeout(limits.attempt())
                    .header("Authorization", authorization);
            if (method.equals("GET") || method.equals("DELETE")) {
                request.method(method, HttpRequest.BodyPublishers.noBody());
            } else {
                request.header("Content-Type", contentType)
                        .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
            }
            CompletableFuture<HttpResponse<byte[]>> asked =
                    http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            // The timeout of the request ends with the head of the answer, and a node may stand still after that.
            asked.copy()
                    .orTimeout(limits.attempt().toMillis(), TimeUnit.MILLISECONDS)
                    .whenComplete((response, failure) -> {
                        if (failure != null) {
                            asked.cancel(true);
                            // A refused connection wrote nothing; any other failure leaves it open.
                            mayBeWritten |= !connectFailed(failure);
                            retry(endpoint, 0, NOTHING);
                        } else {
                            answered(endpoint, response);
                        }
                    });
        }

        private void answered(int endpoint, HttpResponse<byte[]> response) {
            int status = response.statusCode();
            byte[] answer = response.body();
            response.headers().firstValue(LEADER).ifPresent(leader -> prefer(endpoint, leader));
            if (status == UNKNOWN_OUTCOME) {
                mayBeWritten = true;
                retry(endpoint, status, answer);
            } else if (status == UNAVAILABLE || status == TOO_MANY) {
                retry(endpoint, status, answer);
            } else if (status >= 500) {
                mayBeWritten = true;
                retry(endpoint, status, answer);
            } else {
                result.complete(new Raw(status < 300 ? Kind.ACCEPTED : Kind.REFUSED, status, answer));
            }
        }

        private void retry(int endpoint, int status, byte[] answer) {
            preferred.compareAndSet(endpoint, endpoint + 1);
            long pause = pauseNanos();
            if (!repeatable || System.nanoTime() + pause >= deadlineNanos) {
                result.complete(new Raw(mayBeWritten ? Kind.UNKNOWN : Kind.UNAVAILABLE, status, answer));
                return;
            }
            CompletableFuture.delayedExecutor(pause, TimeUnit.NANOSECONDS).execute(this::next);
        }

        /** None while there are endpoints that were not asked yet; then doubling. */
        private long pauseNanos() {
            if (attempts < endpoints.size()) {
                return 0;
            }
            int doublings = Math.min(10, attempts - endpoints.size());
            return Math.min(limits.backoffMax().toNanos(), limits.backoff().toNanos() << doublings);
        }
    }

    /** The leader as a follower named it, if it is one of ours: the next request spares itself the way round. */
    private void prefer(int asked, String leader) {
        for (int i = 0; i < endpoints.size(); i++) {
            if (endpoints.get(i).toString().equals(leader)) {
                preferred.compareAndSet(asked, i);
            }
        }
    }

    private static boolean connectFailed(Throwable failure) {
        Throwable cause = failure;
        while (cause != null) {
            if (cause instanceof java.net.ConnectException
                    || cause instanceof java.net.http.HttpConnectTimeoutException) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    private static Outcome outcome(UUID id, Reply reply) {
        return reply.ok()
                ? result(reply.json(), reply.json().path("index").asLong(-1))
                : new Outcome(id, reply.kind(), "", reply.reason(), "", -1);
    }

    private static Outcome result(JsonNode json, long index) {
        return outcome(
                UUID.fromString(json.path("id").asText()),
                json.path("status").asText(""),
                json.path("reason").asText(""),
                json.path("caseId").asText(""),
                index);
    }

    static Outcome outcome(UUID id, String status, String reason, String caseId, long index) {
        boolean refused = status.equals("rejected") || !(reason.isEmpty() || reason.equals("duplicate"));
        return new Outcome(id, refused ? Kind.REFUSED : Kind.ACCEPTED, status, reason, caseId, index);
    }

    private static void transfer(JsonGenerator json, Transfer transfer) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", transfer.id().toString());
        json.writeStringField("debit", transfer.debit());
        json.writeStringField("credit", transfer.credit());
        json.writeNumberField("amount", transfer.amount());
        json.writeStringField("asset", transfer.asset());
        if (transfer.hold()) {
            json.writeBooleanField("hold", true);
            if (transfer.timeoutSeconds() > 0) {
                json.writeNumberField("timeoutSeconds", transfer.timeoutSeconds());
            }
        }
        json.writeEndObject();
    }

    @FunctionalInterface
    private interface Body {
        void write(JsonGenerator json) throws IOException;
    }

    private static byte[] write(Body body) {
        try (ByteArrayBuilder out = new ByteArrayBuilder();
                JsonGenerator json = JSON.createGenerator(out)) {
            body.write(json);
            json.flush();
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException("writing JSON to memory can not fail", e);
        }
    }

    private static JsonNode tree(byte @Nullable [] body) {
        if (body == null || body.length == 0) {
            return MissingNode.getInstance();
        }
        try {
            return MAPPER.readTree(body);
        } catch (IOException e) {
            // Not JSON, for example a signed note: the status alone tells.
            return MissingNode.getInstance();
        }
    }
}
