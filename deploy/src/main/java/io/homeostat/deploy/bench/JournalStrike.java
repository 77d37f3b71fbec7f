package io.homeostat.deploy.bench;

import java.nio.ByteBuffer;
import java.util.function.Function;

/** Strikes acknowledged transfers off the journal's leaves: those that are left were lost. Layout: docs/encoding.md. */
final class JournalStrike {
    private static final int FRAME_HEADER = 8;
    private static final int TYPE_OFFSET = 1;
    private static final int ID_OFFSET = 18;
    private static final int POSTED = 3;

    private JournalStrike() {}

    /** @param read answers a {@code GET} of the journal with its frames */
    static long missing(Function<String, byte[]> read, TransferIds ids) {
        long sequence = 0;
        while (ids.remaining() > 0) {
            byte[] frames = read.apply("/v1/journal?from=" + sequence);
            if (frames.length == 0) {
                break;
            }
            ByteBuffer in = ByteBuffer.wrap(frames);
            while (in.remaining() >= FRAME_HEADER) {
                int leaf = in.position() + FRAME_HEADER;
                int length = in.getInt(in.position());
                if (in.get(leaf + TYPE_OFFSET) == POSTED) {
                    ids.strike(ids.number(in.getLong(leaf + ID_OFFSET), in.getLong(leaf + ID_OFFSET + 8)));
                }
                in.position(leaf + length);
                sequence++;
            }
        }
        return ids.remaining();
    }
}
