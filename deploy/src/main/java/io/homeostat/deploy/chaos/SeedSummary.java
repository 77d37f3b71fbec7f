package io.homeostat.deploy.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the runs of many seeds came to. Used by one thread. */
public final class SeedSummary {
    private static final List<String> ADDED = List.of(
            "faults",
            "restarts",
            "rebuilds",
            "operations",
            "acknowledged",
            "refused",
            "not_written",
            "unknown_applied",
            "unknown_not_applied",
            "reads",
            "lost",
            "doubled");

    private final Map<String, Long> sums = new LinkedHashMap<>();
    private final Map<String, Long> byFault = new TreeMap<>();
    private final List<Long> unclean = new ArrayList<>();
    private final List<Long> unfinished = new ArrayList<>();
    private int seeds;
    private int clean;
    private int sumsZero;
    private int digestsEqual;
    private int journalsEqual;
    private long longestGapMillis;

    public SeedSummary() {
        ADDED.forEach(name -> sums.put(name, 0L));
    }

    /** @param report of one run, an empty object when it ended without one */
    public void add(long seed, JsonNode report) {
        seeds++;
        if (!report.has("clean")) {
            unfinished.add(seed);
            return;
        }
        ADDED.forEach(name -> sums.merge(name, report.path(name).asLong(), Long::sum));
        for (JsonNode fault : report.path("timeline")) {
            byFault.merge(fault.path("fault").asText(), 1L, Long::sum);
        }
        longestGapMillis =
                Math.max(longestGapMillis, report.path("longest_write_gap_ms").asLong());
        sumsZero += report.path("sums_zero").asBoolean() ? 1 : 0;
        digestsEqual += report.path("digests_equal").asBoolean() ? 1 : 0;
        journalsEqual += report.path("journals_equal").asBoolean() ? 1 : 0;
        if (report.path("clean").asBoolean()) {
            clean++;
        } else {
            unclean.add(seed);
        }
    }

    public boolean allClean() {
        return clean == seeds;
    }

    /** One line of {@code key=value}. */
    public String line() {
        StringBuilder line = new StringBuilder("seeds=" + seeds + " clean=" + clean);
        sums.forEach((name, sum) -> line.append(' ').append(name).append('=').append(sum));
        return line.append(" sums_zero=" + sumsZero)
                .append(" digests_equal=" + digestsEqual)
                .append(" journals_equal=" + journalsEqual)
                .append(" longest_write_gap_ms=" + longestGapMillis)
                .append(" by_fault=" + byFault.toString().replace(" ", ""))
                .append(
                        unclean.isEmpty()
                                ? ""
                                : " not_clean=" + unclean.toString().replace(" ", ""))
                .append(
                        unfinished.isEmpty()
                                ? ""
                                : " not_finished=" + unfinished.toString().replace(" ", ""))
                .toString();
    }
}
