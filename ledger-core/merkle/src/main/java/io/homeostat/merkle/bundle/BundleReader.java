package io.homeostat.merkle.bundle;

import io.homeostat.merkle.Digests;
import io.homeostat.merkle.MerkleTree;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The framing of a bundle (docs/encoding.md): reads the file once, checks every digest, and then hands out sections. Only
 * the one canonical form is accepted, so every byte of the file is covered.
 *
 * <p>Holds no more in memory than one frame and the small sections. Not thread-safe.
 */
public final class BundleReader {
    static final String FIRST_LINE = "homeostat-bundle/1";
    private static final Pattern SECTION = Pattern.compile("section ([a-z]+) (0|[1-9][0-9]{0,17}) ([0-9a-f]{64})");
    private static final String END = "end ";
    private static final String FILE = "file";
    private static final int BUFFER_BYTES = 32 << 10;

    private final Path file;
    private final BundleLimits limits;
    private final Map<BundleSection, Region> regions = new EnumMap<>(BundleSection.class);

    /** Where a section's content lies. */
    private record Region(long headerOffset, long offset, long length) {}

    private BundleReader(Path file, BundleLimits limits) {
        this.file = file;
        this.limits = limits;
    }

    /**
     * @throws BundleMalformed with the place, when any byte is not as a bundle writer left it
     * @throws IOException when the file can not be read
     */
    public static BundleReader open(Path file, BundleLimits limits) throws IOException {
        BundleReader reader = new BundleReader(file, limits);
        try (Scan scan = new Scan(file, limits)) {
            scan.expectLine(FIRST_LINE);
            for (BundleSection section : BundleSection.values()) {
                reader.regions.put(section, reader.scanSection(scan, section));
            }
            scan.expectEnd(BundleSection.values().length);
        }
        return reader;
    }

    /** Content of a section that fits in memory. */
    public byte[] content(BundleSection section) throws IOException {
        Region region = region(section);
        try (InputStream in = Files.newInputStream(file)) {
            in.skipNBytes(region.offset);
            return in.readNBytes((int) region.length);
        }
    }

    /** Byte offset in the file at which the section's content begins. */
    public long offset(BundleSection section) {
        return region(section).offset;
    }

    /** Walks the frames of journal, trail or texts. */
    public FrameCursor frames(BundleSection section) throws IOException {
        return new FrameCursor(file, section, region(section), limits);
    }

    private Region region(BundleSection section) {
        return Objects.requireNonNull(regions.get(section), "section");
    }

    private Region scanSection(Scan scan, BundleSection section) throws IOException {
        long headerOffset = scan.position;
        String name = section.wireName();
        String line = scan.line(name);
        Matcher header = SECTION.matcher(line);
        if (!header.matches() || !header.group(1).equals(name)) {
            throw new BundleMalformed(
                    name,
                    headerOffset,
                    "expected the line 'section " + name + " <length> <sha256>' but found '" + printable(line) + "'");
        }
        long length = Long.parseLong(header.group(2));
        long bound = boundOf(section);
        if (length > bound || length > scan.remaining()) {
            throw new BundleMalformed(
                    name,
                    headerOffset,
                    "the section states " + length + " bytes, but " + scan.remaining()
                            + " are left in the file and the limit is " + bound);
        }
        Region region = new Region(headerOffset, scan.position, length);
        byte[] found = scan.content(length);
        if (!Digests.hex(found).equals(header.group(3))) {
            // Where the stated length leads to no line feed, the header is to blame and the content's frames say
            // nothing.
            if (scan.in.read() == '\n') {
                locateDamage(section, region);
            }
            throw new BundleMalformed(
                    name,
                    headerOffset,
                    "SHA-256 of the content is " + Digests.hex(found) + " but the header says " + header.group(3));
        }
        scan.expectLineFeed(name);
        return region;
    }

    /** A damaged frame says where the damage is; without one the section as a whole has to do. */
    private void locateDamage(BundleSection section, Region region) throws IOException {
        if (section.ordinal() < BundleSection.JOURNAL.ordinal()) {
            return;
        }
        try (FrameCursor frames = new FrameCursor(file, section, region, limits)) {
            while (frames.next() != null) {
                // Reading is the check.
            }
        }
    }

    private long boundOf(BundleSection section) {
        return switch (section) {
            case MANIFEST, CHECKPOINT -> limits.smallSectionBytes();
            case GENESIS -> limits.leafBytes();
            case JOURNAL, TRAIL, TEXTS -> limits.largeSectionBytes();
        };
    }

    private static String printable(String line) {
        return line.replaceAll("[^ -~]", "?");
    }

    /** Frames of one section, with the place of the one at hand. Not thread-safe. */
    public static final class FrameCursor implements Closeable {
        private final InputStream in;
        private final BundleSection section;
        private final BundleLimits limits;
        private final byte[] header = new byte[8];
        private long left;
        private long position;
        private long offset;
        private long index = -1;

        private FrameCursor(Path file, BundleSection section, Region region, BundleLimits limits) throws IOException {
            this.section = section;
            this.limits = limits;
            this.left = region.length;
            this.position = region.offset;
            this.in = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
            in.skipNBytes(region.offset);
        }

        /** The next leaf or text; null at the end of the section. */
        public byte @Nullable [] next() throws IOException {
            if (left == 0) {
                return null;
            }
            index++;
            offset = position;
            if (left < header.length) {
                throw malformed("a frame's header has 8 bytes but the section has " + left + " left");
            }
            read(header);
            ByteBuffer fields = ByteBuffer.wrap(header);
            int length = fields.getInt();
            int expected = fields.getInt();
            if (length < 0 || length > left || length > limits.leafBytes()) {
                throw malformed("the frame states " + Integer.toUnsignedString(length) + " bytes, but the section has "
                        + left + " left and the limit is " + limits.leafBytes());
            }
            byte[] content = new byte[length];
            read(content);
            CRC32C crc = new CRC32C();
            crc.update(content, 0, length);
            if ((int) crc.getValue() != expected) {
                throw malformed("CRC32C of the frame differs from its content's");
            }
            return content;
        }

        /** Position of the frame at hand, from 0. */
        public long index() {
            return index;
        }

        /** Byte offset of the frame at hand in the file. */
        public long offset() {
            return offset;
        }

        private void read(byte[] into) throws IOException {
            int read = in.readNBytes(into, 0, into.length);
            if (read < into.length) {
                throw malformed("the file ends within the frame");
            }
            left -= read;
            position += read;
        }

        private BundleMalformed malformed(String detail) {
            return new BundleMalformed(section.wireName(), index, offset, detail);
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    /** The first reading: position and digest of all bytes so far. */
    private static final class Scan implements Closeable {
        private final InputStream in;
        private final BundleLimits limits;
        private final long size;
        private final MessageDigest all = MerkleTree.newSha256();
        private long position;

        Scan(Path file, BundleLimits limits) throws IOException {
            this.limits = limits;
            this.size = Files.size(file);
            this.in = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
        }

        long remaining() {
            return size - position;
        }

        void expectLine(String expected) throws IOException {
            String line = line(FILE);
            if (!line.equals(expected)) {
                throw new BundleMalformed(
                        FILE, 0, "expected the first line '" + expected + "' but found '" + printable(line) + "'");
            }
        }

        String line(String section) throws IOException {
            byte[] line = rawLine(section);
            all.update(line);
            return new String(line, 0, line.length - 1, StandardCharsets.ISO_8859_1);
        }

        byte[] content(long length) throws IOException {
            MessageDigest digest = MerkleTree.newSha256();
            byte[] chunk = new byte[BUFFER_BYTES];
            long left = length;
            while (left > 0) {
                int read = in.read(chunk, 0, (int) Math.min(left, chunk.length));
                if (read < 0) {
                    throw new BundleMalformed(FILE, position, "the file became shorter while it was read");
                }
                digest.update(chunk, 0, read);
                all.update(chunk, 0, read);
                left -= read;
                position += read;
            }
            return digest.digest();
        }

        void expectLineFeed(String section) throws IOException {
            long at = position;
            int found = in.read();
            if (found != '\n') {
                throw new BundleMalformed(
                        section,
                        at,
                        "expected a line feed behind the content but found "
                                + (found < 0 ? "the end of the file" : "byte " + found));
            }
            all.update((byte) '\n');
            position++;
        }

        void expectEnd(int sections) throws IOException {
            long at = position;
            String expected = END + sections + " " + Digests.hex(all.digest());
            byte[] line = rawLine(FILE);
            if (!Arrays.equals(line, (expected + "\n").getBytes(StandardCharsets.US_ASCII))) {
                String found = new String(line, 0, line.length - 1, StandardCharsets.ISO_8859_1);
                throw new BundleMalformed(
                        FILE, at, "expected the last line '" + expected + "' but found '" + printable(found) + "'");
            }
            if (remaining() != 0 || in.read() >= 0) {
                throw new BundleMalformed(FILE, position, "bytes stand behind the last line");
            }
        }

        private byte[] rawLine(String section) throws IOException {
            long at = position;
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            while (line.size() < limits.lineBytes()) {
                int next = in.read();
                if (next < 0) {
                    throw new BundleMalformed(section, at, "the file ends within a line");
                }
                line.write(next);
                position++;
                if (next == '\n') {
                    return line.toByteArray();
                }
            }
            throw new BundleMalformed(section, at, "a line is longer than " + limits.lineBytes() + " bytes");
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
