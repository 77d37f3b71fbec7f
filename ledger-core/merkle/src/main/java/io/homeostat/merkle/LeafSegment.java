package io.homeostat.merkle;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * One segment file and where its leaves lie. Marks every {@value #LEAVES_PER_MARK}th leaf, so the index of a journal of a
 * billion leaves takes about 60 MB and is rebuilt by the scan at the opening.
 *
 * <p>The writer alone adds marks; readers read marks of flushed leaves only, which the log's volatile size publishes.
 */
final class LeafSegment {
    static final String SUFFIX = ".leaves";
    private static final int LEAVES_PER_MARK = 64;

    private final long first;
    private final Path path;
    private volatile int[] marks = new int[16];
    private long leaves;
    private long bytes;

    LeafSegment(Path directory, long first) {
        this.first = first;
        this.path = directory.resolve(String.format(Locale.ROOT, "%020d%s", first, SUFFIX));
    }

    long first() {
        return first;
    }

    Path path() {
        return path;
    }

    String name() {
        return path.getFileName().toString();
    }

    long leaves() {
        return leaves;
    }

    long bytes() {
        return bytes;
    }

    /** A frame with a leaf of {@code length} bytes now stands at the end. */
    void added(int length) {
        if (leaves % LEAVES_PER_MARK == 0) {
            int mark = (int) (leaves / LEAVES_PER_MARK);
            int[] grown = mark < marks.length ? marks : Arrays.copyOf(marks, marks.length * 2);
            grown[mark] = (int) bytes;
            marks = grown;
        }
        leaves++;
        bytes += Frames.HEADER_BYTES + length;
    }

    /** Forgets everything from {@code sequence} on, whose frame begins at {@code offset}. */
    void cut(long sequence, long offset) {
        leaves = sequence - first;
        bytes = offset;
    }

    /** Bytes of the file up to its last one that is not zero: beyond it is unused room. */
    long dataEnd() throws IOException {
        byte[] chunk = new byte[Cursor.CHUNK_BYTES];
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
            for (long end = file.length(); end > 0; ) {
                int length = (int) Math.min(chunk.length, end);
                file.seek(end - length);
                file.readFully(chunk, 0, length);
                for (int i = length - 1; i >= 0; i--) {
                    if (chunk[i] != 0) {
                        return end - length + i + 1;
                    }
                }
                end -= length;
            }
            return 0;
        }
    }

    /** Stands before the frame of {@code sequence}. */
    Cursor cursor(long sequence, MerkleLogLimits limits) throws IOException {
        int mark = (int) ((sequence - first) / LEAVES_PER_MARK);
        Cursor cursor = new Cursor(this, limits, marks[mark], first + (long) mark * LEAVES_PER_MARK);
        while (cursor.sequence < sequence) {
            cursor.skip();
        }
        return cursor;
    }

    /** Walks the frames of one segment. Not thread-safe. */
    static final class Cursor implements Closeable {
        private static final int CHUNK_BYTES = 64 << 10;

        private final LeafSegment segment;
        private final MerkleLogLimits limits;
        private final RandomAccessFile file;
        private byte[] chunk;
        private int from;
        private int to;
        private long offset;
        private long sequence;

        private Cursor(LeafSegment segment, MerkleLogLimits limits, long offset, long sequence) throws IOException {
            this.segment = segment;
            this.limits = limits;
            this.file = new RandomAccessFile(segment.path.toFile(), "r");
            this.chunk = new byte[CHUNK_BYTES];
            this.offset = offset;
            this.sequence = sequence;
            try {
                file.seek(offset);
            } catch (IOException e) {
                file.close();
                throw e;
            }
        }

        static Cursor atStart(LeafSegment segment, MerkleLogLimits limits) throws IOException {
            return new Cursor(segment, limits, 0, segment.first);
        }

        long offset() {
            return offset;
        }

        long sequence() {
            return sequence;
        }

        /**
         * True when no leaf follows: the file ends, or nothing but room of zeros is left. No frame is all zeros, because no
         * leaf is empty.
         *
         * @throws JournalDamaged when a frame's header is zero but something stands behind it
         */
        boolean atEnd() throws IOException {
            if (!fill(Frames.HEADER_BYTES)) {
                return isZero(from, to);
            }
            if (!isZero(from, from + Frames.HEADER_BYTES)) {
                return false;
            }
            long end = segment.dataEnd();
            if (end > offset) {
                throw new JournalDamaged(
                        segment.name(),
                        sequence,
                        offset,
                        "the frame's header is zero but data stands behind it up to byte " + end);
            }
            return true;
        }

        private boolean isZero(int begin, int end) {
            for (int i = begin; i < end; i++) {
                if (chunk[i] != 0) {
                    return false;
                }
            }
            return true;
        }

        /** The frame at hand, whole and with the right CRC, as a copy; then stands behind it. */
        byte[] frame() throws IOException {
            int length = header();
            if (!fill(Frames.HEADER_BYTES + length)) {
                throw new TornFrame(segment.name(), sequence, offset, "the frame of " + length + " bytes is cut off");
            }
            int expected = ByteBuffer.wrap(chunk, from, to - from).getInt(from + 4);
            int found = Frames.crc(chunk, from + Frames.HEADER_BYTES, length);
            if (expected != found) {
                if (segment.dataEnd() < offset + Frames.HEADER_BYTES + length) {
                    throw new TornFrame(
                            segment.name(), sequence, offset, "the frame of " + length + " bytes ends in unused room");
                }
                throw new JournalDamaged(
                        segment.name(),
                        sequence,
                        offset,
                        String.format(Locale.ROOT, "CRC32C is %08x but the leaf's is %08x", expected, found));
            }
            byte[] frame = Arrays.copyOfRange(chunk, from, from + Frames.HEADER_BYTES + length);
            advance(frame.length);
            return frame;
        }

        private void skip() throws IOException {
            int length = header();
            if (!fill(Frames.HEADER_BYTES + length)) {
                throw new TornFrame(segment.name(), sequence, offset, "the frame of " + length + " bytes is cut off");
            }
            advance(Frames.HEADER_BYTES + length);
        }

        private int header() throws IOException {
            if (!fill(Frames.HEADER_BYTES)) {
                throw new TornFrame(segment.name(), sequence, offset, "the frame's header is cut off");
            }
            int length = ByteBuffer.wrap(chunk).getInt(from);
            if (length <= 0 || length > limits.leafBytes()) {
                throw new JournalDamaged(
                        segment.name(),
                        sequence,
                        offset,
                        "the frame's length is " + Integer.toUnsignedString(length) + " but must be in 1.."
                                + limits.leafBytes());
            }
            return length;
        }

        private void advance(int frameBytes) {
            from += frameBytes;
            offset += frameBytes;
            sequence++;
        }

        /** True when {@code wanted} bytes from here on are in the chunk. */
        private boolean fill(int wanted) throws IOException {
            if (to - from >= wanted) {
                return true;
            }
            if (wanted > chunk.length) {
                chunk = copyTo(new byte[wanted]);
            } else if (from > 0) {
                copyTo(chunk);
            }
            to -= from;
            from = 0;
            while (to < wanted) {
                int read = file.read(chunk, to, chunk.length - to);
                if (read < 0) {
                    return false;
                }
                to += read;
            }
            return true;
        }

        private byte[] copyTo(byte[] target) {
            System.arraycopy(chunk, from, target, 0, to - from);
            return target;
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    /** The data ends within a frame: what a crash leaves behind at the end of the last segment. */
    static final class TornFrame extends JournalFault {
        private static final long serialVersionUID = 1L;

        private final String file;
        private final long sequence;
        private final long offset;
        private final String detail;

        TornFrame(String file, long sequence, long offset, String detail) {
            super(file + ": leaf " + sequence + " at byte " + offset + ": " + detail, null);
            this.file = file;
            this.sequence = sequence;
            this.offset = offset;
            this.detail = detail;
        }

        JournalDamaged asDamage() {
            return new JournalDamaged(file, sequence, offset, detail);
        }
    }
}
