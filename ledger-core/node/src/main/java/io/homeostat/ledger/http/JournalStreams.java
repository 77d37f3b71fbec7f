package io.homeostat.ledger.http;

import io.homeostat.ledger.control.NodeGate;
import io.homeostat.ledger.state.Ledger;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal as a stream that goes on: every committed leaf once per connection, in order and without a gap, from any sequence
 * on. A client that lost its connection asks again from behind the last one that it kept.
 *
 * <p>A stream holds one chunk: the next is read from the journal's files only when the connection took the last. A reader that
 * is slow is paused by that and costs nobody anything; applying entries never waits for a stream. Reads run in a thread of their
 * own; everything else of a stream happens in its event loop.
 */
final class JournalStreams implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JournalStreams.class);

    /** Each holds at most two chunks: 32 MiB for all of them. */
    static final int MOST_STREAMS = 64;

    private static final int CHUNK_BYTES = 256 << 10;
    private static final int CHUNK_LEAVES = 4096;
    private static final long LOOK_MILLIS = 20;
    /** Well below the listener's idle timeout. */
    private static final long HEARTBEAT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final int VARINT_MORE = 0x80;
    private static final int SEQUENCE_TAG = 1 << 3;
    private static final int LEAF_TAG = 2 << 3 | 2;
    private static final int SIZE_TAG = 3 << 3;

    private final Ledger ledger;
    private final NodeGate gate;
    private final ThreadPoolExecutor reads;
    private final Set<Reader> open = ConcurrentHashMap.newKeySet();

    /** How leaves are written. */
    enum Format {
        /** Server-sent events: id is the sequence, data the leaf in base64. */
        EVENTS("text/event-stream"),
        /** Messages of {@code journal.proto}, each behind its length as a varint. */
        PROTOBUF("application/x-protobuf");

        private final String contentType;

        Format(String contentType) {
            this.contentType = contentType;
        }

        boolean wantedBy(String accept) {
            return accept.contains(contentType);
        }
    }

    JournalStreams(Ledger ledger, NodeGate gate, String nodeId) {
        this.ledger = ledger;
        this.gate = gate;
        // A stream has one read under way at most, so the queue never refuses one that was admitted.
        this.reads =
                new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(2 * MOST_STREAMS), work -> {
                    Thread thread = new Thread(work, "ledger-stream-" + nodeId);
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /** @param from first sequence; may lie beyond the journal's end, which is then waited for */
    Answer open(long from, Format format) {
        if (open.size() >= MOST_STREAMS) {
            throw Problem.overloaded("too many journal streams are open on this node", Integer.toString(MOST_STREAMS));
        }
        return Answer.streamed(format.contentType, response -> {
                    Reader reader = new Reader(response, from, format);
                    if (open.size() >= MOST_STREAMS) {
                        response.end();
                    } else {
                        open.add(reader);
                        reader.begin();
                    }
                })
                .with("Cache-Control", "no-cache");
    }

    @Override
    public void close() {
        reads.shutdownNow();
    }

    private final class Reader {
        private final HttpServerResponse response;
        private final Format format;
        private final Context loop = Vertx.currentContext();
        private long next;
        private long timer;
        private long writtenNanos = System.nanoTime();
        private boolean reading;
        private boolean ended;

        Reader(HttpServerResponse response, long from, Format format) {
            this.response = response;
            this.next = from;
            this.format = format;
        }

        void begin() {
            response.setChunked(true).setWriteQueueMaxSize(CHUNK_BYTES);
            response.exceptionHandler(failure -> end());
            response.closeHandler(closed -> end());
            response.drainHandler(drained -> look());
            timer = loop.owner().setPeriodic(LOOK_MILLIS, again -> look());
            if (format == Format.EVENTS) {
                response.write("retry: 1000\n\n");
            }
            look();
        }

        private void look() {
            if (ended || reading) {
                return;
            }
            if (!gate.view().open()) {
                end();
                response.end();
                return;
            }
            if (response.writeQueueFull()) {
                return;
            }
            if (ledger.appendedLeaves() <= next) {
                if (System.nanoTime() - writtenNanos > HEARTBEAT_NANOS) {
                    write(heartbeat(ledger.appendedLeaves()));
                }
                return;
            }
            reading = true;
            try {
                reads.execute(this::read);
            } catch (RejectedExecutionException e) {
                end();
                response.end();
            }
        }

        private void read() {
            long from = next;
            try {
                long size = ledger.journalSize();
                int limit = (int) Math.min(CHUNK_LEAVES, size - from);
                List<byte[]> leaves = limit <= 0 ? List.of() : ledger.readJournal(from, limit, CHUNK_BYTES);
                Buffer chunk = Buffer.buffer();
                for (int i = 0; i < leaves.size(); i++) {
                    append(chunk, from + i, leaves.get(i));
                }
                loop.runOnContext(now -> took(leaves.size(), chunk));
            } catch (RuntimeException e) {
                LOG.atWarn().addKeyValue("from", from).setCause(e).log("stream.failed: the connection is closed");
                loop.runOnContext(now -> {
                    end();
                    response.reset();
                });
            }
        }

        private void took(int leaves, Buffer chunk) {
            reading = false;
            if (!ended && leaves > 0) {
                next += leaves;
                write(chunk);
                look();
            }
        }

        private void write(Buffer bytes) {
            writtenNanos = System.nanoTime();
            response.write(bytes);
        }

        private void end() {
            if (!ended) {
                ended = true;
                loop.owner().cancelTimer(timer);
                open.remove(this);
            }
        }

        private void append(Buffer chunk, long sequence, byte[] leaf) {
            if (format == Format.EVENTS) {
                chunk.appendString("id: " + sequence + "\nevent: leaf\ndata: ")
                        .appendBytes(Base64.getEncoder().encode(leaf))
                        .appendString("\n\n");
                return;
            }
            Buffer message = Buffer.buffer(leaf.length + 16);
            message.appendByte((byte) SEQUENCE_TAG);
            varint(message, sequence);
            message.appendByte((byte) LEAF_TAG);
            varint(message, leaf.length);
            message.appendBytes(leaf);
            varint(chunk, message.length());
            chunk.appendBuffer(message);
        }

        /** Tells the client that all is well, and how far the journal has come. */
        private Buffer heartbeat(long size) {
            if (format == Format.EVENTS) {
                return Buffer.buffer((": journal " + size + "\n\n").getBytes(StandardCharsets.US_ASCII));
            }
            Buffer message = Buffer.buffer().appendByte((byte) SIZE_TAG);
            varint(message, size);
            Buffer framed = Buffer.buffer();
            varint(framed, message.length());
            return framed.appendBuffer(message);
        }
    }

    private static void varint(Buffer out, long value) {
        long rest = value;
        while ((rest & -VARINT_MORE) != 0) {
            out.appendByte((byte) (rest & (VARINT_MORE - 1) | VARINT_MORE));
            rest >>>= 7;
        }
        out.appendByte((byte) rest);
    }
}
