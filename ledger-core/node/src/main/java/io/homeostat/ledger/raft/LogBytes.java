package io.homeostat.ledger.raft;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteOutput;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of an entry where Ratis keeps them: its log does not change them, and who reads them here does not either. Entries
 * of a batch have some 100 KB, and a copy of each would be the larger part of what applying leaves to the collector.
 */
final class LogBytes extends ByteOutput {
    private @Nullable ByteBuffer whole;
    private int parts;

    private LogBytes() {}

    /** With an array behind it unless the entry lies in several pieces. */
    static ByteBuffer of(ByteString data) {
        LogBytes seen = new LogBytes();
        try {
            UnsafeByteOperations.unsafeWriteTo(data, seen);
        } catch (IOException e) {
            throw new UncheckedIOException("nothing is written", e);
        }
        ByteBuffer array = seen.whole;
        return seen.parts == 1 && array != null ? array : data.asReadOnlyByteBuffer();
    }

    @Override
    public void writeLazy(byte[] value, int offset, int length) {
        whole = ByteBuffer.wrap(value, offset, length);
        parts++;
    }

    @Override
    public void write(byte value) {
        parts++;
    }

    @Override
    public void write(byte[] value, int offset, int length) {
        parts++;
    }

    @Override
    public void write(ByteBuffer value) {
        parts++;
    }

    @Override
    public void writeLazy(ByteBuffer value) {
        parts++;
    }
}
