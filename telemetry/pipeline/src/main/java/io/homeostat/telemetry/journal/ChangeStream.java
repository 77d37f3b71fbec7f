package io.homeostat.telemetry.journal;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The node's change stream as it comes: delimited {@code JournalRecord} messages ({@code journal.proto}), read by a thread of
 * its own into a queue of {@value #QUEUED} leaves; a full queue holds the connection up. The sequence of each leaf is
 * compared: a gap or a repetition ends the stream.
 *
 * <p>{@link #take} is called by one thread.
 */
final class ChangeStream implements AutoCloseable {
    static final int QUEUED = 4096;
    /** The node sends nothing larger; only a genesis has more than some kilobytes. */
    private static final int MAX_MESSAGE_BYTES = 8 << 20;

    private static final int BUFFER = 1 << 16;
    private static final int SEQUENCE = 1;
    private static final int LEAF = 2;
    private final InputStream in;
    private final BlockingQueue<byte[]> leaves = new ArrayBlockingQueue<>(QUEUED);
    private final Thread reader;
    private long next;
    private volatile @Nullable IOException ended;

    /** @param from sequence that the stream was asked for */
    ChangeStream(InputStream body, long from) {
        this.in = new BufferedInputStream(body, BUFFER);
        this.next = from;
        this.reader = new Thread(this::read, "journal-stream");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * The next leaves in order: as many as have come, at least one unless none came within the time.
     *
     * @throws IOException once the stream has ended and all that came before was taken
     */
    List<byte[]> take(int most, long waitMillis) throws IOException, InterruptedException {
        List<byte[]> taken = new ArrayList<>();
        IOException end = ended;
        byte[] first = leaves.poll(end == null ? waitMillis : 0, TimeUnit.MILLISECONDS);
        if (first != null) {
            taken.add(first);
            leaves.drainTo(taken, most - 1);
        } else if (end != null) {
            throw end;
        }
        return taken;
    }

    @Override
    public void close() throws IOException {
        reader.interrupt();
        in.close();
    }

    private void read() {
        try {
            for (byte[] message = message(); message != null; message = message()) {
                byte[] leaf = leaf(message);
                if (leaf != null) {
                    leaves.put(leaf);
                }
            }
            ended = new EOFException("the node ended the stream before leaf " + next);
        } catch (IOException e) {
            ended = e;
        } catch (InterruptedException e) {
            ended = new IOException("the stream was closed", e);
        }
    }

    private byte @Nullable [] message() throws IOException {
        int first = in.read();
        if (first < 0) {
            return null;
        }
        int length = CodedInputStream.readRawVarint32(first, in);
        if (length < 0 || length > MAX_MESSAGE_BYTES) {
            throw new IOException(
                    "a message of the stream states " + length + " bytes, the limit is " + MAX_MESSAGE_BYTES);
        }
        byte[] message = in.readNBytes(length);
        if (message.length < length) {
            throw new EOFException("the stream ends within a message");
        }
        return message;
    }

    /** Null for a heartbeat. */
    private byte @Nullable [] leaf(byte[] message) throws IOException {
        CodedInputStream fields = CodedInputStream.newInstance(message);
        long sequence = -1;
        byte[] leaf = null;
        for (int tag = fields.readTag(); tag != 0; tag = fields.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case SEQUENCE -> sequence = fields.readUInt64();
                case LEAF -> leaf = fields.readByteArray();
                default -> fields.skipField(tag);
            }
        }
        if (leaf != null && sequence != next++) {
            throw new IOException("expected leaf " + (next - 1) + " in the stream but found " + sequence);
        }
        return leaf;
    }
}
