package io.homeostat.ledger;

import static java.util.Objects.requireNonNull;

import io.homeostat.transport.TlsFiles;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Everything that one replica must be told. Secrets are named by their files and never held here, so that a printed
 * configuration shows none.
 *
 * @param nodeId this node's id; must be among {@code peers}
 * @param host address that the listeners bind
 * @param dataDir the node's own folder: {@code raft/} and {@code journal/} are made below it
 * @param peers all nodes of the genesis, this one included
 * @param genesisFile the genesis as JSON; must be the same on every node
 * @param tokensFile JSON list of {@code {principal, roles[], sha256}}
 * @param controlTokenFile bearer token of the control API
 * @param checkpointKeyFile PKCS#8 PEM with this node's Ed25519 key
 * @param internalTokenFile token by which nodes know each other (attestations, backfill)
 * @param faultHooks opens {@code /control/faults/*}; refused in {@link Profile#PRODUCTION}
 * @param bootstrap allows an empty data folder to begin as a member of a new cluster; without it, and without {@code join},
 *     an empty folder is refused, because a wiped node that votes again could undo what it had acknowledged
 * @param join an empty data folder waits until the leader adds this node
 * @param tls identity for every listener and every call to another node; without it all is plain text, and then only a
 *     loopback address is bound
 */
public record LedgerNodeConfig(
        String nodeId,
        String zone,
        String host,
        int httpPort,
        int controlPort,
        int raftPort,
        Path dataDir,
        List<Peer> peers,
        Path genesisFile,
        Path tokensFile,
        Path controlTokenFile,
        Path checkpointKeyFile,
        Path internalTokenFile,
        Profile profile,
        boolean faultHooks,
        boolean bootstrap,
        boolean join,
        Optional<TlsFiles> tls) {
    private static final Pattern NODE_ID = Pattern.compile("[a-z0-9._-]{1,64}");
    private static final int MAX_PORT = 65_535;

    public LedgerNodeConfig {
        requireNonNull(zone, "zone");
        requireNonNull(host, "host");
        requireNonNull(dataDir, "dataDir");
        requireNonNull(genesisFile, "genesisFile");
        requireNonNull(tokensFile, "tokensFile");
        requireNonNull(controlTokenFile, "controlTokenFile");
        requireNonNull(checkpointKeyFile, "checkpointKeyFile");
        requireNonNull(internalTokenFile, "internalTokenFile");
        requireNonNull(profile, "profile");
        requireNonNull(tls, "tls");
        requireName(nodeId, "nodeId");
        requirePort(httpPort, "httpPort", 0);
        requirePort(controlPort, "controlPort", 0);
        requirePort(raftPort, "raftPort", 1);
        peers = List.copyOf(peers);
        Set<String> ids = new HashSet<>();
        for (Peer peer : peers) {
            if (!ids.add(peer.id())) {
                throw new IllegalArgumentException(
                        "peers name node '" + peer.id() + "' twice; give every node its own id");
            }
        }
        if (!ids.contains(nodeId)) {
            throw new IllegalArgumentException("nodeId '" + nodeId + "' is not among the peers " + ids
                    + "; the list of peers holds all nodes of the genesis, this one included");
        }
        if (bootstrap && join) {
            throw new IllegalArgumentException(
                    "bootstrap and join exclude each other: bootstrap begins a new cluster, join enters one that exists");
        }
        if (tls.isEmpty() && !loopback(host)) {
            throw new IllegalArgumentException("host '" + host
                    + "' is not loopback: without TLS only a loopback address is bound; name the TLS files, which"
                    + " ./homeostat certs makes");
        }
        if (profile == Profile.PRODUCTION && faultHooks) {
            throw new IllegalArgumentException(
                    "profile production refuses faultHooks=true: fault hooks change balances of"
                            + " a live node; start without them or with profile demo");
        }
    }

    /** Without TLS. */
    public LedgerNodeConfig(
            String nodeId,
            String zone,
            String host,
            int httpPort,
            int controlPort,
            int raftPort,
            Path dataDir,
            List<Peer> peers,
            Path genesisFile,
            Path tokensFile,
            Path controlTokenFile,
            Path checkpointKeyFile,
            Path internalTokenFile,
            Profile profile,
            boolean faultHooks,
            boolean bootstrap,
            boolean join) {
        this(
                nodeId,
                zone,
                host,
                httpPort,
                controlPort,
                raftPort,
                dataDir,
                peers,
                genesisFile,
                tokensFile,
                controlTokenFile,
                checkpointKeyFile,
                internalTokenFile,
                profile,
                faultHooks,
                bootstrap,
                join,
                Optional.empty());
    }

    /** This configuration with another identity. */
    public LedgerNodeConfig with(Optional<TlsFiles> identity) {
        return new LedgerNodeConfig(
                nodeId,
                zone,
                host,
                httpPort,
                controlPort,
                raftPort,
                dataDir,
                peers,
                genesisFile,
                tokensFile,
                controlTokenFile,
                checkpointKeyFile,
                internalTokenFile,
                profile,
                faultHooks,
                bootstrap,
                join,
                identity);
    }

    /** Base address of a peer's public API. */
    public String urlOf(Peer peer) {
        return (tls.isPresent() ? "https://" : "http://") + peer.host() + ":" + peer.httpPort();
    }

    private static boolean loopback(String host) {
        return host.equals("localhost") || host.equals("::1") || host.matches("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
    }

    /** Where another node of the ledger listens. */
    public record Peer(String id, String zone, String host, int raftPort, int httpPort) {
        public Peer {
            requireName(id, "peer id");
            requireNonNull(zone, "zone");
            requireNonNull(host, "host");
            requirePort(raftPort, "raftPort of peer " + id, 1);
            requirePort(httpPort, "httpPort of peer " + id, 1);
        }

        public String url() {
            return "http://" + host + ":" + httpPort;
        }
    }

    /** What the node is used for; shown in its status. */
    public enum Profile {
        DEMO,
        PRODUCTION
    }

    private static void requireName(String name, String what) {
        if (!NODE_ID.matcher(name).matches()) {
            throw new IllegalArgumentException(what + " must match " + NODE_ID + " but is '" + name + "'");
        }
    }

    private static void requirePort(int port, String what, int least) {
        if (port < least || port > MAX_PORT) {
            throw new IllegalArgumentException(what + " must be in " + least + ".." + MAX_PORT + " but is " + port);
        }
    }
}
