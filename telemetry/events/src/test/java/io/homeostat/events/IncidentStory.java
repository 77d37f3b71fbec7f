package io.homeostat.events;

import io.homeostat.events.IncidentEvent.ActionFinished;
import io.homeostat.events.IncidentEvent.ActionStarted;
import io.homeostat.events.IncidentEvent.AnomalyCleared;
import io.homeostat.events.IncidentEvent.AnomalyRaised;
import io.homeostat.events.IncidentEvent.ApprovalDecided;
import io.homeostat.events.IncidentEvent.ApprovalRequested;
import io.homeostat.events.IncidentEvent.BreakerClosed;
import io.homeostat.events.IncidentEvent.BreakerOpened;
import io.homeostat.events.IncidentEvent.DetectionChanged;
import io.homeostat.events.IncidentEvent.ExplanationWritten;
import io.homeostat.events.IncidentEvent.IncidentClosed;
import io.homeostat.events.IncidentEvent.IncidentEscalated;
import io.homeostat.events.IncidentEvent.IncidentOpened;
import io.homeostat.events.IncidentEvent.RecoveryPlanned;
import io.homeostat.events.IncidentEvent.RecoveryVerified;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** One of each event, with every field filled: what the golden files hold. */
public final class IncidentStory {
    private static final Instant AT = Instant.parse("2026-11-20T10:00:00.123456Z");
    private static final String DIGEST = "0123456789abcdef".repeat(4);

    private IncidentStory() {}

    public static RecoveryPlan plan() {
        return new RecoveryPlan(
                "plan-1",
                "n2",
                Autonomy.AUTO,
                List.of(
                        new RecoveryAction(
                                "plan-1-1",
                                ActionKind.ISOLATE,
                                "n2",
                                "two others are up",
                                "n2 is isolated",
                                "readmit",
                                Map.of()),
                        new RecoveryAction(
                                "plan-1-2",
                                ActionKind.RESYNC,
                                "n2",
                                "peers are equal",
                                "digest is equal",
                                "data is kept aside",
                                Map.of("since", "1795168800000", "reason", "drift"))),
                List.of("RESTART: the state would stay wrong"));
    }

    public static List<IncidentEvent> inOrder() {
        return List.of(
                new AnomalyRaised(
                        "e-01",
                        AT,
                        "an-1",
                        "n2",
                        Cause.DIVERGENCE,
                        Severity.CRITICAL,
                        "node.divergent",
                        "1",
                        Direction.ABOVE,
                        0.0,
                        1.0,
                        12.5,
                        3.0,
                        List.of(
                                new Contribution("node.divergent max", "1", 0.0, 1.0, 0.75),
                                new Contribution("ledger.commit.duration p99", "s", 0.004, 1.0E-7, 0.25)),
                        Map.of("n3", 0.0, "n1", 0.0),
                        AT.minusSeconds(5),
                        AT.minusSeconds(4),
                        "rule:divergence",
                        DIGEST,
                        DIGEST,
                        AT.minusSeconds(8),
                        90_000,
                        List.of("rule-1"),
                        Map.of("stream-1", 1.5),
                        List.of(
                                new Suspicion("n2", 0.75, 1_795_168_800_000L, "differs first"),
                                new Suspicion("n1", 0.25, -1, "waits for n2"))),
                new IncidentOpened(
                        "e-02",
                        AT,
                        "inc-1",
                        "n2",
                        Cause.DIVERGENCE,
                        Severity.CRITICAL,
                        List.of("an-1"),
                        List.of(new Suspicion("n2", 1, -1, "alone"))),
                new BreakerOpened(
                        "e-03", AT, "inc-1", "n2", BreakerState.CLOSED, BreakerState.OPEN, "digest differs", 1042),
                new RecoveryPlanned("e-04", AT, "inc-1", "n2", plan(), DIGEST),
                new ExplanationWritten(
                        "e-05",
                        AT,
                        "inc-1",
                        "n2",
                        "template",
                        "Node n2 differs \u2014 \u00e4\u20ac\ud83d\ude00 \"quoted\"\n\u2028next line.",
                        false,
                        List.of("an-1"),
                        List.of("It is 300 % worse."),
                        "",
                        ""),
                new ApprovalRequested(
                        "e-06",
                        AT,
                        "inc-1",
                        "n2",
                        "recovery:plan-1",
                        DIGEST,
                        "healer",
                        "Resync n2",
                        List.of(new RoleQuorum("risk", 1), new RoleQuorum("operator", 2)),
                        AT.plusSeconds(3600)),
                new ApprovalDecided(
                        "e-07",
                        AT,
                        "inc-1",
                        "n2",
                        "recovery:plan-1",
                        Decision.APPROVE,
                        List.of(new SignedApproval(
                                "risk-1", Decision.APPROVE, DIGEST, 1_795_182_000_000_000L, "AAAA", DIGEST)),
                        1050),
                new ActionStarted("e-08", AT, "inc-1", "n2", "plan-1-2", ActionKind.RESYNC),
                new ActionFinished(
                        "e-09",
                        AT,
                        "inc-1",
                        "n2",
                        "plan-1-2",
                        ActionKind.RESYNC,
                        ActionOutcome.SUCCEEDED,
                        "gate open",
                        2345),
                new AnomalyCleared("e-10", AT, "an-1", "n2", Cause.DIVERGENCE),
                new RecoveryVerified("e-11", AT, "inc-1", "n2", 9000, DIGEST, List.of("n1", "n2", "n3"), 5),
                new BreakerClosed("e-12", AT, "inc-1", "n2", BreakerState.HALF_OPEN),
                new IncidentEscalated("e-13", AT, "inc-1", "n2", "attempts are used up"),
                new IncidentClosed("e-14", AT, "inc-1", "n2", "recovered", 900, 8000),
                new DetectionChanged(
                        "e-15",
                        AT,
                        "rule-1",
                        "n2",
                        "FALSE_ALARM",
                        "ledger.commit.duration p99",
                        "olga",
                        "a backup ran",
                        DIGEST));
    }
}
