package io.homeostat.deploy.cluster;

import java.util.List;
import java.util.Objects;

/**
 * {@code cluster.json}: which processes a cluster has and where they listen. All addresses are the loopback's but those of
 * the nodes of a chaos run, which stand in network namespaces of their own.
 *
 * @param ledger name of the ledger, the origin line of its checkpoints
 * @param profile {@code demo} when the nodes take faults on order, else {@code standard}
 */
public record Topology(String ledger, String profile, List<Node> nodes, Kafka kafka, Web web) {
    public Topology {
        Objects.requireNonNull(ledger, "ledger");
        Objects.requireNonNull(profile, "profile");
        nodes = List.copyOf(nodes);
        Objects.requireNonNull(kafka, "kafka");
        Objects.requireNonNull(web, "web");
    }

    /**
     * One node and its sidecar.
     *
     * @param host address on which the node listens and is reached
     * @param tls every port but those that take telemetry speaks TLS and asks for a client's certificate
     */
    public record Node(
            String id,
            String zone,
            String host,
            int httpPort,
            int controlPort,
            int raftPort,
            int sidecarPort,
            int otlpHttpPort,
            int otlpGrpcPort,
            boolean tls) {
        public String url() {
            return scheme(tls) + host + ":" + httpPort;
        }

        public String controlUrl() {
            return scheme(tls) + host + ":" + controlPort;
        }

        public String sidecarUrl() {
            return scheme(tls) + "127.0.0.1:" + sidecarPort;
        }

        Node withTls(boolean on) {
            return new Node(
                    id, zone, host, httpPort, controlPort, raftPort, sidecarPort, otlpHttpPort, otlpGrpcPort, on);
        }

        List<Integer> ports() {
            return List.of(httpPort, controlPort, raftPort, sidecarPort, otlpHttpPort, otlpGrpcPort);
        }
    }

    /** The embedded broker. */
    public record Kafka(int port, int controllerPort) {
        public String bootstrap() {
            return "127.0.0.1:" + port;
        }
    }

    /** The web UI and API of approvals. */
    public record Web(int port, boolean tls) {
        public String url() {
            return scheme(tls) + "127.0.0.1:" + port;
        }
    }

    /** Base addresses of all nodes' public APIs. */
    public List<String> urls() {
        return nodes.stream().map(Node::url).toList();
    }

    public Node node(String id) {
        return nodes.stream()
                .filter(node -> node.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("expected one of the nodes "
                        + nodes.stream().map(Node::id).toList() + " but found '" + id + "'"));
    }

    Topology withWebPort(int port) {
        return new Topology(ledger, profile, nodes, kafka, new Web(port, web.tls()));
    }

    /** Whether the nodes speak TLS; they all do, or none. */
    public boolean tls() {
        return nodes.stream().allMatch(Node::tls);
    }

    Topology withTls(boolean on, boolean webOn) {
        return new Topology(
                ledger,
                profile,
                nodes.stream().map(node -> node.withTls(on)).toList(),
                kafka,
                new Web(web.port(), webOn));
    }

    private static String scheme(boolean tls) {
        return tls ? "https://" : "http://";
    }

    Topology withProfile(String other) {
        return new Topology(ledger, other, nodes, kafka, web);
    }
}
