package io.homeostat.ledger.archive;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * Tells of nearly every id that was never added that it was not, and never does so of one that was. Outside the heap.
 *
 * <p>A Bloom filter whose eight bits of an id lie in one cache line, one in each of its words (split block; Putze, Sanders and
 * Singler, "Cache-, Hash- and Space-Efficient Bloom Filters", 2007), with 16 bits per id: about one new id in a thousand passes
 * a full layer. Layers hold 2^19 ids, four, sixteen and thirty-two times as many, and are made when they are needed: 1, 4,
 * 16 and 32 MB, 53 in all for 27 M ids. The last takes all that come after these, and lets more and more new ids pass.
 *
 * <p>One thread at a time adds. A reader sees an id once it learned in an orderly way that it was added.
 */
final class IdFilter {
    private static final int FIRST_IDS = 1 << 19;
    /** Of each layer, in times of the first. */
    private static final int[] SIZES = {1, 4, 16, 32};

    private static final int IDS_PER_BLOCK = 32;
    private static final int WORDS = 8;
    /** Each word takes its place from a byte of its own. */
    private static final int PLACE_BITS = 8;

    private static final int LINE_BYTES = WORDS * Long.BYTES;

    /** Nobody who chooses ids can choose such that share their bits. */
    private final long seed = new SecureRandom().nextLong();

    private final long firstIds;
    private volatile LongBuffer[] layers = {};
    private long room;

    IdFilter() {
        this(FIRST_IDS);
    }

    /** @param firstIds that the first layer is made for */
    IdFilter(long firstIds) {
        this.firstIds = Math.max(IDS_PER_BLOCK, firstIds);
    }

    synchronized void add(long idHigh, long idLow) {
        put(idHigh, idLow);
    }

    /** The same with the ids of rows that stand one behind the other. */
    synchronized void addAll(byte[] rows, int count) {
        for (int i = 0; i < count; i++) {
            int at = i * ArchivedRow.BYTES;
            put(ArchivedRow.idHigh(rows, at), ArchivedRow.idLow(rows, at));
        }
    }

    private void put(long idHigh, long idLow) {
        if (room == 0) {
            grow();
        }
        room--;
        LongBuffer newest = layers[layers.length - 1];
        long hash = mix(idHigh ^ mix(idLow ^ seed));
        int at = block(hash, newest);
        long bits = mix(hash + seed);
        for (int word = 0; word < WORDS; word++) {
            newest.put(at + word, newest.get(at + word) | 1L << (bits >>> word * PLACE_BITS));
        }
    }

    boolean mayHold(long idHigh, long idLow) {
        LongBuffer[] all = layers;
        long hash = mix(idHigh ^ mix(idLow ^ seed));
        long bits = mix(hash + seed);
        for (int layer = all.length - 1; layer >= 0; layer--) {
            if (holds(all[layer], block(hash, all[layer]), bits)) {
                return true;
            }
        }
        return false;
    }

    /** Brings to the processor what {@link #mayHold} will read. What it gives back means nothing. */
    long touch(long idHigh, long idLow) {
        long read = 0;
        long hash = mix(idHigh ^ mix(idLow ^ seed));
        for (LongBuffer layer : layers) {
            read ^= layer.get(block(hash, layer));
        }
        return read;
    }

    private static boolean holds(LongBuffer layer, int at, long bits) {
        long lacking = 0;
        for (int word = 0; word < WORDS; word++) {
            lacking |= ~layer.get(at + word) & 1L << (bits >>> word * PLACE_BITS);
        }
        return lacking == 0;
    }

    private static int block(long hash, LongBuffer layer) {
        long blocks = layer.capacity() / WORDS;
        return (int) ((hash >>> 32) * blocks >>> 32) * WORDS;
    }

    private void grow() {
        int next = layers.length;
        if (next == SIZES.length) {
            room = Long.MAX_VALUE;
            return;
        }
        long ids = firstIds * SIZES[next];
        try {
            int bytes = Math.toIntExact(ids / IDS_PER_BLOCK * LINE_BYTES);
            LongBuffer layer = ByteBuffer.allocateDirect(bytes + LINE_BYTES)
                    .alignedSlice(LINE_BYTES)
                    .order(ByteOrder.nativeOrder())
                    .asLongBuffer()
                    .slice(0, bytes / Long.BYTES);
            LongBuffer[] more = Arrays.copyOf(layers, next + 1);
            more[next] = layer;
            layers = more;
            room = next == SIZES.length - 1 ? Long.MAX_VALUE : ids;
        } catch (OutOfMemoryError e) {
            if (next == 0) {
                throw e;
            }
            // Less memory outside the heap than usual: the newest layer takes them all.
            room = Long.MAX_VALUE;
        }
    }

    /** The finalizer of MurmurHash3: each bit depends on each. */
    private static long mix(long value) {
        long x = value;
        x = (x ^ x >>> 33) * 0xff51afd7ed558ccdL;
        x = (x ^ x >>> 33) * 0xc4ceb9fe1a85ec53L;
        return x ^ x >>> 33;
    }
}
