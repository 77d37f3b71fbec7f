package io.homeostat.merkle;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Entries as C2SP tlog-tiles bundles them: each is {@code u16 length | entry}, nothing between them. */
public final class EntryBundle {
    /** Longest entry that the format can hold. */
    public static final int MAX_ENTRY_BYTES = 0xFFFF;

    private EntryBundle() {}

    /** @throws IllegalArgumentException when an entry is longer than {@link #MAX_ENTRY_BYTES}, naming it */
    public static byte[] encode(List<byte[]> entries) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < entries.size(); i++) {
            byte[] entry = entries.get(i);
            if (entry.length > MAX_ENTRY_BYTES) {
                throw new IllegalArgumentException("entry " + i + " of the bundle has " + entry.length
                        + " bytes but the format holds at most " + MAX_ENTRY_BYTES);
            }
            out.write(entry.length >>> 8);
            out.write(entry.length);
            out.writeBytes(entry);
        }
        return out.toByteArray();
    }

    /**
     * @param mostEntries a bundle with more is refused; 256 for what a log serves
     * @throws IllegalArgumentException naming the offset, when an entry is cut off or there are too many
     */
    public static List<byte[]> decode(byte[] bundle, int mostEntries) {
        List<byte[]> entries = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(bundle);
        while (in.hasRemaining()) {
            int offset = in.position();
            if (entries.size() == mostEntries) {
                throw new IllegalArgumentException(
                        "byte " + offset + ": a bundle has at most " + mostEntries + " entries");
            }
            if (in.remaining() < Short.BYTES) {
                throw new IllegalArgumentException("byte " + offset + ": the length of an entry is cut off");
            }
            int length = Short.toUnsignedInt(in.getShort());
            if (length > in.remaining()) {
                throw new IllegalArgumentException("byte " + offset + ": an entry of " + length + " bytes, but "
                        + in.remaining() + " bytes are left");
            }
            byte[] entry = new byte[length];
            in.get(entry);
            entries.add(entry);
        }
        return entries;
    }
}
