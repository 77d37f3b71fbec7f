package io.homeostat.approvals.web;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts tries by key in a sliding window. A try is counted before it is made, so that parallel tries can not slip through,
 * and taken back when it succeeded. Thread-safe; remembers a bounded number of keys.
 */
final class TryLimiter {
    private final InstantSource clock;
    private final Duration window;
    private final int maxKeys;
    private final Map<String, Deque<Instant>> tries = new LinkedHashMap<>(16, 0.75f, true);

    TryLimiter(InstantSource clock, Duration window, int maxKeys) {
        this.clock = clock;
        this.window = window;
        this.maxKeys = maxKeys;
    }

    /** @return seconds to wait before the next try, 0 when this one may go on */
    synchronized long tryOnce(String key, int allowed) {
        Instant now = clock.instant();
        Deque<Instant> times = tries.computeIfAbsent(key, k -> new ArrayDeque<>());
        while (!times.isEmpty() && !times.peekFirst().plus(window).isAfter(now)) {
            times.removeFirst();
        }
        if (times.size() >= allowed) {
            return Math.max(
                    1, Duration.between(now, times.getFirst().plus(window)).toSeconds() + 1);
        }
        times.addLast(now);
        if (tries.size() > maxKeys) {
            tries.remove(tries.keySet().iterator().next());
        }
        return 0;
    }

    /** The newest try of the key was a good one and does not count. */
    synchronized void takeBack(String key) {
        Deque<Instant> times = tries.get(key);
        if (times != null) {
            times.pollLast();
        }
    }
}
