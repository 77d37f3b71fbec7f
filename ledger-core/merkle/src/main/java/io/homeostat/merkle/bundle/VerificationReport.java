package io.homeostat.merkle.bundle;

import io.homeostat.merkle.Checkpoint;
import io.homeostat.merkle.Digests;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Four verdicts, what they rest on and what speaks against. Immutable.
 *
 * @param findings what does not hold, in the order in which it was found; at most as many as the limits keep
 * @param findingsTotal all of them
 * @param notes why a verdict is unknown, and what it is worth
 * @param checkpoint the head that the bundle carries, null when it can not be read
 * @param signers nodes whose signature of the head verifies
 */
public record VerificationReport(
        Map<Question, Verdict> verdicts,
        List<Finding> findings,
        long findingsTotal,
        List<String> notes,
        @Nullable Manifest manifest,
        @Nullable Checkpoint checkpoint,
        List<String> signers,
        Statistics statistics) {
    public VerificationReport {
        verdicts = Map.copyOf(verdicts);
        findings = List.copyOf(findings);
        notes = List.copyOf(notes);
        signers = List.copyOf(signers);
    }

    public Verdict verdict(Question question) {
        return verdicts.getOrDefault(question, Verdict.UNKNOWN);
    }

    public Verdict integrity() {
        return verdict(Question.INTEGRITY);
    }

    public Verdict completeness() {
        return verdict(Question.COMPLETENESS);
    }

    public Verdict authorship() {
        return verdict(Question.AUTHORSHIP);
    }

    public Verdict freshness() {
        return verdict(Question.FRESHNESS);
    }

    /** Integrity and completeness pass, and nothing fails. */
    public boolean ok() {
        return integrity() == Verdict.PASS && completeness() == Verdict.PASS && !verdicts.containsValue(Verdict.FAIL);
    }

    /** 0 or 1; 2 is for bad usage and never a report's. */
    public int exitCode() {
        return ok() ? 0 : 1;
    }

    /** For people. Text from the bundle is stripped of control characters, which could steer a terminal. */
    public String toText() {
        StringBuilder out = new StringBuilder();
        for (Question question : Question.values()) {
            out.append(String.format(
                    "%-13s %s%n", question.wireName(), verdict(question).wireName()));
        }
        for (Finding f : findings) {
            out.append("! ").append(f.question().wireName()).append(": ").append(f.section());
            if (f.sequence() >= 0) {
                out.append(" leaf ").append(f.sequence());
            }
            out.append(" at byte ")
                    .append(f.offset())
                    .append(": ")
                    .append(printable(f.message()))
                    .append('\n');
        }
        if (findingsTotal > findings.size()) {
            out.append("! and ").append(findingsTotal - findings.size()).append(" more\n");
        }
        notes.forEach(note -> out.append("- ").append(printable(note)).append('\n'));
        Statistics s = statistics;
        out.append(s.leaves()).append(" leaves, ").append(s.accounts()).append(" accounts, ");
        out.append(s.transfers()).append(" transfers; ").append(s.gatedPostingsChecked());
        out.append(" gated postings and ").append(s.approvalsChecked()).append(" approvals checked, ");
        out.append(s.persons()).append(" persons; sums ").append(s.sums()).append('\n');
        out.append(ok() ? "OK\n" : "REFUSED\n");
        return out.toString();
    }

    public String toJson() {
        Json json = new Json().beginObject();
        for (Question question : Question.values()) {
            json.field(question.wireName()).text(verdict(question).wireName());
        }
        json.field("findings").beginArray();
        for (Finding f : findings) {
            json.beginObject();
            json.field("question").text(f.question().wireName());
            json.field("section").text(f.section());
            if (f.sequence() >= 0) {
                json.field("sequence").number(f.sequence());
            }
            json.field("offset").number(f.offset());
            json.field("message").text(f.message());
            json.endObject();
        }
        json.endArray();
        json.field("findingsTotal").number(findingsTotal);
        json.field("notes").beginArray();
        notes.forEach(json::text);
        json.endArray();
        if (manifest != null) {
            json.field("subject").text(manifest.subject());
        }
        if (checkpoint != null) {
            json.field("checkpoint").beginObject();
            json.field("origin").text(checkpoint.origin());
            json.field("size").number(checkpoint.size());
            json.field("root").text(Digests.hex(checkpoint.root()));
            json.field("timeMicros").number(checkpoint.timeMicros());
            json.field("time").text(instantOf(checkpoint.timeMicros()).toString());
            json.field("signers").beginArray();
            signers.forEach(json::text);
            json.endArray().endObject();
        }
        statisticsTo(json);
        json.field("ok").literal(Boolean.toString(ok()));
        return json.endObject().toString();
    }

    private void statisticsTo(Json json) {
        Statistics s = statistics;
        json.field("statistics").beginObject();
        json.field("leaves").number(s.leaves());
        json.field("accounts").number(s.accounts());
        json.field("transfers").number(s.transfers());
        json.field("gatedHolds").number(s.gatedHolds());
        json.field("gatedPostingsChecked").number(s.gatedPostingsChecked());
        json.field("cases").number(s.cases());
        json.field("approvalsChecked").number(s.approvalsChecked());
        json.field("approvalsCounted").number(s.approvalsCounted());
        json.field("persons").number(s.persons());
        json.field("refusals").number(s.refusals());
        json.field("isolations").number(s.isolations());
        json.field("divergences").number(s.divergences());
        json.field("anchors").number(s.anchors());
        json.field("trailLeaves").number(s.trailLeaves());
        json.field("texts").number(s.texts());
        json.field("sums").beginObject();
        s.sums().forEach((asset, sum) -> json.field(asset).literal(sum.toString()));
        json.endObject().endObject();
    }

    static Instant instantOf(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
