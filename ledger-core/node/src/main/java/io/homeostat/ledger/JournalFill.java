package io.homeostat.ledger;

import io.homeostat.ledger.http.PeerClient;
import io.homeostat.ledger.state.Ledger;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills the journal behind an installed snapshot with leaves from peers. The ledger takes them only when they give the
 * snapshot's root: it trusts the quorum that made the snapshot, not the peer that sends the leaves (ADR 0004).
 *
 * <p>One thread, one peer at a time; goes on for ever, because without its journal the node has nothing else to do.
 */
final class JournalFill implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JournalFill.class);
    private static final long RETRY_MILLIS = 250;
    private final LedgerNodeConfig config;
    private final LedgerNodeLimits limits;
    private final Ledger ledger;
    private final PeerClient peers;
    private final Consumer<Boolean> filled;
    private final ScheduledExecutorService worker;
    private final AtomicBoolean running = new AtomicBoolean();
    private int nextPeer;

    JournalFill(
            LedgerNodeConfig config,
            LedgerNodeLimits limits,
            Ledger ledger,
            PeerClient peers,
            Consumer<Boolean> filled) {
        this.config = config;
        this.limits = limits;
        this.ledger = ledger;
        this.peers = peers;
        this.filled = filled;
        this.worker = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "ledger-fill-" + config.nodeId());
            thread.setDaemon(true);
            return thread;
        });
    }

    void begin() {
        if (running.compareAndSet(false, true)) {
            worker.schedule(this::step, 0, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void close() {
        worker.shutdownNow();
    }

    /** Asks one peer for as much as it gives; another one after a failure. */
    private void step() {
        LedgerNodeConfig.Peer peer =
                config.peers().get(Math.floorMod(nextPeer, config.peers().size()));
        if (peer.id().equals(config.nodeId())) {
            nextPeer++;
            again(0);
            return;
        }
        try {
            OptionalLong gap = ledger.journalGap();
            while (gap.isPresent()) {
                List<byte[]> leaves = peers.journal(peer, gap.getAsLong(), limits.journalReadLeaves());
                if (leaves.isEmpty()) {
                    throw new IOException("peer " + peer.id() + " has no leaf " + gap.getAsLong());
                }
                take(leaves);
                gap = ledger.journalGap();
            }
            running.set(false);
            LOG.atInfo().addKeyValue("node", config.nodeId()).log("journal.filled");
            filled.accept(true);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | IllegalArgumentException e) {
            LOG.atWarn()
                    .addKeyValue("node", config.nodeId())
                    .addKeyValue("peer", peer.id())
                    .addKeyValue("cause", e.toString())
                    .log("journal.fill_failed: another peer is asked");
            nextPeer++;
            again(RETRY_MILLIS);
        }
    }

    /** A peer's journal goes on beyond the snapshot, and the ledger takes not one leaf too many: less is offered then. */
    private void take(List<byte[]> leaves) {
        int from = 0;
        int step = leaves.size();
        while (from < leaves.size() && ledger.journalGap().isPresent()) {
            step = Math.min(step, leaves.size() - from);
            OptionalLong before = ledger.journalGap();
            try {
                ledger.backfill(leaves.subList(from, from + step));
                from += step;
            } catch (IllegalArgumentException e) {
                if (step == 1 || !before.equals(ledger.journalGap())) {
                    throw e;
                }
                step /= 2;
            }
        }
    }

    private void again(long millis) {
        if (!worker.isShutdown()) {
            worker.schedule(this::step, millis, TimeUnit.MILLISECONDS);
        }
    }
}
