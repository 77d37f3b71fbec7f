package io.homeostat.deploy.platform;

import io.homeostat.approvals.Approvals;
import io.homeostat.approvals.ApprovalsConfig;
import io.homeostat.approvals.ApprovalsLimits;
import io.homeostat.approvals.explain.LlmConfig;
import io.homeostat.approvals.web.WebTls;
import io.homeostat.deploy.certs.CertificateFolder;
import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.cluster.Principal;
import io.homeostat.deploy.cluster.Topology;
import io.homeostat.detector.Detector;
import io.homeostat.detector.DetectorConfig;
import io.homeostat.healer.Healer;
import io.homeostat.healer.HealerConfig;
import io.homeostat.healer.HealerLimits;
import io.homeostat.healer.act.NodeEndpoint;
import io.homeostat.healer.plan.AutonomyPolicy;
import java.net.URI;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The platform in this process: broker, healer, detector, approvals. The healer's database and engine start while the
 * broker does, and the detector's mini cluster as soon as there is a broker; approvals come last, because their web door says
 * when everything is ready.
 *
 * <p>Stopped in the opposite order. Not thread-safe; started and closed once.
 */
public final class Platform implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Platform.class);

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    private Platform() {}

    /**
     * @param llm writer of explanations; without one a template writes them
     * @param autonomy what the healer may do without asking people
     */
    public static Platform start(ClusterDirectory cluster, Optional<LlmConfig> llm, AutonomyPolicy autonomy) {
        Platform platform = new Platform();
        boolean started = false;
        try {
            platform.open(cluster, llm, autonomy);
            started = true;
            return platform;
        } finally {
            if (!started) {
                platform.close();
            }
        }
    }

    private void open(ClusterDirectory cluster, Optional<LlmConfig> llm, AutonomyPolicy autonomy) {
        Topology topology = cluster.topology();
        String bootstrap = topology.kafka().bootstrap();
        CompletableFuture<Healer> healing = beside("healer", () -> Healer.start(healer(cluster, autonomy)));
        CompletableFuture<Detector> detecting;
        try {
            parts.push(EmbeddedKafka.start(
                    cluster.data().resolve("kafka"),
                    topology.kafka().port(),
                    topology.kafka().controllerPort()));
            detecting = beside(
                    "detector",
                    () -> Detector.start(DetectorConfig.of(
                            bootstrap,
                            cluster.data().resolve("detector"),
                            topology.nodes().stream().map(Topology.Node::id).toList())));
        } finally {
            // Whatever became of the broker: a healer that started is one to close. The same holds for the detector
            // below.
            joined(healing).ifPresent(parts::push);
        }
        joined(detecting).ifPresent(parts::push);
        Healer healer = healing.join();
        detecting.join();
        parts.push(Approvals.start(new ApprovalsConfig(
                bootstrap,
                cluster.data(),
                topology.ledger(),
                topology.nodes().stream().map(node -> URI.create(node.url())).toList(),
                cluster.tokenFile(Principal.APPROVALS),
                cluster.tokenFile(Principal.APPROVALS),
                "127.0.0.1",
                topology.web().port(),
                cluster.usersFile(),
                cluster.tokensFile(),
                llm,
                new HealerStopButton(healer),
                ApprovalsLimits.defaults(),
                cluster.webTls().map(files -> new WebTls(files.certificate(), files.key())),
                cluster.tls(CertificateFolder.PLATFORM))));
        LOG.atInfo().addKeyValue("web", topology.web().url()).log("platform started");
    }

    private static <T> CompletableFuture<T> beside(String name, Supplier<T> start) {
        return CompletableFuture.supplyAsync(start, work -> new Thread(work, name + "-start").start());
    }

    private static <T> Optional<T> joined(CompletableFuture<T> starting) {
        try {
            return Optional.of(starting.join());
        } catch (CompletionException e) {
            // Told by the join that follows, or less important than the broker's own failure.
            LOG.atWarn().setCause(e.getCause()).log("a part of the platform did not start");
            return Optional.empty();
        }
    }

    private static HealerConfig healer(ClusterDirectory cluster, AutonomyPolicy autonomy) {
        List<NodeEndpoint> nodes = cluster.topology().nodes().stream()
                .map(node ->
                        new NodeEndpoint(node.id(), node.zone(), URI.create(node.url()), URI.create(node.sidecarUrl())))
                .toList();
        return new HealerConfig(
                cluster.topology().kafka().bootstrap(),
                "homeostat-healer",
                "jdbc:h2:file:" + cluster.data().resolve("healer").resolve("healer"),
                "sa",
                "",
                nodes,
                cluster.tokenFile(Principal.HEALER),
                cluster.agentTokenFile(),
                autonomy,
                "recovery",
                HealerLimits.defaults(),
                InstantSource.system(),
                cluster.tls(CertificateFolder.PLATFORM));
    }

    /** Every part is closed, whatever the others do. */
    @Override
    public void close() {
        while (!parts.isEmpty()) {
            AutoCloseable part = parts.pop();
            try {
                part.close();
            } catch (Exception e) {
                // AutoCloseable throws anything; this is the last place that can tell.
                LOG.atWarn()
                        .addKeyValue("part", part.getClass().getSimpleName())
                        .setCause(e)
                        .log("a part of the platform did not close cleanly");
            }
        }
    }
}
