package io.homeostat.merkle.bundle;

import io.homeostat.merkle.Checkpoint;
import io.homeostat.merkle.Digests;
import io.homeostat.merkle.Frames;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.SignedNote;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Packs a bundle (docs/encoding.md). Leaves are streamed to a file beside the target and from there into it, so a journal
 * of millions of leaves needs no memory; the target appears whole or not at all.
 *
 * <p>It packs what it is given: whether that holds is {@link BundleVerifier}'s to say.
 */
public final class BundleWriter {
    private static final int READ_LEAVES = 8192;

    private BundleWriter() {}

    /** {@code MerkleLog::read}, or pages of {@code GET /v1/journal}: up to {@code limit} leaves, at least one if there is one. */
    @FunctionalInterface
    public interface LeafSource {
        List<byte[]> read(long from, int limit) throws IOException;

        /** No leaves at all. */
        static LeafSource none() {
            return (from, limit) -> List.of();
        }
    }

    /**
     * What goes in. The journal's leaves 0..size of the checkpoint are taken. The trail is taken up to the last
     * TRAIL_ANCHORED leaf among them, because what came later nothing vouches for yet.
     *
     * @param subject incident id or case id
     * @param texts UTF-8 texts cited by digest; duplicates are packed once
     */
    public record Content(
            Instant created,
            String subject,
            SignedNote checkpoint,
            LeafSource journal,
            LeafSource trail,
            List<String> texts) {
        public Content {
            Objects.requireNonNull(created, "created");
            Objects.requireNonNull(subject, "subject");
            Objects.requireNonNull(checkpoint, "checkpoint");
            Objects.requireNonNull(journal, "journal");
            Objects.requireNonNull(trail, "trail");
            texts = List.copyOf(texts);
        }
    }

    /** Writes the bundle to {@code target}, replacing a file of that name. */
    public static void write(Path target, Content content) throws IOException {
        Checkpoint head = Checkpoint.parse(content.checkpoint().text());
        Path folder = Objects.requireNonNull(target.toAbsolutePath().getParent(), "folder of the target");
        try (Spool journal = new Spool(folder);
                Spool trail = new Spool(folder);
                Spool texts = new Spool(folder);
                Spool whole = new Spool(folder)) {
            AnchorFinder anchors = new AnchorFinder();
            copy(content.journal(), head.size(), "journal", journal, anchors);
            copy(content.trail(), anchors.trailSize, "trail", trail, null);
            spoolTexts(content.texts(), texts);
            Manifest manifest =
                    new Manifest(content.created(), head.size(), head.origin(), content.subject(), anchors.trailSize);

            whole.put((BundleReader.FIRST_LINE + "\n").getBytes(StandardCharsets.US_ASCII));
            section(whole, BundleSection.MANIFEST, manifest.text().getBytes(StandardCharsets.UTF_8));
            section(whole, BundleSection.GENESIS, Objects.requireNonNull(anchors.genesis, "leaf 0"));
            section(whole, BundleSection.CHECKPOINT, content.checkpoint().encode());
            section(whole, BundleSection.JOURNAL, journal);
            section(whole, BundleSection.TRAIL, trail);
            section(whole, BundleSection.TEXTS, texts);
            whole.end(BundleSection.values().length);
            Files.move(whole.path, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static void copy(LeafSource source, long size, String what, Spool into, @Nullable AnchorFinder anchors)
            throws IOException {
        long next = 0;
        while (next < size) {
            List<byte[]> leaves = source.read(next, (int) Math.min(READ_LEAVES, size - next));
            if (leaves.isEmpty()) {
                throw new IOException("the " + what + " must have " + size + " leaves but ended after " + next);
            }
            for (byte[] leaf : leaves) {
                if (next == size) {
                    break;
                }
                if (anchors != null) {
                    anchors.see(leaf);
                }
                into.put(Frames.frame(leaf));
                next++;
            }
        }
    }

    private static void spoolTexts(List<String> texts, Spool into) throws IOException {
        TreeMap<Leaf.Bytes, byte[]> sorted = new TreeMap<>();
        for (String text : texts) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            sorted.put(new Leaf.Bytes(MerkleTree.sha256(utf8)), utf8);
        }
        for (byte[] text : sorted.values()) {
            into.put(Frames.frame(text));
        }
    }

    private static void section(Spool whole, BundleSection section, byte[] content) throws IOException {
        whole.header(section, content.length, MerkleTree.sha256(content));
        whole.put(content);
        whole.put(new byte[] {'\n'});
    }

    private static void section(Spool whole, BundleSection section, Spool content) throws IOException {
        byte[] digest = content.finish();
        whole.header(section, Files.size(content.path), digest);
        try (InputStream in = Files.newInputStream(content.path)) {
            in.transferTo(whole.out);
        }
        whole.put(new byte[] {'\n'});
    }

    /** Looks into the leaves that pass by for genesis and the newest anchor. */
    private static final class AnchorFinder {
        private static final int TRAIL_ANCHORED = 16;

        private byte @Nullable [] genesis;
        private long trailSize;

        void see(byte[] leaf) {
            if (genesis == null) {
                genesis = leaf;
            }
            if (leaf.length > 1
                    && leaf[1] == TRAIL_ANCHORED
                    && LeafDecoder.decode(leaf) instanceof Leaf.TrailAnchored anchor) {
                trailSize = anchor.treeSize();
            }
        }
    }

    /** A file that is gone when closed, and the digest of what went in. */
    private static final class Spool implements Closeable {
        private final Path path;
        private final MessageDigest digest = MerkleTree.newSha256();
        private final OutputStream out;

        Spool(Path folder) throws IOException {
            path = Files.createTempFile(folder, ".bundle", ".part");
            out = new DigestOutputStream(new BufferedOutputStream(Files.newOutputStream(path), 256 << 10), digest);
        }

        void put(byte[] bytes) throws IOException {
            out.write(bytes);
        }

        void header(BundleSection section, long length, byte[] sha256) throws IOException {
            put(("section " + section.wireName() + " " + length + " " + Digests.hex(sha256) + "\n")
                    .getBytes(StandardCharsets.US_ASCII));
        }

        byte[] finish() throws IOException {
            out.close();
            return digest.digest();
        }

        void end(int sections) throws IOException {
            String hex = Digests.hex(digest.digest());
            put(("end " + sections + " " + hex + "\n").getBytes(StandardCharsets.US_ASCII));
            out.close();
        }

        @Override
        public void close() throws IOException {
            out.close();
            Files.deleteIfExists(path);
        }
    }
}
