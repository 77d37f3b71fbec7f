package io.homeostat.ledger.http;

import io.homeostat.ledger.LedgerNodeConfig;
import io.homeostat.merkle.Digests;
import io.homeostat.merkle.Frames;
import io.homeostat.transport.MutualTls;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * What one node asks of another, under the token that the nodes share: leaves of the journal, and to have an attestation
 * proposed. Thread-safe.
 */
public final class PeerClient {
    private static final Duration CONNECT = Duration.ofSeconds(1);
    private static final Duration ANSWER = Duration.ofSeconds(10);
    /** Later the answer would say too little. */
    private static final Duration QUICK_ANSWER = Duration.ofSeconds(3);
    /** Only a GENESIS leaf is larger than a few kB; 4096 keys make about 1 MiB. */
    private static final int MAX_LEAF_BYTES = 4 << 20;

    private final LedgerNodeConfig config;
    private final HttpClient http;
    private final String token;
    private final Duration answerWithin;

    public PeerClient(LedgerNodeConfig config, String internalToken, Optional<MutualTls> tls) {
        this(config, internalToken, tls, ANSWER);
    }

    PeerClient(LedgerNodeConfig config, String internalToken, Optional<MutualTls> tls, Duration answerWithin) {
        this.answerWithin = answerWithin;
        this.config = config;
        this.http = MutualTls.client(tls).connectTimeout(CONNECT).build();
        this.token = internalToken;
    }

    /** Leaves from {@code from} on, as many as the peer sends at once; empty when it has none. */
    public List<byte[]> journal(LedgerNodeConfig.Peer peer, long from, int limit)
            throws IOException, InterruptedException {
        HttpResponse<byte[]> response = http.send(
                get(peer, "/v1/journal?from=" + from + "&limit=" + limit), HttpResponse.BodyHandlers.ofByteArray());
        if (response.statusCode() != 200) {
            throw new IOException("peer " + peer.id() + " answered " + response.statusCode() + " to a journal read");
        }
        try {
            return Frames.decode(response.body(), MAX_LEAF_BYTES);
        } catch (IllegalArgumentException e) {
            throw new IOException("peer " + peer.id() + " sent damaged frames: " + e.getMessage(), e);
        }
    }

    /** Size of the peer's journal; empty when it does not answer. */
    public OptionalLong journalSize(LedgerNodeConfig.Peer peer) throws InterruptedException {
        try {
            HttpResponse<byte[]> response = http.send(get(peer, "/v1/status"), HttpResponse.BodyHandlers.ofByteArray());
            if (response.statusCode() != 200) {
                return OptionalLong.empty();
            }
            return OptionalLong.of(number(response.body(), "journalSize"));
        } catch (IOException | Problem e) {
            return OptionalLong.empty();
        }
    }

    /**
     * Completes with true when the ledger decided on the attestation, accepting it or not, and in any case within a limit: a node
     * that waited for ever would never attest again.
     */
    public CompletableFuture<Boolean> attest(LedgerNodeConfig.Peer leader, String node, long raftIndex, byte[] digest) {
        byte[] body = Json.write(json -> {
            json.writeStartObject();
            json.writeStringField("node", node);
            json.writeNumberField("raftIndex", raftIndex);
            json.writeStringField("digest", Digests.hex(digest));
            json.writeEndObject();
        });
        HttpRequest request = HttpRequest.newBuilder(URI.create(config.urlOf(leader) + "/internal/attestations"))
                .timeout(answerWithin)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .header(LeaderProxy.FORWARDED, node)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        return ask(request, HttpResponse.BodyHandlers.discarding(), answerWithin)
                .thenApply(response -> response.statusCode() == 200 || response.statusCode() == 409);
    }

    /** Whether a peer takes part in elections; fails when it does not say. */
    public CompletableFuture<Boolean> votes(String id) {
        return ask(quick(id, NodeRoutes.VOTE), HttpResponse.BodyHandlers.ofByteArray(), QUICK_ANSWER)
                .thenApply(response -> {
                    if (response.statusCode() != 200) {
                        throw new IllegalStateException(
                                "peer " + id + " answered " + response.statusCode() + " when asked for its vote");
                    }
                    return number(response.body(), "votes") != 0;
                });
    }

    /** What the clock of a peer shows, in microseconds since the epoch; empty when it does not say. */
    public CompletableFuture<OptionalLong> clock(String id) {
        return ask(quick(id, NodeRoutes.CLOCK), HttpResponse.BodyHandlers.ofByteArray(), QUICK_ANSWER)
                .thenApply(response -> response.statusCode() == 200
                        ? OptionalLong.of(number(response.body(), "micros"))
                        : OptionalLong.empty());
    }

    private static long number(byte[] body, String name) {
        long[] found = {0};
        Json.read(body, json -> {
            while (json.nextToken() != com.fasterxml.jackson.core.JsonToken.END_OBJECT) {
                boolean wanted = name.equals(json.currentName());
                if (json.nextToken() == com.fasterxml.jackson.core.JsonToken.VALUE_NUMBER_INT && wanted) {
                    found[0] = json.getLongValue();
                }
                json.skipChildren();
            }
            return found;
        });
        return found[0];
    }

    /** The timeout of a request ends with the head of its answer, and a peer may stand still, or be cut off, after that. */
    private <T> CompletableFuture<HttpResponse<T>> ask(
            HttpRequest request, HttpResponse.BodyHandler<T> body, Duration within) {
        CompletableFuture<HttpResponse<T>> asked = http.sendAsync(request, body);
        return asked.copy().orTimeout(within.toMillis(), TimeUnit.MILLISECONDS).whenComplete((answer, failure) -> {
            if (failure != null) {
                asked.cancel(true);
            }
        });
    }

    private HttpRequest quick(String id, String path) {
        LedgerNodeConfig.Peer peer = config.peers().stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow();
        return HttpRequest.newBuilder(URI.create(config.urlOf(peer) + path))
                .timeout(QUICK_ANSWER)
                .header("Authorization", "Bearer " + token)
                .build();
    }

    private HttpRequest get(LedgerNodeConfig.Peer peer, String path) {
        return HttpRequest.newBuilder(URI.create(config.urlOf(peer) + path))
                .timeout(ANSWER)
                .header("Authorization", "Bearer " + token)
                .build();
    }
}
