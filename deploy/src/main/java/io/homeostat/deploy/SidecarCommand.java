package io.homeostat.deploy;

import io.homeostat.agent.AgentConfig;
import io.homeostat.agent.AgentLimits;
import io.homeostat.agent.NodeAgent;
import io.homeostat.deploy.certs.CertificateFolder;
import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.cluster.Principal;
import io.homeostat.deploy.cluster.Topology;
import io.homeostat.deploy.process.Distribution;
import io.homeostat.deploy.process.NodeSupervision;
import io.homeostat.deploy.process.ParentGuard;
import io.homeostat.deploy.process.Role;
import io.homeostat.events.ActionKind;
import io.homeostat.events.NodeProbe;
import io.homeostat.events.SidecarStatus;
import io.homeostat.telemetry.OtlpIntake;
import io.homeostat.telemetry.OtlpIntakeConfig;
import io.homeostat.telemetry.TelemetryBootstrap;
import io.homeostat.telemetry.journal.JournalPublisher;
import io.homeostat.telemetry.journal.JournalPublisherConfig;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The process beside a node: starts and supervises it, takes its telemetry, carries out recovery actions on it. */
@Command(
        name = "sidecar",
        description = {
            "Runs the sidecar of one node.",
            "It starts and supervises the node, forwards its telemetry, and carries out recovery actions on it."
        },
        footer = {"%nExamples:", "  ./homeostat sidecar --data data --id n1 --no-parent"})
final class SidecarCommand implements Callable<Integer> {
    /** Longer than a node's own stop, shorter than the launcher's patience. */
    private static final Duration HALT_AFTER = Duration.ofMillis(3500);

    private static final Duration LAST_WORDS = Duration.ofMillis(500);
    private static final Logger LOG = LoggerFactory.getLogger(SidecarCommand.class);

    /** The journal is for consumers that follow along, not for the verdict on an incident. */
    private static final Duration JOURNAL_POLL = Duration.ofMillis(500);

    @Mixin
    private RoleOptions role = new RoleOptions();

    @Option(names = "--id", paramLabel = "NODE", required = true, description = "whose sidecar this is, for example n1")
    private String id = "";

    @Mixin
    private AutonomyOption autonomy = new AutonomyOption();

    @Override
    public Integer call() throws Exception {
        ClusterDirectory cluster = role.open(HALT_AFTER);
        Topology.Node node = cluster.topology().node(id);
        OpenTelemetrySdk telemetry = TelemetryBootstrap.start(
                "homeostat-sidecar", node.id(), URI.create("http://127.0.0.1:" + node.otlpHttpPort()));
        // The node first: it takes longest. What it and this process tell before the intake listens, they tell again.
        NodeAgent agent = NodeAgent.start(config(cluster, node, autonomy.signedActions()), telemetry);
        OtlpIntake intake = OtlpIntake.start(OtlpIntakeConfig.onLoopback(
                node.otlpHttpPort(),
                node.otlpGrpcPort(),
                cluster.topology().kafka().bootstrap()));
        JournalPublisher publisher = JournalPublisher.start(new JournalPublisherConfig(
                node.id(),
                URI.create(node.url()),
                cluster.tokenFile(Principal.SIDECAR),
                cluster.topology().kafka().bootstrap(),
                () -> leads(agent.status()),
                JOURNAL_POLL,
                cluster.tls(CertificateFolder.sidecar(node.id()))));
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            ParentGuard.haltAfter(HALT_AFTER);
                            // The node is what must not survive. The rest has nobody to tell when the broker stopped
                            // before.
                            agent.close();
                            lastWords(List.of(publisher, telemetry, intake));
                        },
                        "stop"));
        new CountDownLatch(1).await();
        return 0;
    }

    /** Closes what sends to the broker, but waits for it no longer than a moment. */
    private static void lastWords(List<AutoCloseable> senders) {
        Thread closing = new Thread(
                () -> {
                    for (AutoCloseable sender : senders) {
                        try {
                            sender.close();
                        } catch (Exception e) {
                            // AutoCloseable throws anything; this process ends in a moment whatever it is.
                            LOG.atWarn().setCause(e).log("a sender did not close cleanly");
                        }
                    }
                },
                "last-words");
        closing.setDaemon(true);
        closing.start();
        try {
            closing.join(LAST_WORDS.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The leader's sidecar alone publishes the journal; when two believe it for a moment, consumers drop what they know. */
    private static boolean leads(SidecarStatus status) {
        NodeProbe probe = status.probe();
        return probe != null && probe.role().equals("leader");
    }

    private static AgentConfig config(ClusterDirectory cluster, Topology.Node node, Set<ActionKind> signedActions) {
        List<String> command = Distribution.ofThisProcess()
                .command(
                        Role.NODE,
                        cluster.log(node.id()),
                        List.of("--data", cluster.data().toString(), "--id", node.id()));
        return NodeSupervision.config(cluster, node, command, signedActions, AgentLimits.defaults());
    }
}
