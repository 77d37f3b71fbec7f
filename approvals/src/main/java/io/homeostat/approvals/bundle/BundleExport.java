package io.homeostat.approvals.bundle;

import io.homeostat.approvals.ledger.LedgerCase;
import io.homeostat.approvals.ledger.LedgerClient;
import io.homeostat.approvals.trail.ReasoningTrail;
import io.homeostat.approvals.trail.TrailAnchoring;
import io.homeostat.merkle.Checkpoint;
import io.homeostat.merkle.Frames;
import io.homeostat.merkle.MerkleLogLimits;
import io.homeostat.merkle.SignedNote;
import io.homeostat.merkle.bundle.BundleWriter;
import io.homeostat.merkle.bundle.Leaf;
import io.homeostat.merkle.bundle.LeafDecoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes a bundle (docs/encoding.md): anchors the trail's head as it is now, waits for a checkpoint that covers the anchor,
 * and packs the journal up to that checkpoint, the trail, and the texts that their leaves cite.
 *
 * <p>Thread-safe; one export at a time. The caller deletes the file.
 */
public final class BundleExport implements AutoCloseable {
    private static final Pattern DIGEST = Pattern.compile("(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])");
    private static final int TRAIL_ANCHORED = 16;
    private static final int LOOK_BACK = 4096;
    private static final int MAX_LEAF_BYTES = MerkleLogLimits.defaults().leafBytes();

    private final LedgerClient ledger;
    private final ReasoningTrail trail;
    private final TrailAnchoring anchoring;
    private final Path folder;
    private final InstantSource clock;
    private final BundleExportLimits limits;
    private final Semaphore one = new Semaphore(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    /** @param folder for files in the making; what an earlier run left there is deleted */
    public BundleExport(
            LedgerClient ledger,
            ReasoningTrail trail,
            TrailAnchoring anchoring,
            Path folder,
            InstantSource clock,
            BundleExportLimits limits) {
        this.ledger = ledger;
        this.trail = trail;
        this.anchoring = anchoring;
        this.folder = folder;
        this.clock = clock;
        this.limits = limits;
    }

    /** Creates the folder, or empties it. */
    public void prepare() throws IOException {
        Files.createDirectories(folder);
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(folder)) {
            for (Path leftover : leftovers) {
                Files.delete(leftover);
            }
        }
    }

    /**
     * Blocks until the bundle stands in a file of its own.
     *
     * @param subject incident id or case id
     * @throws BundleFault when another export is running or no checkpoint came in time
     */
    public Path write(String subject) {
        if (!one.tryAcquire()) {
            throw new BundleFault("another bundle is being made: try again when it is done", null);
        }
        try {
            TrailAnchoring.AnchoredHead head = anchoring.anchorNow();
            Covered covered = coveringCheckpoint(head);
            Checkpoint checkpoint = covered.checkpoint();
            if (checkpoint.size() > limits.maxJournalLeaves()) {
                throw new BundleFault(
                        "the journal has " + checkpoint.size() + " leaves and an export takes at most "
                                + limits.maxJournalLeaves(),
                        null);
            }
            List<String> texts = citedTexts(covered.trailSize(), checkpoint.size());
            Path file = Files.createTempFile(folder, "bundle", ".homeostat");
            BundleWriter.write(
                    file,
                    new BundleWriter.Content(
                            clock.instant(), subject, covered.note(), this::journalLeaves, trail::leaves, texts));
            return file;
        } catch (IOException e) {
            throw new BundleFault("the bundle of " + subject + " could not be written: " + e.getMessage(), e);
        } finally {
            one.release();
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }

    private List<byte[]> journalLeaves(long from, int limit) throws IOException {
        try {
            return Frames.decode(ledger.journal(from, limit).frames(), MAX_LEAF_BYTES);
        } catch (IllegalArgumentException e) {
            throw new IOException("GET /v1/journal from " + from + ": " + e.getMessage(), e);
        }
    }

    /** @param trailSize leaves that the last anchor in the journal covers: exactly what the bundle will hold */
    private record Covered(SignedNote note, Checkpoint checkpoint, long trailSize) {}

    private Covered coveringCheckpoint(TrailAnchoring.AnchoredHead head) throws IOException {
        Instant deadline = clock.instant().plus(limits.checkpointWait());
        Checkpoint checkpoint;
        do {
            SignedNote note = SignedNote.parse(ledger.checkpoint());
            checkpoint = Checkpoint.parse(note.text());
            // The anchor's answer names the sequence after the command: at least that many leaves, or one more.
            if (checkpoint.size() >= Math.max(1, head.ledgerIndex())) {
                long covered = head.head().size() == 0 ? 0 : lastAnchored(checkpoint.size(), checkpoint.origin());
                if (covered >= head.head().size()) {
                    return new Covered(note, checkpoint, covered);
                }
            }
        } while (clock.instant().isBefore(deadline)
                && !closedWithin(limits.checkpointPoll().toMillis()));
        throw new BundleFault(
                "expected a checkpoint that covers the anchor of " + head.head().size() + " trail leaves at #"
                        + head.ledgerIndex() + " within " + limits.checkpointWait() + " but the newest has "
                        + checkpoint.size() + " leaves: are enough nodes up to sign one?",
                null);
    }

    /** Size of the newest anchor in the first {@code journalSize} leaves, looked for from their end; 0 when there is none. */
    private long lastAnchored(long journalSize, String ledgerName) throws IOException {
        long end = journalSize;
        while (end > 0) {
            long from = Math.max(0, end - LOOK_BACK);
            long newest = -1;
            long next = from;
            while (next < end) {
                List<byte[]> leaves = journalLeaves(next, (int) (end - next));
                if (leaves.isEmpty()) {
                    throw new IOException("the journal must have " + journalSize + " leaves but ended after " + next);
                }
                for (byte[] leaf : leaves) {
                    if (leaf.length > 1
                            && leaf[1] == TRAIL_ANCHORED
                            && LeafDecoder.decode(leaf) instanceof Leaf.TrailAnchored anchor
                            && anchor.origin().equals(ledgerName + "/trail")) {
                        newest = anchor.treeSize();
                    }
                }
                next += leaves.size();
            }
            if (newest >= 0) {
                return newest;
            }
            end = from;
        }
        return 0;
    }

    private List<String> citedTexts(long trailSize, long journalSize) throws IOException {
        Set<String> digests = new LinkedHashSet<>();
        long next = 0;
        while (next < trailSize) {
            List<byte[]> leaves = trail.leaves(next, (int) Math.min(1000, trailSize - next));
            if (leaves.isEmpty()) {
                throw new IOException("the trail must have " + trailSize + " leaves but ended after " + next);
            }
            for (byte[] leaf : leaves) {
                Matcher cited = DIGEST.matcher(new String(leaf, StandardCharsets.UTF_8));
                while (cited.find()) {
                    digests.add(cited.group());
                }
            }
            next += leaves.size();
        }
        for (LedgerCase held : ledger.cases("all")) {
            for (LedgerCase.Approval approval : held.approvals()) {
                // A text that no leaf in the bundle cites makes it unsound; one that is missing does not.
                if (approval.index() < journalSize) {
                    digests.add(approval.reasonDigest());
                }
            }
        }
        List<String> texts = new ArrayList<>();
        for (String digest : digests) {
            trail.texts().find(digest).ifPresent(texts::add);
            if (texts.size() > limits.maxTexts()) {
                throw new IOException("a bundle takes at most " + limits.maxTexts() + " texts");
            }
        }
        return texts;
    }

    private boolean closedWithin(long millis) {
        try {
            return closed.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
