package io.homeostat.merkle;

import static io.homeostat.merkle.MerkleTree.HASH_BYTES;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Every node of the perfect subtrees on disk, each written once, in the order in which appends complete them: a leaf's
 * hash, then the ancestors that it closes, upwards. So the file only grows at its end, and the place of a node is known
 * from its level and index alone.
 *
 * <pre>
 * nodes before leaf i     = 2 * i - bitCount(i)
 * place of (level, index) = nodes before leaf ((index + 1) * 2^level - 1), plus level; times 32 bytes
 * </pre>
 *
 * One writer; readers take a {@link Reader} each and see what was flushed. Behind the nodes stands room of zeros while the
 * log is open, and after a crash.
 */
final class TreeFile implements Closeable {
    static final String NAME = "tree.nodes";

    private final Path path;
    private final GrowingFile file;
    private final byte[] buffer;
    private int buffered;

    TreeFile(Path path, int bufferBytes) throws IOException {
        this.path = path;
        this.file = new GrowingFile(path, Files.exists(path) ? Files.size(path) : 0, Long.MAX_VALUE);
        this.buffer = new byte[Math.max(HASH_BYTES, bufferBytes / HASH_BYTES * HASH_BYTES)];
    }

    /** Nodes that a tree of {@code size} leaves has on disk. */
    static long nodeCount(long size) {
        return 2 * size - Long.bitCount(size);
    }

    static long place(int level, long index) {
        return (nodeCount((index + 1 << level) - 1) + level) * HASH_BYTES;
    }

    /** Room on disk, in nodes. */
    long length() throws IOException {
        return file.length() / HASH_BYTES;
    }

    /** Cuts the file to the nodes of {@code size} leaves and appends from there on. */
    void cut(long size) throws IOException {
        buffered = 0;
        file.cut(nodeCount(size) * HASH_BYTES);
    }

    void append(byte[] source, int offset) throws IOException {
        if (buffered == buffer.length) {
            flush();
        }
        System.arraycopy(source, offset, buffer, buffered, HASH_BYTES);
        buffered += HASH_BYTES;
    }

    void flush() throws IOException {
        file.write(buffer, buffered);
        buffered = 0;
    }

    void sync() throws IOException {
        file.sync();
    }

    void trim() throws IOException {
        file.trim();
    }

    Reader reader() throws IOException {
        return new Reader(new RandomAccessFile(path.toFile(), "r"));
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    /** Roots and proofs of any size up to the flushed one. Not thread-safe; cheap to make. */
    record Reader(RandomAccessFile file) implements Closeable {
        byte[] node(int level, long index) {
            byte[] hash = new byte[HASH_BYTES];
            long place = place(level, index);
            try {
                file.seek(place);
                file.readFully(hash);
            } catch (EOFException e) {
                throw new JournalDamaged(
                        NAME,
                        index << level,
                        place,
                        "the node of level " + level
                                + " is missing; stop the node, delete the file and start it: the file is rebuilt from the leaves");
            } catch (IOException e) {
                throw new JournalFault("reading " + NAME + " at byte " + place + " failed", e);
            }
            return hash;
        }

        byte[] root(long size) {
            return size == 0 ? MerkleTree.emptyRoot() : root(0, size);
        }

        /** Root over the leaves {@code from..to-1}, where {@code from} is a multiple of a power of two >= the width. */
        private byte[] root(long from, long to) {
            long width = to - from;
            if (Long.bitCount(width) == 1) {
                int level = Long.numberOfTrailingZeros(width);
                return node(level, from >>> level);
            }
            long split = Long.highestOneBit(width);
            return MerkleTree.nodeHash(root(from, from + split), root(from + split, to));
        }

        /** PATH(sequence, D[size]) of RFC 6962, section 2.1.1, leaf's sibling first. */
        List<byte[]> inclusion(long sequence, long size) {
            List<byte[]> fromTop = new ArrayList<>();
            long from = 0;
            long to = size;
            while (to - from > 1) {
                long middle = from + splitOf(to - from);
                if (sequence < middle) {
                    fromTop.add(root(middle, to));
                    to = middle;
                } else {
                    fromTop.add(root(from, middle));
                    from = middle;
                }
            }
            return reversed(fromTop);
        }

        /** PROOF(m, D[size]) of RFC 6962, section 2.1.2. */
        List<byte[]> consistency(long m, long size) {
            List<byte[]> fromTop = new ArrayList<>();
            if (m == 0 || m == size) {
                return fromTop;
            }
            long from = 0;
            long to = size;
            // The verifier holds the old root already while the subtree at hand is the whole old tree.
            boolean isOldTree = true;
            while (m != to) {
                long middle = from + splitOf(to - from);
                if (m <= middle) {
                    fromTop.add(root(middle, to));
                    to = middle;
                } else {
                    fromTop.add(root(from, middle));
                    from = middle;
                    isOldTree = false;
                }
            }
            if (!isOldTree) {
                fromTop.add(root(from, to));
            }
            return reversed(fromTop);
        }

        MerkleFrontier frontier(long size) {
            java.nio.ByteBuffer bytes = java.nio.ByteBuffer.allocate(Long.BYTES + Long.bitCount(size) * HASH_BYTES)
                    .putLong(size);
            long from = 0;
            for (int level = 62; level >= 0; level--) {
                if ((size >>> level & 1) == 1) {
                    bytes.put(node(level, from >>> level));
                    from += 1L << level;
                }
            }
            return MerkleFrontier.fromBytes(bytes.array());
        }

        /** The largest power of two smaller than {@code width}. */
        private static long splitOf(long width) {
            return Long.highestOneBit(width - 1);
        }

        private static List<byte[]> reversed(List<byte[]> fromTop) {
            List<byte[]> proof = new ArrayList<>(fromTop);
            java.util.Collections.reverse(proof);
            return proof;
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
