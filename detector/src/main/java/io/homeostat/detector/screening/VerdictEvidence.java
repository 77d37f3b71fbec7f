package io.homeostat.detector.screening;

import io.homeostat.events.codec.EventCodec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The sealed evidence of a verdict: the transfer, every feature, and the reasons in words. Stateless. */
final class VerdictEvidence {
    /** Changes when the same journal would give another score. */
    static final String MODEL = "screening-1";

    private VerdictEvidence() {}

    static byte[] of(Movement m, Screen.Answer answer) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("model", MODEL);
        json.put("transfer", m.transfer());
        json.put("caseId", "transfer:" + m.transfer());
        json.put("payloadDigest", m.payloadDigest());
        json.put("dueMicros", m.dueMicros());
        json.put("sequence", m.sequence());
        json.put("timeMicros", m.timeMicros());
        json.put("asset", m.asset());
        json.put("debit", m.debitId());
        json.put("credit", m.creditId());
        json.put("amountMinor", m.amountMinor());
        json.put("verdict", answer.odd() ? "odd" : "clear");
        json.put("score", answer.score());
        json.put("threshold", answer.threshold());
        json.put("reasons", reasons(answer));
        Map<String, Object> features = new LinkedHashMap<>();
        for (Pattern pattern : Pattern.values()) {
            features.put(
                    name(pattern),
                    Map.of(
                            "value", answer.judgement().features()[pattern.ordinal()],
                            "surprise", answer.judgement().surprises()[pattern.ordinal()]));
        }
        json.put("features", features);
        return EventCodec.canonicalJson(json);
    }

    /** Sentences, the most surprising pattern first. */
    static List<String> reasons(Screen.Answer answer) {
        List<String> reasons = new ArrayList<>();
        if (!answer.judgement().settled()) {
            reasons.add("the asset's history is too short to call a transfer clear");
        }
        for (Pattern pattern : answer.reasons()) {
            double surprise = answer.judgement().surprises()[pattern.ordinal()];
            reasons.add(String.format(
                    Locale.ROOT,
                    "%s: one transfer in %.0f is like that (measured %.2f)",
                    pattern.words(),
                    StrictMath.pow(10, surprise),
                    answer.judgement().features()[pattern.ordinal()]));
        }
        if (reasons.isEmpty()) {
            reasons.add("no pattern stands out");
        }
        return List.copyOf(reasons);
    }

    private static String name(Pattern pattern) {
        return pattern.name().toLowerCase(Locale.ROOT);
    }
}
