package io.homeostat.merkle.bundle;

import io.homeostat.merkle.Checkpoint;
import io.homeostat.merkle.CheckpointSigner;
import io.homeostat.merkle.Digests;
import io.homeostat.merkle.MerkleFrontier;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.SignedNote;
import io.homeostat.merkle.TreeHead;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Asks a bundle four questions ({@link Question}) and answers with a verdict each. It trusts nothing but the genesis that it
 * is given: digests and proofs are computed anew, and every leaf is replayed. Offline, and with this jar alone.
 *
 * <p>Thread-safe: one verification holds its state in a {@link Run}.
 */
public final class BundleVerifier {
    private BundleVerifier() {}

    /**
     * @param trust file with the bytes of the GENESIS leaf that the auditor trusts, as {@code genesis} stands in a bundle
     * @throws IOException when a file can not be read; a bad bundle is a report, not an exception
     */
    public static VerificationReport verify(Path bundle, Optional<Path> trust) throws IOException {
        return verify(bundle, trust, WitnessPolicy.NONE, BundleLimits.defaults());
    }

    /**
     * The same, and freshness is judged by what witnesses cosigned.
     *
     * @param policy whose cosignatures count
     */
    public static VerificationReport verify(Path bundle, Optional<Path> trust, WitnessPolicy policy)
            throws IOException {
        return verify(bundle, trust, policy, BundleLimits.defaults());
    }

    static VerificationReport verify(Path bundle, Optional<Path> trust, BundleLimits limits) throws IOException {
        return verify(bundle, trust, WitnessPolicy.NONE, limits);
    }

    private static VerificationReport verify(
            Path bundle, Optional<Path> trust, WitnessPolicy policy, BundleLimits limits) throws IOException {
        byte[] trusted = null;
        if (trust.isPresent()) {
            if (Files.size(trust.get()) > limits.leafBytes()) {
                throw new IOException(trust.get() + " is larger than any GENESIS leaf: expected at most "
                        + limits.leafBytes() + " bytes");
            }
            trusted = Files.readAllBytes(trust.get());
        }
        return new Run(limits, trusted, policy).verify(bundle);
    }

    private static final class Run {
        private final BundleLimits limits;
        private final byte @Nullable [] trusted;
        private final Findings findings;
        private final List<String> notes = new ArrayList<>();
        private final List<String> signers = new ArrayList<>();
        private final MerkleFrontier journalTree = new MerkleFrontier();
        private final WitnessPolicy policy;
        private final @Nullable TreeHead witnessed;
        private byte @Nullable [] rootAtWitnessed;
        private @Nullable SignedNote ownNote;
        private boolean fresh;
        private boolean replayed;
        private @Nullable Manifest manifest;
        private @Nullable Checkpoint head;
        private Statistics statistics = Statistics.none();

        Run(BundleLimits limits, byte @Nullable [] trusted, WitnessPolicy policy) {
            this.limits = limits;
            this.trusted = trusted;
            this.policy = policy;
            this.witnessed = policy.head().isPresent()
                    ? TreeHead.ofText(policy.head().get().text())
                    : null;
            this.findings = new Findings(limits.findings());
        }

        VerificationReport verify(Path file) throws IOException {
            try {
                verify(BundleReader.open(file, limits));
            } catch (BundleMalformed e) {
                findings.add(Question.INTEGRITY, e);
            }
            return report();
        }

        private void verify(BundleReader bundle) throws IOException {
            CitedTexts texts = CitedTexts.read(bundle, limits, findings);
            manifest = readManifest(bundle);
            SignedNote note = readCheckpoint(bundle);
            Replay replay = new Replay(findings, texts::cite);
            replayed = replayJournal(bundle, replay);
            if (replay.begun()) {
                checkHead(bundle, note, replay.genesis());
                if (replayed) {
                    checkFreshness(bundle, replay.genesis());
                }
                long trailLeaves = checkTrail(bundle, replay, texts);
                checkManifest(bundle, trailLeaves, replay);
                if (replayed) {
                    // Where the replay broke off, later leaves may cite: then nothing can be said of the texts.
                    texts.reportUncited(findings);
                }
                statistics = replay.finish(journalTree.size(), trailLeaves, texts.count());
            }
        }

        private @Nullable Manifest readManifest(BundleReader bundle) throws IOException {
            try {
                return Manifest.parse(bundle.content(BundleSection.MANIFEST));
            } catch (IllegalArgumentException e) {
                unsound(bundle, BundleSection.MANIFEST, String.valueOf(e.getMessage()));
                return null;
            }
        }

        private @Nullable SignedNote readCheckpoint(BundleReader bundle) throws IOException {
            try {
                SignedNote note = SignedNote.parse(bundle.content(BundleSection.CHECKPOINT));
                head = Checkpoint.parse(note.text());
                ownNote = note;
                return note;
            } catch (IllegalArgumentException e) {
                unsound(bundle, BundleSection.CHECKPOINT, String.valueOf(e.getMessage()));
                return null;
            }
        }

        /** True when every leaf was decoded, stood where it says, and was replayed. */
        private boolean replayJournal(BundleReader bundle, Replay replay) throws IOException {
            byte[] genesis = bundle.content(BundleSection.GENESIS);
            if (trusted != null && !Arrays.equals(trusted, genesis)) {
                findings.add(
                        Question.AUTHORSHIP,
                        BundleSection.GENESIS.wireName(),
                        0,
                        bundle.offset(BundleSection.GENESIS),
                        "the bundle's genesis is not the trusted one");
            }
            long time = 0;
            try (BundleReader.FrameCursor frames = bundle.frames(BundleSection.JOURNAL)) {
                for (byte[] leaf = frames.next(); leaf != null; leaf = frames.next()) {
                    if (frames.index() >= limits.journalLeaves()) {
                        throw new BundleMalformed(
                                BundleSection.JOURNAL.wireName(),
                                frames.index(),
                                frames.offset(),
                                "more than " + limits.journalLeaves() + " leaves");
                    }
                    journalTree.append(MerkleTree.leafHash(leaf));
                    if (witnessed != null && witnessed.size() == journalTree.size()) {
                        rootAtWitnessed = journalTree.root();
                    }
                    if (frames.index() == 0 && !Arrays.equals(leaf, genesis)) {
                        unsound(bundle, BundleSection.GENESIS, "the section is not leaf 0 of the journal");
                    }
                    Leaf decoded = decode(leaf, frames);
                    if (decoded == null) {
                        return false;
                    }
                    if (decoded.timeMicros() < time) {
                        unsound(
                                frames,
                                "time goes back from " + time + " to " + decoded.timeMicros() + " microseconds");
                    }
                    time = Math.max(time, decoded.timeMicros());
                    replay.follow(decoded, frames.offset());
                }
            }
            if (!replay.begun()) {
                unsound(bundle, BundleSection.JOURNAL, "the journal is empty, expected GENESIS as leaf 0");
            }
            return replay.begun();
        }

        /** The leaf, or null after a finding when the replay can not go on. */
        private @Nullable Leaf decode(byte[] leaf, BundleReader.FrameCursor frames) {
            Leaf decoded;
            try {
                decoded = LeafDecoder.decode(leaf);
            } catch (LeafMalformed e) {
                unsound(frames, String.valueOf(e.getMessage()));
                return null;
            }
            if (decoded.sequence() != frames.index()) {
                unsound(frames, "the leaf says sequence " + decoded.sequence() + " but stands at " + frames.index());
                return null;
            }
            if (decoded instanceof Leaf.GenesisLeaf != (frames.index() == 0)) {
                unsound(frames, "GENESIS is leaf 0 and only leaf 0");
                return null;
            }
            return decoded;
        }

        private void checkHead(BundleReader bundle, @Nullable SignedNote note, Genesis genesis) {
            if (note == null || head == null) {
                return;
            }
            if (!head.origin().equals(genesis.ledgerName())) {
                unsound(
                        bundle,
                        BundleSection.CHECKPOINT,
                        "the origin must be '" + genesis.ledgerName() + "' but is '" + head.origin() + "'");
            }
            if (replayed && head.size() != journalTree.size()) {
                unsound(
                        bundle,
                        BundleSection.CHECKPOINT,
                        "the head is of " + head.size() + " leaves but the journal has " + journalTree.size());
            } else if (replayed && !Arrays.equals(head.root(), journalTree.root())) {
                unsound(
                        bundle,
                        BundleSection.CHECKPOINT,
                        "the signed root is " + Digests.hex(head.root()) + " but the leaves give "
                                + Digests.hex(journalTree.root()));
            }
            for (Genesis.Node node : genesis.nodes()) {
                String name = CheckpointSigner.keyName(genesis.ledgerName(), node.id());
                int keyId = SignedNote.keyId(name, node.checkpointKey());
                boolean present = note.signatures().stream()
                        .anyMatch(s -> s.keyId() == keyId && s.keyName().equals(name));
                if (present && note.verifiedBy(name, node.checkpointKey())) {
                    signers.add(node.id());
                } else if (present) {
                    unsound(bundle, BundleSection.CHECKPOINT, "the signature of '" + name + "' does not verify");
                }
            }
            if (signers.isEmpty()) {
                unsound(bundle, BundleSection.CHECKPOINT, "no node of genesis signed the head");
            }
        }

        /** What a quorum of witnesses cosigned must lie on the bundle's history, and not beyond its end. */
        private void checkFreshness(BundleReader bundle, Genesis genesis) {
            if (policy.witnesses().isEmpty()) {
                return;
            }
            if (ownNote != null) {
                OptionalLong seen = policy.cosignedBy(ownNote);
                if (seen.isPresent()) {
                    fresh = true;
                    notes.add("freshness: " + policy.quorum() + " of "
                            + policy.witnesses().size()
                            + " witnesses had cosigned the bundle's head by "
                            + Instant.ofEpochSecond(seen.getAsLong()));
                }
            }
            if (witnessed == null) {
                return;
            }
            OptionalLong seen = policy.cosignedBy(policy.head().orElseThrow());
            if (seen.isEmpty()) {
                notes.add("freshness: no quorum of the witnesses cosigned the head from elsewhere; it was not used");
                return;
            }
            String cosigned = "witnesses had cosigned " + witnessed.size() + " leaves by "
                    + Instant.ofEpochSecond(seen.getAsLong());
            if (!witnessed.origin().equals(genesis.ledgerName())) {
                stale(bundle, "the cosigned head is of log '" + witnessed.origin() + "'");
            } else if (witnessed.size() > journalTree.size()) {
                stale(
                        bundle,
                        cosigned + " but the bundle ends at " + journalTree.size() + ": an old head was replayed");
            } else if (witnessed.size() > 0 && !Arrays.equals(rootAtWitnessed, witnessed.root())) {
                stale(bundle, cosigned + " with another root than the bundle's leaves give: the history was forked");
            } else {
                fresh = true;
                notes.add("freshness: " + cosigned + ", and the bundle continues that history");
            }
        }

        private void stale(BundleReader bundle, String message) {
            findings.add(
                    Question.FRESHNESS,
                    BundleSection.CHECKPOINT.wireName(),
                    -1,
                    bundle.offset(BundleSection.CHECKPOINT),
                    message);
        }

        /** Compares the trail with every anchor in the journal and returns its size. */
        private long checkTrail(BundleReader bundle, Replay replay, CitedTexts texts) throws IOException {
            List<Leaf.TrailAnchored> anchors = new ArrayList<>(replay.anchors());
            // A stable sort keeps the journal's order; a tree that shrinks was reported by the replay.
            anchors.sort((a, b) -> Long.compare(a.treeSize(), b.treeSize()));
            MerkleFrontier trail = new MerkleFrontier();
            int next = checkAnchors(bundle, anchors, 0, trail);
            try (BundleReader.FrameCursor frames = bundle.frames(BundleSection.TRAIL)) {
                for (byte[] leaf = frames.next(); leaf != null; leaf = frames.next()) {
                    texts.citeHexIn(leaf);
                    trail.append(MerkleTree.leafHash(leaf));
                    next = checkAnchors(bundle, anchors, next, trail);
                }
            }
            long anchored =
                    anchors.isEmpty() ? 0 : anchors.get(anchors.size() - 1).treeSize();
            if (replayed && trail.size() != anchored) {
                unsound(
                        bundle,
                        BundleSection.TRAIL,
                        "the last anchor in the journal covers " + anchored + " trail leaves but the bundle has "
                                + trail.size());
            }
            return trail.size();
        }

        private int checkAnchors(
                BundleReader bundle, List<Leaf.TrailAnchored> anchors, int from, MerkleFrontier trail) {
            int next = from;
            while (next < anchors.size() && anchors.get(next).treeSize() == trail.size()) {
                Leaf.TrailAnchored anchor = anchors.get(next);
                if (!Arrays.equals(anchor.root().toArray(), trail.root())) {
                    unsound(
                            bundle,
                            BundleSection.TRAIL,
                            "leaf " + anchor.sequence() + " of the journal anchors root "
                                    + anchor.root() + " for " + trail.size() + " trail leaves but they give "
                                    + Digests.hex(trail.root()));
                }
                next++;
            }
            return next;
        }

        private void checkManifest(BundleReader bundle, long trailLeaves, Replay replay) {
            if (manifest == null) {
                return;
            }
            expect(bundle, "ledger", manifest.ledger(), replay.genesis().ledgerName());
            if (replayed) {
                expect(
                        bundle,
                        "journal_size",
                        Long.toString(manifest.journalSize()),
                        Long.toString(journalTree.size()));
            }
            expect(bundle, "trail_size", Long.toString(manifest.trailSize()), Long.toString(trailLeaves));
            boolean isCase = Arrays.stream(CaseKind.values())
                    .anyMatch(kind -> manifest.subject().startsWith(kind.prefix()));
            if (replayed && isCase && !replay.knowsCase(manifest.subject())) {
                unsound(
                        bundle,
                        BundleSection.MANIFEST,
                        "the subject '" + manifest.subject() + "' is no case of the journal");
            }
        }

        private void expect(BundleReader bundle, String key, String stated, String found) {
            if (!stated.equals(found)) {
                unsound(
                        bundle,
                        BundleSection.MANIFEST,
                        key + " is '" + stated + "' but the content gives '" + found + "'");
            }
        }

        private void unsound(BundleReader bundle, BundleSection section, String message) {
            findings.add(Question.INTEGRITY, section.wireName(), -1, bundle.offset(section), message);
        }

        private void unsound(BundleReader.FrameCursor frames, String message) {
            findings.add(
                    Question.INTEGRITY, BundleSection.JOURNAL.wireName(), frames.index(), frames.offset(), message);
        }

        private VerificationReport report() {
            Map<Question, Verdict> verdicts = new EnumMap<>(Question.class);
            verdicts.put(Question.INTEGRITY, verdict(Question.INTEGRITY, true));
            verdicts.put(Question.COMPLETENESS, verdict(Question.COMPLETENESS, replayed));
            verdicts.put(Question.AUTHORSHIP, verdict(Question.AUTHORSHIP, replayed && trusted != null));
            verdicts.put(Question.FRESHNESS, verdict(Question.FRESHNESS, fresh));
            if (!replayed) {
                notes.add("completeness and authorship: not every leaf could be replayed");
            } else if (trusted == null) {
                notes.add("authorship: keys are the bundle's own; --trust GENESIS compares them with yours");
            }
            Checkpoint stated = head;
            if (stated == null) {
                notes.add("freshness: no head could be read");
            } else if (!fresh && findings.none(Question.FRESHNESS)) {
                notes.add("freshness: the head is of " + stated.size() + " leaves at "
                        + VerificationReport.instantOf(stated.timeMicros())
                        + "; without a witness nothing shows that it is the newest or the only one");
            }
            return new VerificationReport(
                    verdicts, findings.list(), findings.total(), notes, manifest, head, signers, statistics);
        }

        private Verdict verdict(Question question, boolean answered) {
            if (!findings.none(question)) {
                return Verdict.FAIL;
            }
            return answered ? Verdict.PASS : Verdict.UNKNOWN;
        }
    }
}
