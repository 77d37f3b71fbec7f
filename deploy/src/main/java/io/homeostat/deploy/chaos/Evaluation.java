package io.homeostat.deploy.chaos;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a detector did on recordings, by what it said and when.
 *
 * <p>A fault counts as found when an alert about its node comes while it lasts or within {@link #LATE_MILLIS} after it. Between a
 * fault's end and {@link #ECHO_MILLIS} later nothing is judged: elections and catch-up are its echoes, neither right nor wrong to
 * tell. Every other alert is false, also one in a distractor. A second is positive when a fault touches it. Used by one thread.
 */
final class Evaluation {
    static final long ECHO_MILLIS = 20_000;
    static final long LATE_MILLIS = 3_000;
    private static final long SOON_MILLIS = 10_000;
    private static final long SECOND = 1_000;
    private static final double DAY_MILLIS = 86_400_000.0;

    private final AveragePrecision bySecond = new AveragePrecision();
    private final AveragePrecision byNode = new AveragePrecision();
    private final List<Found> found = new ArrayList<>();
    private final List<Map<String, Object>> falseAlarms = new ArrayList<>();
    private double judgedNodeMillis;

    /**
     * An alert.
     *
     * @param node empty when the detector does not say which
     * @param atMillis it could be read
     */
    record Said(long atMillis, String node, String what) {}

    /**
     * What became of one fault.
     *
     * @param delayMillis from its begin to the first alert about its node, -1 when there was none
     * @param anywhereMillis the same for an alert about any node
     * @param brokeMillis from its begin until clients' writes broke their limit, -1 when they did not
     */
    record Found(
            long seed, RecordedEvent fault, String said, long delayMillis, long anywhereMillis, long brokeMillis) {}

    /**
     * One recording.
     *
     * @param from what is before is the detector's to learn from, faults too
     * @param scores how odd each node was, by second; absent seconds count as not odd
     * @param broken begins of seconds in which clients' writes broke their limit
     */
    void add(
            Recording recording,
            long from,
            Map<Long, Map<String, Double>> scores,
            List<Said> alerts,
            List<Long> broken) {
        for (RecordedEvent fault : recording.faults()) {
            if (fault.fromMillis() < from) {
                continue;
            }
            found.add(found(recording, fault, alerts, broken));
        }
        List<String> nodes = recording.nodeIds();
        for (long second = Math.floorDiv(from, SECOND) * SECOND + SECOND;
                second + SECOND <= recording.endMillis();
                second += SECOND) {
            long at = second;
            List<RecordedEvent> lasting = recording.faults().stream()
                    .filter(fault -> fault.touches(at, at + SECOND))
                    .toList();
            if (lasting.isEmpty() && echo(recording, at, at + SECOND)) {
                continue;
            }
            Map<String, Double> of = scores.getOrDefault(second, Map.of());
            bySecond.add(of.values().stream().mapToDouble(v -> v).max().orElse(0), !lasting.isEmpty());
            for (String node : nodes) {
                byNode.add(of.getOrDefault(node, 0.0), lasting.stream().anyMatch(fault -> fault.concerns(node)));
            }
            judgedNodeMillis += lasting.isEmpty() ? SECOND * nodes.size() : 0;
        }
        for (Said alert : alerts) {
            boolean inFault = recording.faults().stream()
                    .anyMatch(fault -> fault.touches(alert.atMillis(), alert.atMillis() + 1));
            if (alert.atMillis() >= from
                    && alert.atMillis() < recording.endMillis()
                    && !inFault
                    && !echo(recording, alert.atMillis(), alert.atMillis() + 1)) {
                Map<String, Object> line = new LinkedHashMap<>();
                line.put("seed", recording.seed());
                line.put("second", (alert.atMillis() - recording.beganMillis()) / 1e3);
                line.put("node", alert.node());
                line.put("said", alert.what());
                line.put("during", during(recording, alert.atMillis()));
                falseAlarms.add(line);
            }
        }
    }

    private static boolean echo(Recording recording, long from, long to) {
        return recording.faults().stream().anyMatch(f -> f.toMillis() < to && from < f.toMillis() + ECHO_MILLIS);
    }

    private static String during(Recording recording, long at) {
        return recording.events().stream()
                .filter(event -> !event.fault() && event.touches(at - ECHO_MILLIS, at + 1))
                .map(RecordedEvent::kind)
                .findFirst()
                .orElse("");
    }

    private static Found found(Recording recording, RecordedEvent fault, List<Said> alerts, List<Long> broken) {
        long delay = -1;
        long anywhere = -1;
        String words = "";
        for (Said alert : alerts) {
            if (alert.atMillis() >= fault.fromMillis() && alert.atMillis() <= fault.toMillis() + LATE_MILLIS) {
                long after = alert.atMillis() - fault.fromMillis();
                anywhere = anywhere < 0 ? after : anywhere;
                if (delay < 0 && (alert.node().isEmpty() || fault.concerns(alert.node()))) {
                    delay = after;
                    words = alert.what();
                }
            }
        }
        long broke = broken.stream()
                .filter(at -> at >= fault.fromMillis() && at <= fault.toMillis())
                .mapToLong(at -> at + SECOND - fault.fromMillis())
                .min()
                .orElse(-1);
        return new Found(recording.seed(), fault, words, delay, anywhere, broke);
    }

    double aucBySecond() {
        return bySecond.value();
    }

    double aucByNode() {
        return byNode.value();
    }

    double falsePerNodeDay() {
        return judgedNodeMillis == 0 ? Double.NaN : falseAlarms.size() * DAY_MILLIS / judgedNodeMillis;
    }

    List<Found> faults() {
        return List.copyOf(found);
    }

    /** Everything, for people who want to compute on. */
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("faults", found.size());
        json.put("found", found.stream().filter(f -> f.delayMillis() >= 0).count());
        json.put("foundWithin10s", found.stream().filter(Evaluation::soon).count());
        json.put(
                "foundOnAnyNode",
                found.stream().filter(f -> f.anywhereMillis() >= 0).count());
        json.put("aucPrBySecond", round(aucBySecond()));
        json.put("prevalenceBySecond", round(bySecond.prevalence()));
        json.put("aucPrByNodeSecond", round(aucByNode()));
        json.put("prevalenceByNodeSecond", round(byNode.prevalence()));
        json.put("falseAlarms", falseAlarms.size());
        json.put("judgedNodeHours", round(judgedNodeMillis / 3_600_000));
        json.put("falseAlarmsPerNodeDay", round(falsePerNodeDay()));
        json.put("classes", classes());
        json.put("eachFault", found.stream().map(Evaluation::line).toList());
        json.put("eachFalseAlarm", falseAlarms);
        return json;
    }

    private List<Map<String, Object>> classes() {
        Map<String, List<Found>> groups = new TreeMap<>();
        found.forEach(f -> groups.computeIfAbsent(f.fault().group(), g -> new ArrayList<>())
                .add(f));
        List<Map<String, Object>> lines = new ArrayList<>();
        groups.forEach((group, of) -> {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("fault", group);
            line.put("count", of.size());
            line.put("found", of.stream().filter(f -> f.delayMillis() >= 0).count());
            line.put("within10s", of.stream().filter(Evaluation::soon).count());
            long[] delays = of.stream()
                    .mapToLong(Found::delayMillis)
                    .filter(d -> d >= 0)
                    .sorted()
                    .toArray();
            line.put("medianDelaySeconds", delays.length == 0 ? null : delays[delays.length / 2] / 1e3);
            line.put(
                    "leadSeconds",
                    of.stream()
                            .filter(f -> f.brokeMillis() >= 0)
                            .map(Evaluation::lead)
                            .toList());
            lines.add(line);
        });
        return lines;
    }

    /** Seconds from the alert until clients' writes broke their limit; below zero when it came too late, or "missed". */
    private static Object lead(Found f) {
        return f.delayMillis() < 0 ? "missed" : (f.brokeMillis() - f.delayMillis()) / 1e3;
    }

    private static boolean soon(Found f) {
        return f.delayMillis() >= 0 && f.delayMillis() <= SOON_MILLIS;
    }

    private static Map<String, Object> line(Found f) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("seed", f.seed());
        line.put("fault", f.fault().group());
        line.put("node", f.fault().node());
        line.put("leads", f.fault().leads());
        line.put("what", f.fault().what());
        line.put("delaySeconds", f.delayMillis() < 0 ? null : f.delayMillis() / 1e3);
        line.put("anywhereSeconds", f.anywhereMillis() < 0 ? null : f.anywhereMillis() / 1e3);
        line.put("brokeAfterSeconds", f.brokeMillis() < 0 ? null : f.brokeMillis() / 1e3);
        line.put("said", f.said());
        return line;
    }

    private static Object round(double value) {
        return Double.isNaN(value) ? "none" : Math.round(value * 1e3) / 1e3;
    }

    /** For tests and for those who read tables. */
    @Override
    public String toString() {
        return Arrays.asList(found, falseAlarms).toString();
    }
}
