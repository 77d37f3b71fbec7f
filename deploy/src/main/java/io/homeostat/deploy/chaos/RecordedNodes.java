package io.homeostat.deploy.chaos;

import io.homeostat.agent.AgentLimits;
import io.homeostat.agent.NodeAgent;
import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.cluster.Principal;
import io.homeostat.deploy.cluster.Topology;
import io.homeostat.deploy.process.Distribution;
import io.homeostat.deploy.process.NodeSupervision;
import io.homeostat.deploy.process.Role;
import io.homeostat.deploy.rest.Rest;
import io.homeostat.events.SidecarStatus;
import io.homeostat.ledger.client.LedgerClient;
import io.homeostat.ledger.client.LedgerClientLimits;
import io.homeostat.telemetry.TelemetryBootstrap;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Real node processes under the agents of their sidecars, which run in this process: probes, reflexes and telemetry are those of
 * production, only that telemetry comes to the recorder and not to a broker. Nodes count from 1; used by one thread.
 */
final class RecordedNodes implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    /** A recording kills more often than a night does; what ends a crash loop would end the recording. */
    private static final int MANY_ATTEMPTS = 1_000;

    private final ClusterDirectory cluster;
    private final List<NodeAgent> agents = new ArrayList<>();
    private final List<OpenTelemetrySdk> telemetries = new ArrayList<>();

    private RecordedNodes(ClusterDirectory cluster) {
        this.cluster = cluster;
    }

    static RecordedNodes start(
            ClusterDirectory cluster,
            Distribution distribution,
            @Nullable ChaosNet net,
            @Nullable SlowDisk disk,
            String otlp) {
        RecordedNodes nodes = new RecordedNodes(cluster);
        int number = 0;
        for (Topology.Node node : cluster.topology().nodes()) {
            number++;
            List<String> command = new ArrayList<>();
            if (disk != null) {
                command.addAll(disk.enter(number));
            }
            if (net != null) {
                command.addAll(net.enter(number));
            }
            Path log = cluster.log(node.id());
            command.addAll(distribution.command(
                    Role.NODE, log, List.of("--data", cluster.data().toString(), "--id", node.id(), "--otlp", otlp)));
            OpenTelemetrySdk telemetry = TelemetryBootstrap.start("homeostat-sidecar", node.id(), URI.create(otlp));
            nodes.telemetries.add(telemetry);
            nodes.agents.add(
                    NodeAgent.start(NodeSupervision.config(cluster, node, command, Set.of(), limits()), telemetry));
        }
        return nodes;
    }

    private static AgentLimits limits() {
        AgentLimits usual = AgentLimits.defaults();
        return new AgentLimits(
                usual.probeInterval(),
                usual.probeTimeout(),
                usual.hungAfter(),
                usual.startGrace(),
                usual.firstBackoff(),
                usual.firstBackoff(),
                MANY_ATTEMPTS,
                usual.attemptWindow(),
                usual.deadLogProbes(),
                usual.termDeadline(),
                usual.killDeadline(),
                usual.actionDeadline(),
                usual.keptReports(),
                usual.bodyBytes(),
                usual.answerBytes(),
                usual.logBytes(),
                usual.logFiles(),
                usual.policyInterval());
    }

    /** Every connection between two nodes goes through the relays from now on; to be called before nodes connect. */
    static void relay(ClusterDirectory cluster, ChaosNet net, LinkDelays links) throws IOException {
        List<Topology.Node> nodes = cluster.topology().nodes();
        for (int from = 1; from <= nodes.size(); from++) {
            for (int to = 1; to <= nodes.size(); to++) {
                Topology.Node other = nodes.get(to - 1);
                for (int port : from == to ? new int[0] : new int[] {other.raftPort(), other.httpPort()}) {
                    int ours = links.relay(from, to, new InetSocketAddress(other.host(), port));
                    net.redirect(from, to, port, ours);
                }
            }
        }
    }

    int size() {
        return agents.size();
    }

    LedgerClient client(LedgerClientLimits limits) {
        return new LedgerClient(
                cluster.topology().urls().stream().map(URI::create).toList(),
                cluster.token(Principal.LOAD),
                limits,
                cluster.clientTls());
    }

    /** 0 while there is no process. */
    long pid(int node) {
        SidecarStatus status = agents.get(node - 1).status();
        return status.pid();
    }

    void signal(long pid, String name) {
        if (pid > 0 && ProcessHandle.of(pid).isPresent()) {
            Toolbox.run(List.of("kill", "-" + name, Long.toString(pid)));
        }
    }

    /** The node that leads by its own answer, 0 when none does. */
    int leader() {
        for (int node = 1; node <= size(); node++) {
            var probe = agents.get(node - 1).status().probe();
            if (probe != null && probe.role().equals("leader")) {
                return node;
            }
        }
        return 0;
    }

    boolean ready(int node) {
        Topology.Node one = cluster.topology().nodes().get(node - 1);
        return Rest.of(cluster.http(), one.url(), null).within(PATIENCE).ok("/health/ready");
    }

    /** Says which are not when the time is over. */
    void awaitAllReady(Duration atMost) {
        List<String> waiting = new ArrayList<>();
        boolean all = ChaosCluster.await(atMost, () -> {
            waiting.clear();
            for (int node = 1; node <= size(); node++) {
                if (!ready(node)) {
                    waiting.add(ChaosCluster.id(node));
                }
            }
            return waiting.isEmpty();
        });
        if (!all) {
            throw new ChaosCluster.NotRecovered("the nodes " + waiting + " are not ready after " + atMost.toSeconds()
                    + " s; see " + cluster.logs());
        }
    }

    @Override
    public void close() {
        agents.forEach(NodeAgent::close);
        telemetries.forEach(OpenTelemetrySdk::close);
    }
}
