package io.homeostat.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.agent.AgentConfig;
import io.homeostat.agent.AgentLimits;
import io.homeostat.agent.NodeAgent;
import io.homeostat.deploy.certs.CertificateFolder;
import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.cluster.Principal;
import io.homeostat.deploy.cluster.Topology;
import io.homeostat.ledger.LedgerNode;
import io.homeostat.ledger.LedgerNodeConfig;
import io.homeostat.ledger.client.LedgerClient;
import io.homeostat.ledger.client.LedgerClientLimits;
import io.homeostat.transport.MutualTls;
import io.homeostat.transport.TlsFiles;
import io.opentelemetry.api.OpenTelemetry;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.GrpcTlsConfig;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.retry.RetryPolicies;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Three real nodes and a sidecar with TLS: who has no certificate of the cluster's authority gets not one byte. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TransportSecurityIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String HTTP = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
    /** RFC 9113, section 3.4: the preface, and an empty SETTINGS frame. */
    private static final String HTTP2 = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";

    @TempDir
    static Path dir;

    private ClusterDirectory cluster;
    private CertificateFolder foreign;
    private CertificateFolder expired;
    private final Map<String, LedgerNode> nodes = new LinkedHashMap<>();
    private NodeAgent agent;

    @BeforeAll
    void start() {
        cluster = ClusterDirectory.openOrCreate(dir.resolve("cluster"), ClusterDirectory.Plan.onAnyPort(3, true));
        CertificateFolder.Plan plan = new CertificateFolder.Plan(
                cluster.topology().ledger(), List.of("n1", "n2", "n3"), List.of("localhost", "127.0.0.1"), 10);
        foreign = new CertificateFolder(dir.resolve("foreign"));
        foreign.create(plan, Instant.now());
        // Signed by the cluster's own authority, but long ago.
        expired = copyOfOurs("expired");
        expired.renew(1, Instant.now().minus(Duration.ofDays(2)));
        for (Topology.Node node : cluster.topology().nodes()) {
            start(node, cluster.tls(node.id()));
        }
        nodes.forEach((id, node) -> await(id + " is ready", node::ready));
        Topology.Node first = cluster.topology().nodes().get(0);
        agent = NodeAgent.start(
                new AgentConfig(
                        first.id(),
                        List.of("sleep", "600"),
                        dir.resolve("nothing"),
                        dir.resolve("agent"),
                        dir.resolve("agent.out"),
                        URI.create(first.controlUrl()),
                        cluster.controlTokenFile(first.id()),
                        URI.create(first.url()),
                        cluster.tokenFile(Principal.SIDECAR),
                        "127.0.0.1",
                        first.sidecarPort(),
                        cluster.agentTokenFile(),
                        Set.of(),
                        AgentLimits.defaults(),
                        cluster.tls(CertificateFolder.sidecar(first.id()))),
                OpenTelemetry.noop());
    }

    @AfterAll
    void stop() {
        agent.close();
        nodes.values().forEach(LedgerNode::close);
    }

    @Test
    void money_moves_over_tls_from_every_node_and_the_sidecar_sees_its_node() {
        LedgerClient client = client(Optional.of(MutualTls.open(files(CertificateFolder.CLIENT))));
        assertThat(client.createAccounts(List.of(
                                new LedgerClient.Account("a", "EUR", 2, "external", false),
                                new LedgerClient.Account("b", "EUR", 2, "customer", true)))
                        .ok())
                .isTrue();
        for (Topology.Node node : cluster.topology().nodes()) {
            LedgerClient one = new LedgerClient(
                    List.of(URI.create(node.url())),
                    cluster.token(Principal.LOAD),
                    LedgerClientLimits.DEFAULTS,
                    cluster.clientTls());
            // Two of the three relay it to the leader.
            assertThat(one.transfer(new LedgerClient.Transfer(UUID.randomUUID(), "a", "b", 1, "EUR"))
                            .kind())
                    .isEqualTo(LedgerClient.Kind.ACCEPTED);
        }
        await("the sidecar probes its node", () -> agent.status().probe() != null);
    }

    @Test
    void who_offers_http_2_gets_it_over_tls() throws Exception {
        HttpClient client = MutualTls.client(cluster.clientTls())
                .version(HttpClient.Version.HTTP_2)
                .build();
        Topology.Node node = cluster.topology().nodes().get(0);

        HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(URI.create(node.url() + "/health/live"))
                        .timeout(PATIENCE)
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(answer.statusCode()).isEqualTo(200);
    }

    @Test
    void whoever_lacks_a_valid_certificate_of_the_authority_is_refused_on_every_port()
            throws IOException, GeneralSecurityException {
        Topology.Node node = cluster.topology().nodes().get(0);
        record Port(String name, int number, String asks, String rightful) {}
        List<Port> ports = List.of(
                new Port("http", node.httpPort(), HTTP, CertificateFolder.CLIENT),
                new Port("control", node.controlPort(), HTTP, CertificateFolder.sidecar("n1")),
                new Port("raft", node.raftPort(), HTTP2, "n2"),
                new Port("sidecar", node.sidecarPort(), HTTP, CertificateFolder.PLATFORM));

        List<String> served = new ArrayList<>();
        for (Port port : ports) {
            boolean h2 = port.asks().equals(HTTP2);
            assertThat(answers(port.number(), context(Optional.of(files(port.rightful()))), port.asks(), h2))
                    .as("the rightful caller on " + port.name())
                    .isTrue();
            Map<String, Optional<SSLContext>> intruders = new LinkedHashMap<>();
            intruders.put("plain text", Optional.empty());
            intruders.put("no certificate", Optional.of(context(Optional.empty())));
            intruders.put("another authority", Optional.of(context(Optional.of(foreign.files(port.rightful())))));
            intruders.put("expired", Optional.of(context(Optional.of(expired.files(port.rightful())))));
            for (Map.Entry<String, Optional<SSLContext>> intruder : intruders.entrySet()) {
                boolean answered = intruder.getValue().isPresent()
                        ? answers(port.number(), intruder.getValue().get(), port.asks(), h2)
                        : answersPlain(port.number(), port.asks());
                if (answered) {
                    served.add(intruder.getKey() + " on " + port.name());
                }
            }
        }
        assertThat(served).isEmpty();
    }

    @Test
    void the_raft_port_serves_nodes_alone_and_the_control_ports_only_their_callers()
            throws IOException, GeneralSecurityException {
        Topology.Node node = cluster.topology().nodes().get(0);

        for (String other :
                List.of(CertificateFolder.CLIENT, CertificateFolder.PLATFORM, CertificateFolder.sidecar("n1"))) {
            assertThat(answers(node.raftPort(), context(Optional.of(files(other))), HTTP2, true))
                    .as(other + " on raft")
                    .isFalse();
        }
        assertThat(answers(node.controlPort(), context(Optional.of(files(CertificateFolder.PLATFORM))), HTTP, false))
                .isFalse();
        assertThat(answers(node.sidecarPort(), context(Optional.of(files("n2"))), HTTP, false))
                .isFalse();
    }

    /** Whoever can write the log writes commands: a stock Ratis client with whatever certificate there is. */
    @Test
    void a_raft_client_writes_nothing_without_a_certificate_and_with_a_members_own() throws GeneralSecurityException {
        Topology.Node node = cluster.topology().nodes().get(0);

        assertThat(submitted(node, new GrpcTlsConfig(null, new TrustsAnyone(), false)))
                .as("no certificate")
                .doesNotContain("accepted")
                .doesNotContain("PERMISSION_DENIED");
        assertThat(submitted(node, tls(foreign.files("n2"))))
                .as("another authority")
                .doesNotContain("accepted")
                .doesNotContain("PERMISSION_DENIED");
        assertThat(submitted(node, tls(files(CertificateFolder.CLIENT))))
                .as("a client")
                .doesNotContain("accepted")
                .doesNotContain("PERMISSION_DENIED");
        // The handshake lets a member in; the port serves it no client protocol.
        assertThat(submitted(node, tls(files("n2")))).as("a member").contains("PERMISSION_DENIED");
    }

    private static GrpcTlsConfig tls(TlsFiles identity) {
        return new GrpcTlsConfig(MutualTls.open(identity).keyManager(), new TrustsAnyone(), true);
    }

    private String submitted(Topology.Node node, GrpcTlsConfig tls) {
        Parameters parameters = new Parameters();
        GrpcConfigKeys.TLS.setConf(parameters, tls);
        RaftPeer peer = RaftPeer.newBuilder()
                .setId(node.id())
                .setAddress("127.0.0.1:" + node.raftPort())
                .build();
        RaftGroupId group = RaftGroupId.valueOf(
                UUID.nameUUIDFromBytes(("homeostat/" + cluster.topology().ledger()).getBytes(StandardCharsets.UTF_8)));
        try (RaftClient client = RaftClient.newBuilder()
                .setProperties(new RaftProperties())
                .setParameters(parameters)
                .setRaftGroup(RaftGroup.valueOf(group, List.of(peer)))
                .setRetryPolicy(RetryPolicies.noRetry())
                .build()) {
            return "accepted " + client.io().send(Message.valueOf("a forged approval"));
        } catch (IOException e) {
            StringBuilder words = new StringBuilder();
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                words.append(cause).append('\n');
            }
            return words.toString();
        }
    }

    @Test
    void a_node_with_anothers_or_an_expired_certificate_is_kept_out_and_let_in_with_its_own() {
        Topology.Node third = cluster.topology().node("n3");
        for (CertificateFolder wrong : List.of(foreign, expired)) {
            close("n3");
            LedgerNode stranger = start(third, Optional.of(wrong.files("n3")));
            moveMoneyWithoutThird();
            assertThat(stranger.ready()).isFalse();
        }
        close("n3");
        LedgerNode plain = start(third, Optional.empty());
        moveMoneyWithoutThird();
        assertThat(plain.ready()).isFalse();

        close("n3");
        LedgerNode again = start(third, cluster.tls("n3"));
        await("n3 is ready again", again::ready);
    }

    @Test
    void renewed_certificates_are_shown_without_a_restart() throws IOException, GeneralSecurityException {
        Topology.Node node = cluster.topology().nodes().get(1);
        String before = shownSerial(node.httpPort());

        cluster.certificates().renew(100, Instant.now());

        await("the node shows its new certificate", () -> {
            try {
                return !shownSerial(node.httpPort()).equals(before);
            } catch (IOException | GeneralSecurityException e) {
                return false;
            }
        });
        // The connections between the nodes were made under the old ones, and the next are made under the new ones.
        nodes.forEach((id, running) -> await(id + " is ready", running::ready));
    }

    private void moveMoneyWithoutThird() {
        List<URI> urls = cluster.topology().nodes().stream()
                .filter(node -> !node.id().equals("n3"))
                .map(node -> URI.create(node.url()))
                .toList();
        LedgerClient client = new LedgerClient(
                urls,
                cluster.token(Principal.LOAD),
                LedgerClientLimits.DEFAULTS.withDeadline(PATIENCE),
                cluster.clientTls());
        assertThat(client.createAccounts(List.of(new LedgerClient.Account("c", "EUR", 2, "external", false)))
                        .kind())
                .isEqualTo(LedgerClient.Kind.ACCEPTED);
        for (int i = 0; i < 20; i++) {
            assertThat(client.createAccounts(
                                    List.of(new LedgerClient.Account("c" + UUID.randomUUID(), "EUR", 2, "fee", false)))
                            .kind())
                    .isEqualTo(LedgerClient.Kind.ACCEPTED);
        }
    }

    private LedgerClient client(Optional<MutualTls> tls) {
        return new LedgerClient(
                cluster.topology().urls().stream().map(URI::create).toList(),
                cluster.token(Principal.LOAD),
                LedgerClientLimits.DEFAULTS.withDeadline(PATIENCE),
                tls);
    }

    private LedgerNode start(Topology.Node node, Optional<TlsFiles> tls) {
        LedgerNodeConfig config = NodeCommand.config(cluster, node, false).with(tls);
        LedgerNode started = LedgerNode.start(config, OpenTelemetry.noop());
        cluster.markBegun(node.id());
        nodes.put(node.id(), started);
        return started;
    }

    private void close(String id) {
        LedgerNode node = nodes.remove(id);
        if (node != null) {
            node.close();
        }
    }

    private TlsFiles files(String name) {
        return cluster.certificates().files(name);
    }

    private CertificateFolder copyOfOurs(String name) {
        Path copy = dir.resolve(name);
        try {
            java.nio.file.Files.createDirectories(copy);
            try (var files = java.nio.file.Files.list(cluster.secrets().resolve("tls"))) {
                for (Path file : files.toList()) {
                    java.nio.file.Files.copy(file, copy.resolve(file.getFileName()));
                }
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return new CertificateFolder(copy);
    }

    /** Shows what it is told to, and trusts every server: the question is whom the server trusts. */
    private static SSLContext context(Optional<TlsFiles> identity) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                identity.map(files -> new javax.net.ssl.KeyManager[] {
                            MutualTls.open(files).keyManager()
                        })
                        .orElse(null),
                new TrustManager[] {new TrustsAnyone()},
                null);
        return context;
    }

    private static boolean answers(int port, SSLContext context, String request, boolean http2) throws IOException {
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            socket.setSoTimeout((int) PATIENCE.toMillis());
            if (http2) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setApplicationProtocols(new String[] {"h2"});
                socket.setSSLParameters(parameters);
            }
            return exchange(socket, request);
        } catch (SSLException | java.net.SocketException e) {
            return false;
        }
    }

    private static boolean answersPlain(int port, String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            int first = socket.getInputStream().read();
            // A TLS alert (content type 21) is a refusal, no answer.
            return first >= 0 && first != 21;
        } catch (java.net.SocketException e) {
            return false;
        }
    }

    private static boolean exchange(Socket socket, String request) throws IOException {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        InputStream in = socket.getInputStream();
        return in.read() >= 0;
    }

    private String shownSerial(int port) throws IOException, GeneralSecurityException {
        SSLContext context = context(Optional.of(files(CertificateFolder.CLIENT)));
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
            socket.startHandshake();
            X509Certificate shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
            return shown.getSerialNumber().toString(16);
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            try {
                var unused = new java.util.concurrent.CountDownLatch(1).await(50, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            }
        }
    }

    private static final class TrustsAnyone implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
