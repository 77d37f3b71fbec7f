package io.homeostat.approvals;

import io.homeostat.approvals.bundle.BundleExport;
import io.homeostat.approvals.desk.ApprovalDesk;
import io.homeostat.approvals.explain.ExplanationDesk;
import io.homeostat.approvals.inbox.Inbox;
import io.homeostat.approvals.inbox.Incidents;
import io.homeostat.approvals.inbox.LedgerBoard;
import io.homeostat.approvals.ledger.LedgerClient;
import io.homeostat.approvals.topic.IncidentPublisher;
import io.homeostat.approvals.topic.IncidentReader;
import io.homeostat.approvals.trail.ReasoningTrail;
import io.homeostat.approvals.trail.TrailAnchoring;
import io.homeostat.approvals.web.Desk;
import io.homeostat.approvals.web.WebServer;
import io.homeostat.transport.MutualTls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The door of the module: starts the trail's reader, the polling of the ledger, the desks and the web server, and stops
 * them in the opposite order. Threads, clock and random come from here.
 *
 * <p>A part that fails in an unforeseen way is logged and tried again at its next turn; gated money is not touched by any
 * of it, because the ledger alone decides.
 */
public final class Approvals implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Approvals.class);

    private final Deque<AutoCloseable> toClose = new ArrayDeque<>();
    private int webPort;

    private Approvals() {}

    /** Returns when the web server listens; the trail may still be catching up ({@code /health/ready}). */
    public static Approvals start(ApprovalsConfig config) {
        Approvals approvals = new Approvals();
        try {
            approvals.open(config);
            return approvals;
        } catch (IOException e) {
            approvals.close();
            throw new UncheckedIOException("approvals can not use " + config.dataDir(), e);
        } catch (RuntimeException e) {
            approvals.close();
            throw e;
        }
    }

    /** The port that the web server listens on. */
    public int webPort() {
        return webPort;
    }

    @Override
    public void close() {
        while (!toClose.isEmpty()) {
            AutoCloseable part = toClose.pop();
            try {
                part.close();
            } catch (Exception e) {
                LOG.warn("closing {} failed", part.getClass().getSimpleName(), e);
            }
        }
    }

    private void open(ApprovalsConfig config) throws IOException {
        ApprovalsLimits limits = config.limits();
        Clock clock = Clock.systemUTC();
        Path trailDir = Files.createDirectories(config.dataDir().resolve("trail"));
        Optional<MutualTls> tls = config.ledgerTls().map(MutualTls::open);
        LedgerClient reader = new LedgerClient(config.ledgerApis(), config.readerTokenFile(), limits.ledger(), tls);
        LedgerClient anchorer = new LedgerClient(config.ledgerApis(), config.trailTokenFile(), limits.ledger(), tls);

        ReasoningTrail trail = opened(ReasoningTrail.open(trailDir, limits.trail()));
        ScheduledExecutorService anchorThread = thread("approvals-anchor");
        TrailAnchoring anchoring =
                new TrailAnchoring(trail, anchorer, config.ledgerName(), anchorThread, limits.trail());
        LedgerBoard board = new LedgerBoard(reader, clock);
        Incidents incidents = new Incidents(trail, limits.inbox());
        IncidentPublisher publisher = opened(new IncidentPublisher(config.kafkaBootstrap(), limits.topic()));
        ExplanationDesk explanations =
                opened(new ExplanationDesk(trail, incidents, board, publisher, config.llm(), clock, limits.explain()));
        ApprovalDesk desk = new ApprovalDesk(board, reader, trail, publisher, clock, limits.desk());
        trail.listen(incidents);
        trail.listen(explanations);
        trail.listen(anchoring);

        IncidentReader incidentReader = opened(new IncidentReader(
                config.kafkaBootstrap(), trailDir.resolve("position"), trail::append, limits.topic()));
        BundleExport bundles = opened(new BundleExport(
                reader, trail, anchoring, config.dataDir().resolve("bundles"), clock, limits.bundle()));
        bundles.prepare();
        incidentReader.start();

        ScheduledExecutorService boardThread = thread("approvals-board");
        ScheduledExecutorService explainThread = thread("approvals-explain");
        long pollMillis = limits.inbox().pollInterval().toMillis();
        repeat(boardThread, "reading the ledger", pollMillis, () -> {
            board.refresh();
            if (incidentReader.caughtUp()) {
                desk.record();
            }
        });
        repeat(explainThread, "explaining", Math.max(50, pollMillis / 4), () -> {
            if (incidentReader.caughtUp()) {
                explanations.writePending();
            }
        });

        Desk shown = new Desk(
                new Inbox(board, incidents, trail, limits.inbox()),
                incidents,
                board,
                trail,
                desk,
                bundles,
                config.stopButton(),
                incidentReader::alive,
                () -> incidentReader.alive()
                        && incidentReader.caughtUp()
                        && board.snapshot().everRead());
        WebServer web = opened(new WebServer(
                config.host(),
                config.webPort(),
                config.tls(),
                config.usersFile(),
                config.apiTokensFile(),
                shown,
                limits.desk().minReasonChars(),
                clock,
                new SecureRandom(),
                limits.web()));
        webPort = web.start();
        LOG.atInfo()
                .addKeyValue("webPort", webPort)
                .addKeyValue("trailSize", trail.size())
                .log("approvals started");
    }

    private <T extends AutoCloseable> T opened(T part) {
        toClose.push(part);
        return part;
    }

    private ScheduledExecutorService thread(String name) {
        ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        toClose.push(() -> {
            executor.shutdownNow();
            if (!executor.awaitTermination(10, TimeUnit.SECONDS)) {
                LOG.warn("{} did not stop in time", name);
            }
        });
        return executor;
    }

    private static void repeat(ScheduledExecutorService executor, String what, long everyMillis, Runnable turn) {
        executor.scheduleWithFixedDelay(
                () -> {
                    try {
                        turn.run();
                    } catch (RuntimeException e) {
                        // A scheduled task that throws is never run again: the door is where that is prevented.
                        LOG.atError()
                                .addKeyValue("error.type", e.getClass().getSimpleName())
                                .log("{} failed, the next turn tries again", what, e);
                    }
                },
                0,
                everyMillis,
                TimeUnit.MILLISECONDS);
    }
}
