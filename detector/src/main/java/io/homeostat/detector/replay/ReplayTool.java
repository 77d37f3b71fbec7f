package io.homeostat.detector.replay;

import io.homeostat.detector.evidence.EvidenceException;
import io.homeostat.events.Contribution;
import io.homeostat.events.IncidentEvent.AnomalyRaised;
import io.homeostat.events.codec.EventCodec;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Replays one alert and says what came out. {@code java -cp detector.jar:.. io.homeostat.detector.replay.ReplayTool ALERT
 * --evidence DIR [--json]} runs it without the rest of the product.
 */
public final class ReplayTool {
    /** The verdict is the same, bit for bit. */
    public static final int SAME = 0;
    /** The verdict came out otherwise. */
    public static final int DIFFERS = 1;
    /** The evidence is missing or was changed, or the call is wrong. */
    public static final int NO_EVIDENCE = 2;

    /** Features that are printed; the JSON has all. */
    private static final int FEATURES = 8;

    private ReplayTool() {}

    public static void main(String[] arguments) {
        if (arguments.length < 3 || !arguments[1].equals("--evidence")) {
            System.err.println("usage: ReplayTool ALERT --evidence DIR [--json]");
            System.exit(NO_EVIDENCE);
        }
        boolean json = List.of(arguments).contains("--json");
        System.exit(run(arguments[0], Path.of(arguments[2]), json, System.out, System.err));
    }

    /**
     * @param alert an anomaly id, or a file with the alert's CloudEvent
     * @param folder the detector's data folder, or a copy of it
     */
    public static int run(String alert, Path folder, boolean json, PrintStream out, PrintStream err) {
        try {
            Replay replay = new Replay(folder);
            Path file = Path.of(alert);
            AnomalyRaised published = Files.isRegularFile(file)
                    ? replay.store().alert(file)
                    : replay.store().alert(alert);
            ReplayReport report = replay.run(published);
            if (json) {
                out.println(new String(EventCodec.canonicalJson(json(report)), StandardCharsets.UTF_8));
            } else {
                print(report, out);
            }
            return report.same() ? SAME : DIFFERS;
        } catch (EvidenceException e) {
            if (json) {
                out.println(new String(
                        EventCodec.canonicalJson(Map.of(
                                "alert", alert, "verdict", "no evidence", "problem", String.valueOf(e.getMessage()))),
                        StandardCharsets.UTF_8));
            }
            err.println("replay: " + e.getMessage());
            return NO_EVIDENCE;
        }
    }

    private static Map<String, Object> json(ReplayReport report) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("alert", report.alert());
        json.put("verdict", report.same() ? "same" : "differs");
        json.put("scoreBits", bits(report.alert().score()));
        json.put("sealedBy", report.sealedBy());
        json.put("form", report.form());
        json.put("modelDigest", report.modelDigest());
        json.put("valuesRecomputed", report.values());
        json.put("fieldsCompared", report.compared());
        json.put("notSealed", report.notSealed());
        json.put("differences", report.differences());
        return json;
    }

    private static void print(ReplayReport report, PrintStream out) {
        AnomalyRaised alert = report.alert();
        out.printf(
                "%s  %s %s on %s at %s%n",
                alert.anomalyId(), alert.severity(), alert.cause(), alert.node(), alert.at());
        out.printf(
                "  %s %s: observed %s, expected %s%s%n",
                alert.signal(),
                alert.direction().name().toLowerCase(Locale.ROOT),
                Quantity.text(alert.observed(), alert.unit()),
                Quantity.text(alert.expected(), alert.unit()),
                peers(alert));
        for (Contribution part : alert.contributions()
                .subList(0, Math.min(FEATURES, alert.contributions().size()))) {
            out.printf(
                    Locale.ROOT,
                    "  %5.1f %%  %s: %s instead of %s%n",
                    100 * part.share(),
                    part.feature(),
                    Quantity.text(part.observed(), part.unit()),
                    Quantity.text(part.expected(), part.unit()));
        }
        out.printf(
                "  score %s (bits %s) over %s, by %s%n",
                alert.score(), bits(alert.score()), alert.threshold(), alert.modelId());
        if (report.notSealed().isEmpty()) {
            out.printf("  since %s, lead time %s%n", alert.onset(), lead(alert));
        }
        out.printf("  window %s, sealed by %s%n", alert.windowDigest(), report.sealedBy());
        if (!alert.rules().isEmpty()) {
            out.println("  feedback rules in force: " + String.join(", ", alert.rules()));
        }
        report.notSealed().forEach(text -> out.println("  not sealed then: " + text));
        if (report.same()) {
            out.printf(
                    "SAME: %d values from raw samples and %d fields of the alert are equal to the bit%n",
                    report.values(), report.compared());
            return;
        }
        out.println("DIFFERS:");
        report.differences()
                .forEach(d -> out.printf(
                        "  %s%n    published  %s%n    recomputed %s%n", d.field(), d.published(), d.recomputed()));
    }

    private static String peers(AnomalyRaised alert) {
        if (alert.peers().isEmpty()) {
            return "";
        }
        StringBuilder text = new StringBuilder(", peers");
        new TreeMap<>(alert.peers())
                .forEach((peer, value) ->
                        text.append(' ').append(peer).append(' ').append(Quantity.text(value, alert.unit())));
        return text.toString();
    }

    private static String lead(AnomalyRaised alert) {
        if (alert.leadMillis() == AnomalyRaised.NOT_FORESEEN) {
            return "not foreseen";
        }
        return alert.leadMillis() == 0 ? "none, the limit is reached" : alert.leadMillis() / 1_000 + " s";
    }

    private static String bits(double value) {
        return Long.toHexString(Double.doubleToRawLongBits(value));
    }
}
