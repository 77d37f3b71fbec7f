package io.homeostat.ledger.state;

import io.homeostat.ledger.archive.RowArchive;
import io.homeostat.ledger.attest.AccountPages;
import io.homeostat.merkle.MerkleFrontier;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The state at one Raft index, taken in a moment and written at leisure while the ledger goes on. The balances are copied,
 * the rows of transfers are shared until one changes, and everything else, which is small, is already bytes.
 *
 * <p>Made by {@link Ledger#freeze}. Used by one thread, which need not be the one that applies. At most one is open per
 * ledger; {@link #close()} gives up what it shares.
 */
public final class LedgerImage implements AutoCloseable {
    private final String nodeId;
    private final long raftIndex;
    private final byte[] head;
    private final AccountTable accounts;
    private final TransferTable.Frozen transfers;
    private final RowArchive archive;
    private final byte[] rest;
    private final AccountPages pages;
    private final long turns;
    private final MessageDigest digest;
    private final Runnable syncJournal;
    private final Runnable release;
    private boolean closed;

    LedgerImage(
            String nodeId,
            LedgerState state,
            RowArchive archive,
            MerkleFrontier edge,
            Runnable syncJournal,
            Runnable release) {
        this.nodeId = nodeId;
        this.raftIndex = state.raftIndex;
        this.head = bytes(out -> LedgerSnapshot.writeHead(state, edge, out));
        this.rest = bytes(out -> LedgerSnapshot.writeRest(state, out));
        this.accounts = state.accounts.freeze();
        this.transfers = state.transfers.freeze();
        this.archive = archive;
        this.pages = state.pages.freeze(accounts);
        this.turns = state.turns;
        this.digest = state.digestBegun(edge.root(), edge.size());
        this.syncJournal = syncJournal;
        this.release = release;
    }

    /** Newest Raft index that it holds. */
    public long raftIndex() {
        return raftIndex;
    }

    /**
     * Makes the journal durable, then writes the snapshot; once. Refused when a balance changed though nothing was posted:
     * a snapshot must not spread damage. The last section is the state digest, which a load computes again.
     *
     * @throws InvariantViolation when the state is not sound
     */
    public void write(OutputStream target) throws IOException {
        requireSound();
        syncJournal.run();
        SnapshotOutput frames = new SnapshotOutput(target);
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(frames, SnapshotOutput.FRAME_BYTES));
        out.write(head);
        LedgerSnapshot.writeAccounts(accounts, out);
        LedgerSnapshot.writeTransfers(transfers, out);
        out.write(rest);
        digest.update(pages.digest(turns));
        out.write(digest.digest());
        out.flush();
        frames.finish();
    }

    /** True when there are transfers that {@link #write} leaves out, because they are on disk. */
    public boolean hasOldTransfers() {
        return transfers.handedOver() > 0;
    }

    /**
     * Writes the transfers that are on disk to a new folder; it may hold later ones too. Without it {@link Ledger#restore} does
     * not take the snapshot over.
     *
     * @throws io.homeostat.ledger.archive.ArchiveFault when it can not be written
     */
    public void writeOldTransfers(Path folder) {
        archive.await(transfers.handedOver());
        archive.copyTo(folder);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            release.run();
        }
    }

    private void requireSound() {
        int page = pages.firstAlteredPage();
        if (page >= 0) {
            throw new InvariantViolation("node " + nodeId + ": expected the balances of account page " + page
                    + " as they were attested but found others, and nothing was posted there; no snapshot is written");
        }
        Map<String, Long> sums = Ledger.sumsOf(accounts);
        if (sums.values().stream().anyMatch(sum -> sum != 0)) {
            throw new InvariantViolation(
                    "node " + nodeId + ": expected the balances of every asset to add up to 0 but found "
                            + sums.entrySet().stream().map(Object::toString).collect(Collectors.joining(", "))
                            + "; no snapshot is written");
        }
    }

    private interface Section {
        void to(DataOutputStream out) throws IOException;
    }

    private static byte[] bytes(Section section) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            section.to(new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new IllegalStateException("memory takes every byte", e);
        }
        return bytes.toByteArray();
    }
}
