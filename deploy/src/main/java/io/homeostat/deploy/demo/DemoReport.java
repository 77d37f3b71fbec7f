package io.homeostat.deploy.demo;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the demo found out, and whether it is enough. The field names are the contract of {@code demo --json}.
 *
 * @param startupSeconds from the start of the first process until everything was ready
 * @param peakRssMb highest sum of resident memory of all processes in MiB, -1 where it can not be known
 * @param sumsPerAsset sum of all balances, in minor units
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record DemoReport(
        String fault,
        @JsonProperty("startup_seconds") double startupSeconds,
        @JsonProperty("peak_rss_mb") long peakRssMb,
        Transfers transfers,
        @JsonProperty("sums_per_asset") Map<String, Long> sumsPerAsset,
        @JsonProperty("digests_equal") boolean digestsEqual,
        Incident incident,
        Approval approval,
        Verifier verifier,
        String bundle,
        boolean ok,
        List<String> failures) {
    public DemoReport {
        sumsPerAsset = Map.copyOf(sumsPerAsset);
        failures = List.copyOf(failures);
    }

    /**
     * @param rejected refused by the ledger's own rules (for example a transfer to the same account), each with an answer
     * @param lost acknowledged, and not to be found at the end
     */
    public record Transfers(long offered, long acknowledged, long rejected, long lost) {}

    /** Milliseconds from the injection; -1 when it did not happen. */
    public record Incident(
            String node,
            List<String> events,
            String outcome,
            @JsonProperty("detect_ms") long detectMillis,
            @JsonProperty("isolate_ms") long isolateMillis,
            @JsonProperty("recover_ms") long recoverMillis) {
        public Incident {
            events = List.copyOf(events);
        }

        static final Incident NONE = new Incident("", List.of(), "", -1, -1, -1);
    }

    public record Approval(
            @JsonProperty("bypass_tried") int bypassTried,
            @JsonProperty("bypass_refused") int bypassRefused,
            boolean posted) {
        static final Approval NONE = new Approval(0, 0, false);
    }

    public record Verifier(String integrity, String completeness) {
        static final Verifier NONE = new Verifier("unknown", "unknown");
    }

    /** Decides by the parts: every failure has one sentence. */
    static DemoReport of(
            String fault,
            double startupSeconds,
            long peakRssMb,
            Transfers transfers,
            Map<String, Long> sums,
            boolean digestsEqual,
            Incident incident,
            Approval approval,
            Verifier verifier,
            String bundle) {
        List<String> failures = new ArrayList<>();
        check(failures, transfers.acknowledged() > 0, "no transfer was acknowledged");
        check(failures, transfers.lost() == 0, transfers.lost() + " acknowledged transfers are lost");
        check(failures, !sums.isEmpty(), "the ledger gave no sums");
        sums.forEach((asset, sum) -> check(failures, sum == 0, "the sum of all balances in " + asset + " is " + sum));
        check(failures, digestsEqual, "the nodes' state digests are not equal");
        check(
                failures,
                incident.outcome().equals("recovered"),
                incident.outcome().isEmpty()
                        ? "the incident did not close in time"
                        : "the incident closed as " + incident.outcome());
        check(failures, approval.bypassTried() > 0, "no bypass was tried");
        check(
                failures,
                approval.bypassRefused() == approval.bypassTried(),
                (approval.bypassTried() - approval.bypassRefused()) + " bypasses were not refused");
        check(failures, approval.posted(), "the high-value transfer was not posted");
        check(failures, verifier.integrity().equals("pass"), "the bundle's integrity is " + verifier.integrity());
        check(
                failures,
                verifier.completeness().equals("pass"),
                "the bundle's completeness is " + verifier.completeness());
        return new DemoReport(
                fault,
                startupSeconds,
                peakRssMb,
                transfers,
                sums,
                digestsEqual,
                incident,
                approval,
                verifier,
                bundle,
                failures.isEmpty(),
                failures);
    }

    private static void check(List<String> failures, boolean holds, String otherwise) {
        if (!holds) {
            failures.add(otherwise);
        }
    }
}
