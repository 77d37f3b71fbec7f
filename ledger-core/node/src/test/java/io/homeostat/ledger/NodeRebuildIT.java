package io.homeostat.ledger;

import static io.homeostat.ledger.testing.LocalCluster.PATIENCE;
import static io.homeostat.ledger.testing.LocalCluster.READER;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.homeostat.ledger.LedgerNodeConfig.Peer;
import io.homeostat.ledger.raft.JoinMark;
import io.homeostat.ledger.testing.Eventually;
import io.homeostat.ledger.testing.LocalCluster;
import io.homeostat.ledger.testing.LocalCluster.Answer;
import io.homeostat.merkle.Frames;
import io.opentelemetry.api.OpenTelemetry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class NodeRebuildIT {
    @TempDir
    Path dir;

    @Test
    void a_node_built_from_nothing_refuses_a_peer_with_a_flipped_leaf_and_serves_once_its_digest_is_attested()
            throws Exception {
        AtomicInteger lies = new AtomicInteger();
        try (LocalCluster cluster = new LocalCluster(dir, 3).startAll()) {
            cluster.openAccounts();
            cluster.work(200);
            String victim = cluster.follower();
            String leader = cluster.leader();
            assertThat(cluster.control(leader, "POST", "/control/snapshot", null)
                            .status())
                    .isEqualTo(200);
            cluster.work(20);
            cluster.stop(victim);
            cluster.membership(leader, victim, false);
            cluster.wipe(victim);

            LedgerNodeConfig usual = cluster.config(victim, false, true);
            Peer liar = usual.peers().stream()
                    .filter(peer -> !peer.id().equals(victim))
                    .findFirst()
                    .orElseThrow();
            HttpServer proxy = lyingFor(cluster.url(liar.id()), lies);
            try (LedgerNode rebuilt =
                    LedgerNode.start(through(usual, liar, proxy.getAddress().getPort()), OpenTelemetry.noop())) {
                assertThat(rebuilt.ready()).isFalse();
                cluster.membership(leader, victim, true);

                Eventually.holds("the rebuilt node serves", PATIENCE, rebuilt::ready);

                assertThat(lies).as("the liar was asked").hasPositiveValue();
                Answer status = cluster.get(victim, "/v1/accounts/alice", READER);
                assertThat(status.json().path("creditsPosted").asLong()).isEqualTo(220);
                Eventually.holds("one digest at one index", PATIENCE, () -> {
                    var own = cluster.control(victim, "GET", "/control/status", null)
                            .json();
                    var other = cluster.control(leader, "GET", "/control/status", null)
                            .json();
                    return own.path("digestIndex").equals(other.path("digestIndex"))
                            && own.path("stateDigest").equals(other.path("stateDigest"));
                });
            } finally {
                proxy.stop(0);
            }
        }
    }

    @Test
    void a_node_that_is_filled_has_no_vote_until_its_digest_is_the_one_of_the_majority() throws Exception {
        AtomicBoolean held = new AtomicBoolean(true);
        try (LocalCluster cluster = new LocalCluster(dir, 3).startAll()) {
            cluster.openAccounts();
            cluster.work(50);
            String victim = cluster.follower();
            String leader = cluster.leader();
            cluster.stop(victim);
            cluster.membership(leader, victim, false);
            cluster.wipe(victim);
            LedgerNodeConfig usual = cluster.config(victim, false, true);
            List<HttpServer> doors = new ArrayList<>();
            LedgerNodeConfig config = usual;
            for (Peer peer : usual.peers()) {
                if (!peer.id().equals(victim)) {
                    HttpServer door = door(cluster.url(peer.id()), (path, body) -> {
                        if (held.get() && path.equals("/v1/journal")) {
                            throw new IOException("held by the test");
                        }
                        return body;
                    });
                    doors.add(door);
                    config = through(config, peer, door.getAddress().getPort());
                }
            }
            try (LedgerNode rebuilt = LedgerNode.start(config, OpenTelemetry.noop())) {
                Answer added = cluster.membership(leader, victim, true);
                assertThat(added.json().path("members")).hasSize(2);
                assertThat(added.json().path("joining").path(0).asText()).isEqualTo(victim);
                Eventually.holds(
                        "it listens",
                        PATIENCE,
                        () -> probe(cluster, victim).path("role").asText().equals("listener"));

                Answer wrong = cluster.post(
                        leader,
                        "/internal/attestations",
                        LocalCluster.INTERNAL,
                        attestation(victim, attestedByBoth(cluster, leader, victim), "00".repeat(32)));

                assertThat(wrong.status()).as(wrong.text()).isEqualTo(409);
                assertThat(wrong.json().path("reason").asText()).isEqualTo("digest_differs");
                cluster.work(5);
                assertThat(probe(cluster, victim).path("member").asBoolean(true))
                        .isFalse();
                assertThat(JoinMark.isSet(cluster.dataDir(victim))).isTrue();

                held.set(false);
                Eventually.holds("the rebuilt node serves", PATIENCE, rebuilt::ready);

                Eventually.holds(
                        "it follows",
                        PATIENCE,
                        () -> probe(cluster, victim).path("role").asText().equals("follower"));
                Eventually.holds("it votes", PATIENCE, () -> !JoinMark.isSet(cluster.dataDir(victim)));
                cluster.stop(cluster.ids().stream()
                        .filter(id -> !id.equals(victim) && !id.equals(leader))
                        .findFirst()
                        .orElseThrow());
                cluster.work(5);
            } finally {
                doors.forEach(door -> door.stop(0));
            }
        }
    }

    private static com.fasterxml.jackson.databind.JsonNode probe(LocalCluster cluster, String node) {
        return cluster.control(node, "GET", "/control/status", null).json();
    }

    private static String attestation(String node, long index, String digest) {
        return "{\"node\":\"" + node + "\",\"raftIndex\":" + index + ",\"digest\":\"" + digest + "\"}";
    }

    /** Raft index that both others have attested by now. */
    private static long attestedByBoth(LocalCluster cluster, String leader, String victim) {
        long[] index = {-1};
        Eventually.holds("both others attested one index", PATIENCE, () -> {
            for (var round :
                    cluster.get(leader, "/v1/attestations", READER).json().path("attestations")) {
                if (round.path("digests").size() == 2 && !round.path("digests").has(victim)) {
                    index[0] = round.path("raftIndex").asLong();
                }
            }
            return index[0] > 0;
        });
        return index[0];
    }

    @FunctionalInterface
    private interface Change {
        byte[] apply(String path, byte[] body) throws IOException;
    }

    /** Forwards everything, and flips one bit of one leaf of every journal that passes. */
    private static HttpServer lyingFor(String url, AtomicInteger lies) throws IOException {
        return door(url, (path, body) -> {
            List<byte[]> leaves = path.equals("/v1/journal") ? Frames.decode(body, 1 << 20) : List.of();
            if (leaves.size() <= 50) {
                return body;
            }
            byte[] leaf = leaves.get(50);
            leaf[leaf.length - 1] ^= 1;
            lies.incrementAndGet();
            return Frames.encode(leaves);
        });
    }

    /** Forwards everything, the bodies of good answers through {@code change}. */
    private static HttpServer door(String url, Change change) throws IOException {
        HttpServer proxy = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        HttpClient http = HttpClient.newHttpClient();
        proxy.createContext("/", exchange -> forward(exchange, http, url, change));
        proxy.start();
        return proxy;
    }

    private static void forward(HttpExchange exchange, HttpClient http, String url, Change change) throws IOException {
        try (exchange) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + exchange.getRequestURI()))
                    .method(
                            exchange.getRequestMethod(),
                            HttpRequest.BodyPublishers.ofByteArray(
                                    exchange.getRequestBody().readAllBytes()));
            exchange.getRequestHeaders().forEach((name, values) -> {
                if (!List.of("host", "content-length", "connection", "upgrade", "http2-settings")
                        .contains(name.toLowerCase(java.util.Locale.ROOT))) {
                    values.forEach(value -> request.header(name, value));
                }
            });
            HttpResponse<byte[]> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            byte[] body = answer.statusCode() == 200
                    ? change.apply(exchange.getRequestURI().getPath(), answer.body())
                    : answer.body();
            exchange.sendResponseHeaders(answer.statusCode(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static LedgerNodeConfig through(LedgerNodeConfig usual, Peer liar, int port) {
        List<Peer> peers = usual.peers().stream()
                .map(peer -> peer.id().equals(liar.id())
                        ? new Peer(peer.id(), peer.zone(), peer.host(), peer.raftPort(), port)
                        : peer)
                .toList();
        return new LedgerNodeConfig(
                usual.nodeId(),
                usual.zone(),
                usual.host(),
                usual.httpPort(),
                usual.controlPort(),
                usual.raftPort(),
                usual.dataDir(),
                peers,
                usual.genesisFile(),
                usual.tokensFile(),
                usual.controlTokenFile(),
                usual.checkpointKeyFile(),
                usual.internalTokenFile(),
                usual.profile(),
                usual.faultHooks(),
                usual.bootstrap(),
                usual.join(),
                usual.tls());
    }
}
