package io.homeostat.ledger.clock;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Asks the peers for the time, and judges this node's clock by their answers and the time that passed since, which a monotonic
 * clock tells: so a jump of the own clock shows at once. Thread-safe; {@link #ask} is called by one thread.
 */
public final class PeerClocks {
    private final String self;
    private final List<String> peers;
    private final ClockLimits limits;
    private final InstantSource own;
    private final LongSupplier nanos;
    private final Function<String, CompletableFuture<OptionalLong>> time;
    private final Map<String, ClockReading> readings = new ConcurrentHashMap<>();
    private final Map<String, Long> asked = new ConcurrentHashMap<>();

    /**
     * @param peers without this node
     * @param nanos monotonic
     * @param time asks a peer what its clock shows, in microseconds since the epoch; empty when it does not say
     */
    public PeerClocks(
            String self,
            List<String> peers,
            ClockLimits limits,
            InstantSource own,
            LongSupplier nanos,
            Function<String, CompletableFuture<OptionalLong>> time) {
        this.self = self;
        this.peers = List.copyOf(peers);
        this.limits = limits;
        this.own = own;
        this.nanos = nanos;
        this.time = time;
    }

    /** Asks those peers whose time has come; one question to each at a time. */
    public void ask() {
        for (String peer : peers) {
            long now = nanos.getAsLong();
            Long last = asked.get(peer);
            if (last != null && now - last < limits.every().toNanos()) {
                continue;
            }
            asked.put(peer, now);
            time.apply(peer).whenComplete((micros, failure) -> {
                if (failure == null && micros.isPresent()) {
                    take(new ClockReading(peer, micros.getAsLong(), now, nanos.getAsLong()));
                }
            });
        }
    }

    /** The newer reading counts, unless it is much vaguer than a fresh one. */
    private void take(ClockReading reading) {
        readings.merge(reading.peer(), reading, (known, next) -> {
            boolean vaguer = width(next) > 2 * width(known);
            return vaguer
                            && nanos.getAsLong() - known.answeredNanos()
                                    < limits.oldest().toNanos() / 2
                    ? known
                    : next;
        });
    }

    private static long width(ClockReading reading) {
        return reading.answeredNanos() - reading.askedNanos();
    }

    /** Why this node's clock may not stamp now; empty when it may. */
    public Optional<String> refusal() {
        return ClockAgreement.refusal(
                self,
                peers.size() + 1,
                fresh(),
                micros(own.instant()),
                nanos.getAsLong(),
                limits.mostSkew().toNanos() / 1000);
    }

    /** The largest difference to a peer's clock that is known, in microseconds; 0 when none is known. */
    public long largestSkewMicros() {
        long ownMicros = micros(own.instant());
        long now = nanos.getAsLong();
        return fresh().stream()
                .mapToLong(reading -> Math.abs(reading.skewMicros(ownMicros, now)))
                .max()
                .orElse(0);
    }

    private List<ClockReading> fresh() {
        long now = nanos.getAsLong();
        return readings.values().stream()
                .filter(reading ->
                        now - reading.answeredNanos() <= limits.oldest().toNanos())
                .sorted(java.util.Comparator.comparing(ClockReading::peer))
                .toList();
    }

    public static long micros(Instant instant) {
        return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000L), instant.getNano() / 1000);
    }
}
