package io.homeostat.ledger.gate;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often a claimed key was refused, so that nobody fills the disk with refusals: at most {@link #LEAVES_PER_KEY} leaves for
 * each key and hour of ledger time, and as many for all keys together that nobody registered. What is beyond is counted. Part
 * of the state: every replica counts the same. Not thread-safe.
 */
public final class RefusalBook {
    /** An approver mistypes a few times; 32 an hour is a program. A leaf has about 250 bytes. */
    public static final int LEAVES_PER_KEY = 32;

    private static final long MICROS_PER_HOUR = 3_600_000_000L;

    /** In the order of the first refusal of the hour. */
    private final Map<String, Long> counts = new LinkedHashMap<>();

    private long hour;

    /** Counts one more refusal of the key and returns which of this hour it is. Give unregistered keys as one name. */
    public long count(String key, long timeMicros) {
        long now = timeMicros / MICROS_PER_HOUR;
        if (now != hour) {
            hour = now;
            counts.clear();
        }
        return counts.merge(key, 1L, Long::sum);
    }

    public long hour() {
        return hour;
    }

    public Map<String, Long> counts() {
        return counts;
    }

    public void restore(long ofHour, Map<String, Long> ofKeys) {
        hour = ofHour;
        counts.clear();
        counts.putAll(ofKeys);
    }
}
