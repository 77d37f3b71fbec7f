package io.homeostat.deploy.process;

import io.homeostat.agent.AgentConfig;
import io.homeostat.agent.AgentLimits;
import io.homeostat.deploy.certs.CertificateFolder;
import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.cluster.Principal;
import io.homeostat.deploy.cluster.Topology;
import io.homeostat.events.ActionKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** What the agent of a node of a cluster directory needs to know. Stateless. */
public final class NodeSupervision {
    private NodeSupervision() {}

    /** @param nodeCommand what starts the node */
    public static AgentConfig config(
            ClusterDirectory cluster,
            Topology.Node node,
            List<String> nodeCommand,
            Set<ActionKind> signedActions,
            AgentLimits limits) {
        pinGenesis(cluster, node);
        return new AgentConfig(
                node.id(),
                nodeCommand,
                cluster.nodeData(node.id()),
                memory(cluster, node),
                cluster.logs().resolve(node.id() + ".out"),
                URI.create(node.controlUrl()),
                cluster.controlTokenFile(node.id()),
                URI.create(node.url()),
                cluster.tokenFile(Principal.SIDECAR),
                "127.0.0.1",
                node.sidecarPort(),
                cluster.agentTokenFile(),
                signedActions,
                limits,
                cluster.tls(CertificateFolder.sidecar(node.id())));
    }

    private static Path memory(ClusterDirectory cluster, Topology.Node node) {
        return cluster.data().resolve("agents").resolve(node.id());
    }

    /** The sidecar follows this ledger and no other, from its first start on. */
    private static void pinGenesis(ClusterDirectory cluster, Topology.Node node) {
        Path memory = memory(cluster, node);
        Path pinned = memory.resolve("genesis.json");
        try {
            Files.createDirectories(memory);
            if (!Files.exists(pinned)) {
                Files.copy(cluster.genesisFile(), pinned);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("laying the genesis at " + pinned, e);
        }
    }
}
