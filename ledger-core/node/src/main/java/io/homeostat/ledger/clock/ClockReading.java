package io.homeostat.ledger.clock;

/**
 * What a peer's clock showed, at some moment between question and answer.
 *
 * @param peerMicros what it said
 * @param askedNanos monotonic time of this process when it was asked
 * @param answeredNanos and when the answer was there
 */
public record ClockReading(String peer, long peerMicros, long askedNanos, long answeredNanos) {
    private static final long NANOS_PER_MICRO = 1000;

    public ClockReading {
        if (answeredNanos - askedNanos < 0) {
            throw new IllegalArgumentException("answered " + (askedNanos - answeredNanos) + " ns before it was asked");
        }
    }

    /**
     * How far the peer's clock is ahead of one that shows {@code ownMicros} at {@code nowNanos}: the value nearest to 0 that
     * can be true. Negative when it is behind.
     */
    public long skewMicros(long ownMicros, long nowNanos) {
        long atMost = peerMicros + (nowNanos - askedNanos) / NANOS_PER_MICRO - ownMicros;
        long atLeast = peerMicros + (nowNanos - answeredNanos) / NANOS_PER_MICRO - ownMicros;
        return atLeast > 0 ? atLeast : Math.min(atMost, 0);
    }
}
