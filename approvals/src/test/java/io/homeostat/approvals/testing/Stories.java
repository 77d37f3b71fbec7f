package io.homeostat.approvals.testing;

import io.homeostat.events.ActionKind;
import io.homeostat.events.ActionOutcome;
import io.homeostat.events.Autonomy;
import io.homeostat.events.BreakerState;
import io.homeostat.events.Cause;
import io.homeostat.events.Contribution;
import io.homeostat.events.Direction;
import io.homeostat.events.IncidentEvent;
import io.homeostat.events.RecoveryAction;
import io.homeostat.events.RecoveryPlan;
import io.homeostat.events.RoleQuorum;
import io.homeostat.events.Severity;
import io.homeostat.events.Suspicion;
import io.homeostat.events.codec.EventCodec;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Events as detector and healer publish them. */
public final class Stories {
    public static final Instant START = Instant.parse("2026-11-20T03:12:40Z");

    private Stories() {}

    public static IncidentEvent.AnomalyRaised anomaly(String n, String node, Instant at) {
        return anomaly(n, node, at, Cause.SLOWNESS, "ledger.commit.duration", 0.0124, 0.3481);
    }

    public static IncidentEvent.AnomalyRaised anomaly(
            String n, String node, Instant at, Cause cause, String signal, double expected, double observed) {
        return new IncidentEvent.AnomalyRaised(
                "anomaly-raised-" + n,
                at,
                "anomaly-" + n,
                node,
                cause,
                Severity.CRITICAL,
                signal,
                "s",
                Direction.ABOVE,
                expected,
                observed,
                7.25,
                3.1,
                List.of(
                        new Contribution("ledger.commit.duration p99", "s", expected, observed, 0.62),
                        new Contribution("ledger.append.duration p99", "s", 0.0041, 0.2907, 0.27),
                        new Contribution("ledger.queue.depth", "{request}", 3, 118, 0.08)),
                Map.of("n1", 0.0119, "n3", 0.0131),
                at.minusSeconds(1),
                at,
                "peer-comparison-1",
                "a".repeat(64),
                "b".repeat(64),
                at.minusSeconds(4),
                90_000,
                List.of(),
                Map.of(),
                List.of(new Suspicion(node, 0.9, at.minusSeconds(4).toEpochMilli(), "differs first")));
    }

    public static IncidentEvent.IncidentOpened opened(String n, String node, Instant at, String... anomalies) {
        return new IncidentEvent.IncidentOpened(
                "incident-opened-" + n,
                at,
                "incident-" + n,
                node,
                Cause.SLOWNESS,
                Severity.CRITICAL,
                List.of(anomalies),
                List.of());
    }

    public static IncidentEvent.BreakerOpened isolated(String n, String node, Instant at, String reason) {
        return new IncidentEvent.BreakerOpened(
                "breaker-opened-" + n, at, "incident-" + n, node, BreakerState.CLOSED, BreakerState.OPEN, reason, 42);
    }

    public static RecoveryPlan plan(String n, String node) {
        return new RecoveryPlan(
                "plan-" + n,
                node,
                Autonomy.APPROVE,
                List.of(
                        new RecoveryAction(
                                "action-" + n + "-1",
                                ActionKind.REMOVE_MEMBER,
                                node,
                                "two other members are verified equal",
                                "the configuration has two members",
                                "add the member again",
                                Map.of()),
                        new RecoveryAction(
                                "action-" + n + "-2",
                                ActionKind.RESYNC,
                                node,
                                "the node is no member",
                                "the node holds the majority's digest",
                                "the old data was moved aside",
                                Map.of("keep", "true"))),
                List.of("restart alone: the disk stays slow", "do nothing: the quorum has no margin"));
    }

    public static IncidentEvent.RecoveryPlanned planned(String n, String node, Instant at) {
        RecoveryPlan plan = plan(n, node);
        return new IncidentEvent.RecoveryPlanned(
                "recovery-planned-" + n, at, "incident-" + n, node, plan, EventCodec.digest(plan));
    }

    public static IncidentEvent.ApprovalRequested requested(String n, String node, Instant at, String caseId) {
        return new IncidentEvent.ApprovalRequested(
                "approval-requested-" + n,
                at,
                "incident-" + n,
                node,
                caseId,
                EventCodec.digest(plan(n, node)),
                "healer",
                "Rebuild of " + node + " lowers redundancy",
                List.of(new RoleQuorum("operations", 2)),
                at.plusSeconds(900));
    }

    public static IncidentEvent.ActionStarted started(String n, String node, Instant at, int step, ActionKind kind) {
        return new IncidentEvent.ActionStarted(
                "action-started-" + n + "-" + step, at, "incident-" + n, node, "action-" + n + "-" + step, kind);
    }

    public static IncidentEvent.ActionFinished finished(
            String n, String node, Instant at, int step, ActionKind kind, String detail) {
        return new IncidentEvent.ActionFinished(
                "action-finished-" + n + "-" + step,
                at,
                "incident-" + n,
                node,
                "action-" + n + "-" + step,
                kind,
                ActionOutcome.SUCCEEDED,
                detail,
                1840);
    }

    public static IncidentEvent.RecoveryVerified verified(String n, String node, Instant at) {
        return new IncidentEvent.RecoveryVerified(
                "recovery-verified-" + n,
                at,
                "incident-" + n,
                node,
                4200,
                "c".repeat(64),
                List.of("n1", "n2", "n3"),
                3);
    }

    public static IncidentEvent.BreakerClosed closedBreaker(String n, String node, Instant at) {
        return new IncidentEvent.BreakerClosed(
                "breaker-closed-" + n, at, "incident-" + n, node, BreakerState.HALF_OPEN);
    }

    public static IncidentEvent.IncidentClosed closed(String n, String node, Instant at) {
        return new IncidentEvent.IncidentClosed(
                "incident-closed-" + n, at, "incident-" + n, node, "recovered", 2100, 9400);
    }

    /** Raised, opened, isolated, planned. */
    public static List<IncidentEvent> untilPlanned(String n, String node, Instant at) {
        return List.of(
                anomaly(n, node, at),
                opened(n, node, at.plusMillis(400), "anomaly-" + n),
                isolated(n, node, at.plusMillis(2100), "commit is 28 times slower than on its peers"),
                planned(n, node, at.plusMillis(2600)));
    }

    /** What follows when nobody has to be asked. */
    public static List<IncidentEvent> healed(String n, String node, Instant at) {
        return List.of(
                started(n, node, at.plusMillis(3000), 1, ActionKind.REMOVE_MEMBER),
                finished(n, node, at.plusMillis(3900), 1, ActionKind.REMOVE_MEMBER, "members are n1, n3"),
                started(n, node, at.plusMillis(4000), 2, ActionKind.RESYNC),
                finished(n, node, at.plusMillis(7800), 2, ActionKind.RESYNC, "4,200 entries from n1"),
                new IncidentEvent.AnomalyCleared(
                        "anomaly-cleared-" + n, at.plusMillis(8900), "anomaly-" + n, node, Cause.SLOWNESS),
                verified(n, node, at.plusMillis(9400)),
                closedBreaker(n, node, at.plusMillis(9600)),
                closed(n, node, at.plusMillis(9700)));
    }
}
