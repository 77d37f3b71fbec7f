package io.homeostat.deploy;

import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.cluster.Principal;
import io.homeostat.deploy.cluster.Secrets;
import io.homeostat.deploy.process.ParentGuard;
import io.homeostat.deploy.screen.VerdictRelay;
import io.homeostat.detector.screening.Screening;
import io.homeostat.detector.screening.ScreeningConfig;
import io.homeostat.ledger.client.LedgerClient;
import io.homeostat.ledger.client.LedgerClientLimits;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The screen and its signer, in this process. */
@Command(
        name = "screener",
        description = {
            "Screens transfers that wait for a verdict: reads the journal's topic, scores, signs, tells the ledger.",
            "It holds the one key whose role is detector; with --relay-only the job runs in a Flink cluster elsewhere."
        },
        footer = {
            "%nExamples:",
            "  ./homeostat screener --data data --no-parent",
            "  ./homeostat screener --data data --relay-only --no-parent"
        })
final class ScreenerCommand implements Callable<Integer> {
    private static final Duration HALT_AFTER = Duration.ofMillis(3500);
    private static final Duration BROKER_WITHIN = Duration.ofSeconds(90);
    private static final Duration PAUSE = Duration.ofMillis(300);
    private static final Logger LOG = LoggerFactory.getLogger(ScreenerCommand.class);

    @Mixin
    private RoleOptions role = new RoleOptions();

    @Option(names = "--relay-only", description = "sign and post only; the job runs elsewhere")
    private boolean relayOnly;

    @Override
    public Integer call() throws Exception {
        ClusterDirectory cluster = role.open(HALT_AFTER);
        if (!cluster.screening()) {
            throw new IllegalArgumentException("expected " + cluster.screenerKeyFile()
                    + ", the key of a detector; a new cluster gets one with ./homeostat up --screening");
        }
        String bootstrap = cluster.topology().kafka().bootstrap();
        Screening screening = relayOnly ? null : startWhenBrokerIsUp(bootstrap, cluster);
        VerdictRelay relay = VerdictRelay.start(relay(cluster));
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            ParentGuard.haltAfter(HALT_AFTER);
                            relay.close();
                            if (screening != null) {
                                screening.close();
                            }
                        },
                        "stop"));
        LOG.atInfo().addKeyValue("relayOnly", relayOnly).log("screener started");
        new CountDownLatch(1).await();
        return 0;
    }

    static VerdictRelay.Config relay(ClusterDirectory cluster) {
        LedgerClient client = new LedgerClient(
                cluster.topology().urls().stream().map(URI::create).toList(),
                cluster.token(Principal.SCREENER),
                LedgerClientLimits.DEFAULTS,
                cluster.clientTls());
        return new VerdictRelay.Config(
                cluster.topology().kafka().bootstrap(),
                client,
                ClusterDirectory.SCREENER,
                Secrets.readPem(cluster.screenerKeyFile()),
                cluster.data().resolve("screening").resolve("evidence"),
                InstantSource.system());
    }

    /** The broker is started beside this process, and takes a few seconds. */
    private static Screening startWhenBrokerIsUp(String bootstrap, ClusterDirectory cluster)
            throws InterruptedException {
        long deadline = System.nanoTime() + BROKER_WITHIN.toNanos();
        int colon = bootstrap.lastIndexOf(':');
        while (!listens(bootstrap.substring(0, colon), Integer.parseInt(bootstrap.substring(colon + 1)))) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        "expected a broker at " + bootstrap + " within " + BROKER_WITHIN.toSeconds() + " s");
            }
            Thread.sleep(PAUSE.toMillis());
        }
        return Screening.start(ScreeningConfig.of(bootstrap, cluster.data().resolve("screening")));
    }

    private static boolean listens(String host, int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), (int) PAUSE.toMillis());
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
