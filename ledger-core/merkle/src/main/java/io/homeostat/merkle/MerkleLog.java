package io.homeostat.merkle;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * A durable append-only log of leaves with its RFC 6962 tree, in one directory:
 *
 * <pre>
 * 00000000000000000000.leaves   frames (see {@link Frames}) from this sequence on, then unused room of zeros; the next
 *                               file when full
 * tree.nodes                    every tree node, see {@link TreeFile}; derived, rebuilt from the leaves when missing
 * head                          u64 size | 32 bytes root | u32 CRC32C: what the last sync made durable
 * lock                          held by the one process that has the log open
 * </pre>
 *
 * {@link #append} writes to memory, {@link #flush} hands over to the operating system, {@link #sync} makes durable. What
 * was synced must be whole when the log is opened, or it is {@link JournalDamaged}; what came after is cut at the first
 * frame that is not whole, because its owner can write it again (docs/adr/0004).
 *
 * <p>One writer thread at a time, any number of readers. Readers see every appended leaf. After a write fault nothing more is taken.
 */
public final class MerkleLog implements AutoCloseable {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private final Path directory;
    private final MerkleLogLimits limits;
    private final FileChannel lockChannel;
    private final TreeFile tree;
    private final MerkleFrontier.NodeSink completed;
    private final MerkleTree.Hasher hasher = new MerkleTree.Hasher();
    private final byte[] leafHash = new byte[MerkleTree.HASH_BYTES];
    private final byte[] buffer;
    private final ConcurrentSkipListMap<Long, LeafSegment> segments = new ConcurrentSkipListMap<>();
    private final List<Path> unsynced = new ArrayList<>();
    /** Readers share it; truncation and closing own it. Appending needs the monitor only. */
    private final ReadWriteLock shape = new ReentrantReadWriteLock();
    /** One sync at a time, because a later head must not be overwritten by an earlier one. */
    private final Object syncing = new Object();

    private MerkleFrontier frontier;
    private LeafSegment tail;
    private GrowingFile tailFile;
    private int buffered;
    private volatile long size;
    private volatile long flushedSize;
    private volatile boolean closed;
    /** Set when the tree gave a false proof: no head vouches for it any more, so the next opening rebuilds it. */
    private volatile boolean treeSuspect;

    private @Nullable String broken;
    private final Recovery recovery;

    /**
     * What the opening found.
     *
     * @param size leaves after recovery
     * @param cutBytes bytes of leaves behind the last whole one that were cut off, unused room not counted; 0 after a clean
     *     stop
     * @param cutReason place and reason of the cut, empty when there was none
     * @param rehashedLeaves leaves whose tree nodes were computed again
     */
    public record Recovery(long size, long cutBytes, String cutReason, long rehashedLeaves) {}

    public static MerkleLog open(Path directory) {
        return open(directory, MerkleLogLimits.defaults());
    }

    /**
     * Opens or creates the log. Reads every leaf once and checks its CRC.
     *
     * @throws JournalDamaged when a leaf that had been synced is not whole
     */
    public static MerkleLog open(Path directory, MerkleLogLimits limits) {
        try {
            Files.createDirectories(directory);
            FileChannel lock = lock(directory);
            try {
                return new MerkleLog(directory, limits, lock);
            } catch (IOException | RuntimeException e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw new JournalFault("opening the leaf log in " + directory + " failed: " + e.getMessage(), e);
        }
    }

    private MerkleLog(Path directory, MerkleLogLimits limits, FileChannel lockChannel) throws IOException {
        this.directory = directory;
        this.limits = limits;
        this.lockChannel = lockChannel;
        this.buffer = new byte[Math.max(limits.bufferBytes(), limits.leafBytes() + Frames.HEADER_BYTES)];
        LogHead head = LogHead.read(directory);
        LogScan scan = LogScan.of(directory, limits, head, segments);
        this.tail = scan.tail();
        this.size = scan.tail().first() + scan.tail().leaves();
        this.tree = new TreeFile(directory.resolve(TreeFile.NAME), limits.bufferBytes());
        this.completed = tree::append;
        GrowingFile file = null;
        try {
            this.frontier = new MerkleFrontier();
            long rehashed = restoreTree(head);
            file = new GrowingFile(tail.path(), tail.bytes(), limits.segmentBytes());
            this.tailFile = file;
            this.flushedSize = size;
            this.recovery = new Recovery(size, scan.cutBytes(), scan.cutReason(), rehashed);
            if (head == null || head.size() != size || scan.cutBytes() > 0 || rehashed > 0) {
                segments.values().forEach(s -> unsynced.add(s.path()));
                syncFiles();
            }
        } catch (IOException | RuntimeException e) {
            if (file != null) {
                file.close();
            }
            tree.close();
            throw e;
        }
    }

    public Recovery recovery() {
        return recovery;
    }

    /** Appends one leaf and returns its sequence. Cheap: no system call while the buffer has room. */
    public long append(byte[] leaf) {
        return append(leaf, 0, leaf.length);
    }

    /** The same for the leaf that stands in these bytes, which are the caller's again afterwards. */
    public synchronized long append(byte[] source, int offset, int length) {
        appendAll(source, offset, length, 1);
        return size - 1;
    }

    /**
     * The same for leaves of one length that stand one behind the other. Readers see them all at once; that costs one lock and
     * one fence instead of one for each.
     */
    public synchronized void appendAll(byte[] source, int offset, int length, int count) {
        requireWritable();
        if (length <= 0 || length > limits.leafBytes()) {
            throw new IllegalArgumentException(
                    "a leaf has 1 to at most " + limits.leafBytes() + " bytes but this has " + length);
        }
        long next = size;
        try {
            for (int i = 0; i < count; i++, next++) {
                append(source, offset + i * length, length, next);
            }
        } catch (IOException e) {
            throw breakDown("appending leaf " + next, e);
        }
        size = next;
    }

    private void append(byte[] source, int offset, int length, long sequence) throws IOException {
        int frameBytes = Frames.HEADER_BYTES + length;
        if (tail.bytes() + frameBytes > limits.segmentBytes() && tail.leaves() > 0) {
            roll(sequence);
        }
        if (buffered + frameBytes > buffer.length) {
            flushFiles();
        }
        putFrame(source, offset, length);
        hasher.leaf(source, offset, length, leafHash, 0);
        frontier.append(leafHash, completed);
        tail.added(length);
    }

    public long size() {
        return size;
    }

    public synchronized byte[] root() {
        return frontier.root();
    }

    /** A copy of the right edge: what a snapshot carries. */
    public synchronized MerkleFrontier frontier() {
        return frontier.copy();
    }

    /** Root of the tree of the first {@code atSize} leaves. */
    public byte[] rootAt(long atSize) {
        requireSize(atSize, "size");
        return withTree(reader -> reader.root(atSize));
    }

    /** Hash of the leaf at {@code sequence}. */
    public byte[] leafHash(long sequence) {
        requireSize(sequence + 1, "sequence + 1");
        return withTree(reader -> reader.node(0, sequence));
    }

    /**
     * The hashes of a tile (C2SP tlog-tiles), one after the other.
     *
     * @throws IllegalArgumentException when it is a bundle of entries, or the log is too short for it
     */
    public byte[] tile(TilePath path) {
        int level = path.level().orElseThrow(() -> new IllegalArgumentException("a bundle holds leaves, not hashes"));
        requireSize(path.leavesNeeded(), "the leaves below the tile");
        return withTree(reader -> {
            byte[] hashes = new byte[path.width() * MerkleTree.HASH_BYTES];
            for (int i = 0; i < path.width(); i++) {
                byte[] hash = reader.node(TilePath.LEVEL_BITS * level, path.index() * TilePath.FULL + i);
                System.arraycopy(hash, 0, hashes, i * MerkleTree.HASH_BYTES, MerkleTree.HASH_BYTES);
            }
            return hashes;
        });
    }

    /** Hashes that lead from the leaf to the root of {@code atSize} leaves, the leaf's sibling first (RFC 6962, 2.1.1). */
    public List<byte[]> inclusionProof(long sequence, long atSize) {
        requireSize(atSize, "size");
        if (sequence < 0 || sequence >= atSize) {
            throw new IllegalArgumentException(
                    "sequence must be in 0.." + (atSize - 1) + " for size " + atSize + " but is " + sequence);
        }
        return withTree(reader -> {
            List<byte[]> proof = reader.inclusion(sequence, atSize);
            if (!Proofs.verifyInclusion(sequence, atSize, reader.node(0, sequence), proof, reader.root(atSize))) {
                throw treeDamaged(sequence);
            }
            return proof;
        });
    }

    /** Hashes that show the tree of {@code from} leaves to be a prefix of that of {@code to} (RFC 6962, 2.1.2). */
    public List<byte[]> consistencyProof(long from, long to) {
        requireSize(to, "to");
        if (from < 0 || from > to) {
            throw new IllegalArgumentException("from must be in 0.." + to + " but is " + from);
        }
        return withTree(reader -> {
            List<byte[]> proof = reader.consistency(from, to);
            if (!Proofs.verifyConsistency(from, to, reader.root(from), reader.root(to), proof)) {
                throw treeDamaged(from);
            }
            return proof;
        });
    }

    /** Up to {@code limit} leaves from {@code from} on, fewer where the limits of a read or the log's end are reached. */
    public List<byte[]> read(long from, int limit) {
        List<byte[]> leaves = new ArrayList<>();
        walk(from, limit, frame -> leaves.add(Arrays.copyOfRange(frame, Frames.HEADER_BYTES, frame.length)));
        return leaves;
    }

    /** The same as {@link #read} in the frames of the journal file. */
    public byte[] readFrames(long from, int limit) {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        walk(from, limit, frames::writeBytes);
        return frames.toByteArray();
    }

    /** Makes all appended leaves visible to other processes; survives this process, not a power cut. */
    public synchronized void flush() {
        requireWritable();
        if (flushedSize == size) {
            return;
        }
        try {
            flushFiles();
        } catch (IOException e) {
            throw breakDown("flushing", e);
        }
    }

    /** Makes all leaves appended before the call durable. Appending goes on while the disk works. */
    public void sync() {
        shape.readLock().lock();
        try {
            synchronized (syncing) {
                syncBesideAppends();
            }
        } finally {
            shape.readLock().unlock();
        }
    }

    /** Segments that were closed and the tail by path: their last bytes were handed over before the size was taken. */
    private void syncBesideAppends() {
        List<Path> files;
        long upTo;
        byte[] root;
        synchronized (this) {
            requireWritable();
            try {
                flushFiles();
            } catch (IOException e) {
                throw breakDown("flushing", e);
            }
            files = new ArrayList<>(unsynced);
            unsynced.clear();
            files.add(tail.path());
            upTo = size;
            root = frontier.root();
        }
        try {
            for (Path path : files) {
                try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
                    file.getFD().sync();
                }
            }
            tree.sync();
            if (!treeSuspect) {
                new LogHead(upTo, root).write(directory);
            }
        } catch (IOException e) {
            synchronized (this) {
                throw breakDown("syncing", e);
            }
        }
    }

    /** Cuts the log to its first {@code newSize} leaves, durably. Waits for readers. */
    public void truncate(long newSize) {
        shape.writeLock().lock();
        try {
            synchronized (this) {
                requireWritable();
                requireSize(newSize, "size");
                if (newSize == size) {
                    return;
                }
                try {
                    flushFiles();
                    cutTo(newSize);
                    syncFiles();
                } catch (IOException e) {
                    throw breakDown("truncating to " + newSize, e);
                }
            }
        } finally {
            shape.writeLock().unlock();
        }
    }

    /** Syncs and closes. A second close does nothing. */
    @Override
    public void close() {
        shape.writeLock().lock();
        try {
            synchronized (this) {
                if (closed) {
                    return;
                }
                closed = true;
                try (FileChannel lock = lockChannel;
                        TreeFile nodes = tree;
                        GrowingFile leaves = tailFile) {
                    if (broken == null) {
                        flushFiles();
                        leaves.trim();
                        nodes.trim();
                        syncFiles();
                    }
                } catch (IOException e) {
                    throw new JournalFault("closing the leaf log in " + directory + " failed: " + e.getMessage(), e);
                }
            }
        } finally {
            shape.writeLock().unlock();
        }
    }

    private void putFrame(byte[] source, int offset, int length) {
        INT.set(buffer, buffered, length);
        INT.set(buffer, buffered + Integer.BYTES, Frames.crc(source, offset, length));
        System.arraycopy(source, offset, buffer, buffered + Frames.HEADER_BYTES, length);
        buffered += Frames.HEADER_BYTES + length;
    }

    private void flushFiles() throws IOException {
        tailFile.write(buffer, buffered);
        buffered = 0;
        tree.flush();
        flushedSize = size;
    }

    /** @param first sequence of the leaf that begins the next file */
    private void roll(long first) throws IOException {
        flushFiles();
        tailFile.trim();
        tailFile.close();
        unsynced.add(tail.path());
        LeafSegment next = new LeafSegment(directory, first);
        tailFile = new GrowingFile(next.path(), 0, limits.segmentBytes());
        tail = next;
        segments.put(next.first(), next);
    }

    /** Leaves first, then the tree, then the head that vouches for both. */
    private void syncFiles() throws IOException {
        for (Path path : unsynced) {
            try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
                file.getFD().sync();
            }
        }
        unsynced.clear();
        tailFile.sync();
        tree.sync();
        if (!treeSuspect) {
            new LogHead(size, frontier.root()).write(directory);
        }
    }

    private void cutTo(long newSize) throws IOException {
        // The head must never vouch for more than there is, so it goes before the leaves do.
        Files.deleteIfExists(directory.resolve(LogHead.NAME));
        LeafSegment keep = segments.floorEntry(newSize == 0 ? 0 : newSize - 1).getValue();
        long offset = keep.bytes();
        if (newSize < keep.first() + keep.leaves()) {
            try (LeafSegment.Cursor cursor = keep.cursor(newSize, limits)) {
                offset = cursor.offset();
            }
        }
        tailFile.close();
        for (LeafSegment dropped : List.copyOf(
                segments.tailMap(keep.first(), false).descendingMap().values())) {
            unsynced.remove(dropped.path());
            segments.remove(dropped.first());
            Files.deleteIfExists(dropped.path());
        }
        keep.cut(newSize, offset);
        unsynced.remove(keep.path());
        tail = keep;
        tailFile = new GrowingFile(keep.path(), offset, limits.segmentBytes());
        tree.cut(newSize);
        try (TreeFile.Reader reader = tree.reader()) {
            frontier = reader.frontier(newSize);
        }
        size = newSize;
        flushedSize = newSize;
    }

    private void walk(long from, int limit, java.util.function.Consumer<byte[]> sink) {
        if (from < 0 || limit < 0) {
            throw new IllegalArgumentException("from and limit must not be negative but are " + from + " and " + limit);
        }
        shape.readLock().lock();
        try {
            long to = Math.min(visibleSize(), from + Math.min(limit, limits.readLeaves()));
            long next = from;
            int bytes = 0;
            while (next < to && bytes < limits.readBytes()) {
                LeafSegment segment = segments.floorEntry(next).getValue();
                Map.Entry<Long, LeafSegment> following = segments.higherEntry(next);
                long end = following == null ? to : Math.min(to, following.getKey());
                try (LeafSegment.Cursor cursor = segment.cursor(next, limits)) {
                    while (next < end && bytes < limits.readBytes()) {
                        byte[] frame = cursor.frame();
                        sink.accept(frame);
                        bytes += frame.length;
                        next++;
                    }
                }
            }
        } catch (LeafSegment.TornFrame e) {
            throw e.asDamage();
        } catch (IOException e) {
            throw new JournalFault("reading leaves from " + from + " failed: " + e.getMessage(), e);
        } finally {
            shape.readLock().unlock();
        }
    }

    private interface TreeRead<T> {
        T read(TreeFile.Reader reader);
    }

    private <T> T withTree(TreeRead<T> read) {
        shape.readLock().lock();
        try {
            visibleSize();
            try (TreeFile.Reader reader = tree.reader()) {
                return read.read(reader);
            }
        } catch (IOException e) {
            throw new JournalFault("reading the tree failed: " + e.getMessage(), e);
        } finally {
            shape.readLock().unlock();
        }
    }

    /** Everything appended so far, flushed if it was not. */
    private long visibleSize() {
        long appended = size;
        if (flushedSize < appended) {
            flush();
        } else if (closed) {
            throw new IllegalStateException("the leaf log in " + directory + " is closed");
        }
        return appended;
    }

    /** The next opening finds no head that vouches for the tree and hashes every leaf again. */
    private JournalDamaged treeDamaged(long sequence) {
        treeSuspect = true;
        try {
            Files.deleteIfExists(directory.resolve(LogHead.NAME));
        } catch (IOException e) {
            throw new JournalFault("marking the tree of " + directory + " for a rebuild failed", e);
        }
        return new JournalDamaged(
                TreeFile.NAME,
                sequence,
                TreeFile.place(0, sequence),
                "the proof does not verify against the root; restart: the tree is rebuilt from the leaves");
    }

    private void requireSize(long wanted, String name) {
        if (wanted < 0 || wanted > size) {
            throw new IllegalArgumentException(name + " must be in 0.." + size + " but is " + wanted);
        }
    }

    private void requireWritable() {
        if (closed) {
            throw new IllegalStateException("the leaf log in " + directory + " is closed");
        }
        if (broken != null) {
            throw new JournalFault(
                    "the leaf log in " + directory + " failed before (" + broken + "): close it and open it again",
                    null);
        }
    }

    private JournalFault breakDown(String doing, IOException e) {
        broken = doing + ": " + e.getMessage();
        return new JournalFault("leaf log in " + directory + ": " + broken, e);
    }

    // ---- opening

    private static FileChannel lock(Path directory) throws IOException {
        FileChannel channel =
                FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw new JournalFault("the leaf log in " + directory + " is already open in this process", null);
        }
        if (lock == null) {
            channel.close();
            throw new JournalFault("the leaf log in " + directory + " is open in another process", null);
        }
        return channel;
    }

    /** Takes the tree as far as the head vouches for it and hashes the leaves behind; returns how many. */
    private long restoreTree(@Nullable LogHead head) throws IOException {
        long trusted = 0;
        if (head != null && head.size() <= size && tree.length() >= TreeFile.nodeCount(head.size())) {
            try (TreeFile.Reader reader = tree.reader()) {
                if (Arrays.equals(reader.root(head.size()), head.root())) {
                    trusted = head.size();
                    frontier = reader.frontier(trusted);
                }
            }
        }
        tree.cut(trusted);
        for (LeafSegment segment : segments.values()) {
            long from = Math.max(trusted, segment.first());
            long end = segment.first() + segment.leaves();
            if (from >= end) {
                continue;
            }
            try (LeafSegment.Cursor cursor = segment.cursor(from, limits)) {
                while (cursor.sequence() < end) {
                    byte[] frame = cursor.frame();
                    hasher.leaf(frame, Frames.HEADER_BYTES, frame.length - Frames.HEADER_BYTES, leafHash, 0);
                    frontier.append(leafHash, tree::append);
                }
            }
        }
        tree.flush();
        if (head != null && trusted < head.size() && head.size() <= size) {
            try (TreeFile.Reader reader = tree.reader()) {
                if (!Arrays.equals(reader.root(head.size()), head.root())) {
                    throw new JournalDamaged(
                            TreeFile.NAME,
                            head.size(),
                            0,
                            "the leaves hash to another root than the one that was synced at size " + head.size());
                }
            }
        }
        return size - trusted;
    }
}
