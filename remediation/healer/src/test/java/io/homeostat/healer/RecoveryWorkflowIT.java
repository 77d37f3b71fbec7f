package io.homeostat.healer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.homeostat.events.ActionKind;
import io.homeostat.events.ActionOutcome;
import io.homeostat.events.BreakerState;
import io.homeostat.events.Cause;
import io.homeostat.events.Decision;
import io.homeostat.events.IncidentEvent.ActionFinished;
import io.homeostat.events.IncidentEvent.ActionStarted;
import io.homeostat.events.IncidentEvent.AnomalyRaised;
import io.homeostat.events.IncidentEvent.ApprovalRequested;
import io.homeostat.events.IncidentEvent.BreakerOpened;
import io.homeostat.events.IncidentEvent.IncidentClosed;
import io.homeostat.events.IncidentEvent.IncidentEscalated;
import io.homeostat.events.IncidentEvent.IncidentOpened;
import io.homeostat.events.IncidentEvent.RecoveryPlanned;
import io.homeostat.events.ProcessState;
import io.homeostat.healer.plan.AutonomyPolicy;
import io.homeostat.healer.testing.Anomalies;
import io.homeostat.healer.workflow.RecoveryEngine.Resolution;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The stories on an H2 file, as {@code homeostat up} runs, and those in which the database plays no part. */
final class RecoveryWorkflowIT extends RecoveryStories {
    @Override
    String emptyDatabase() throws Exception {
        return "jdbc:h2:file:" + newDirectory(directory).resolve("healer") + ";USER=sa;PASSWORD=";
    }

    @Test
    void a_crashed_node_is_restarted_and_a_hung_one_as_well() throws Exception {
        start(AutonomyPolicy.defaults());
        system.crash("n3");
        story.tell(Anomalies.critical("a1", "n3", Cause.CRASH));
        story.await(IncidentClosed.class, e -> e.node().equals("n3"));
        assertThat(kinds())
                .containsExactly(
                        "IncidentOpened",
                        "BreakerOpened",
                        "RecoveryPlanned",
                        "ISOLATE started",
                        "ISOLATE SUCCEEDED",
                        "RESTART started",
                        "RESTART SUCCEEDED",
                        "READMIT started",
                        "READMIT SUCCEEDED",
                        "RecoveryVerified",
                        "BreakerClosed",
                        "IncidentClosed");

        system.leader("n1");
        system.hang("n1");
        story.tell(Anomalies.critical("a2", "n1", Cause.SILENCE));
        IncidentClosed closed = story.await(IncidentClosed.class, e -> e.node().equals("n1"));
        assertThat(closed.outcome()).isEqualTo("recovered");
        assertThat(kinds("n1"))
                .contains("TRANSFER_LEADERSHIP SUCCEEDED", "RESTART SUCCEEDED")
                .doesNotContain("RESYNC started");
        assertThat(system.process("n1")).isEqualTo(ProcessState.RUNNING);
    }

    @Test
    void when_the_ledgers_guard_refuses_people_are_called_and_nothing_is_done() throws Exception {
        start(AutonomyPolicy.defaults());
        system.diverge("n2");
        system.quorumAtRisk(true);
        story.tell(Anomalies.critical("a1", "n2", Cause.DIVERGENCE));

        assertThat(story.await(IncidentEscalated.class).reason()).contains("quorum_at_risk");
        assertThat(kinds()).containsExactly("IncidentOpened", "IncidentEscalated");
        assertThat(system.executed()).isEmpty();
        assertThat(system.isolated("n2")).isFalse();
    }

    @Test
    void a_soft_anomaly_is_only_observed_until_it_clears() throws Exception {
        start(AutonomyPolicy.defaults());
        AnomalyRaised slow = Anomalies.warning("a1", "n2", Cause.SLOWNESS);
        story.tell(slow);
        story.await(RecoveryPlanned.class);
        story.tell(Anomalies.cleared(slow));

        IncidentClosed closed = story.await(IncidentClosed.class);
        assertThat(closed.outcome()).isEqualTo("observed");
        assertThat(closed.isolateMillis()).isEqualTo(-1);
        assertThat(closed.recoverMillis()).isEqualTo(-1);
        assertThat(kinds())
                .containsExactly(
                        "IncidentOpened", "BreakerOpened", "RecoveryPlanned", "BreakerClosed", "IncidentClosed");
        assertThat(story.await(BreakerOpened.class).to()).isEqualTo(BreakerState.SHADOW);
        assertThat(system.changes()).isEmpty();
    }

    @Test
    void the_topic_alone_approves_nothing_and_a_decision_that_it_lost_is_found() throws Exception {
        start(AutonomyPolicy.of(Map.of("RESYNC", "approve")));
        system.diverge("n2");
        story.tell(Anomalies.critical("a1", "n2", Cause.DIVERGENCE));
        ApprovalRequested asked = story.await(ApprovalRequested.class);

        story.tell(decided(asked, Decision.APPROVE));
        int looks = looksAtCase();
        system.await("two further looks at the case", () -> looksAtCase() >= looks + 2);
        assertThat(story.of(ActionStarted.class)).isEmpty();

        system.decide(asked.caseId(), "approved");
        assertThat(story.await(IncidentClosed.class).outcome()).isEqualTo("recovered");
    }

    @Test
    void a_topic_that_is_away_holds_the_next_step_and_loses_nothing() throws Exception {
        start(AutonomyPolicy.defaults());
        system.crash("n3");
        story.away(true);
        story.tell(Anomalies.critical("a1", "n3", Cause.CRASH));
        assertThat(healer.openIncidents()).hasSize(1);
        assertThat(system.changes()).isEmpty();

        story.away(false);
        assertThat(story.await(IncidentClosed.class).outcome()).isEqualTo("recovered");
        assertThat(kinds()).startsWith("IncidentOpened", "BreakerOpened").endsWith("IncidentClosed");
    }

    @Test
    void a_process_that_a_reflex_has_restarted_is_not_killed_once_more() throws Exception {
        start(AutonomyPolicy.defaults());
        system.crash("n3");
        system.reflexRestarts("n3");
        story.tell(Anomalies.critical("a1", "n3", Cause.CRASH));

        assertThat(story.await(IncidentClosed.class).outcome()).isEqualTo("recovered");
        assertThat(system.executed()).isEmpty();
        assertThat(story.await(ActionFinished.class, e -> e.action() == ActionKind.RESTART)
                        .detail())
                .contains("needed no order");
    }

    @Test
    void our_own_guard_refuses_before_the_ledger_is_asked() throws Exception {
        start(AutonomyPolicy.defaults());
        system.crash("n3");
        system.diverge("n2");
        story.tell(Anomalies.critical("a1", "n2", Cause.DIVERGENCE));

        assertThat(story.await(IncidentEscalated.class).reason()).contains("our quorum guard");
        assertThat(system.changes()).isEmpty();
    }

    @Test
    void a_ledger_that_is_away_does_not_stop_the_isolation_by_the_sidecars_view() throws Exception {
        start(AutonomyPolicy.defaults());
        system.crash("n3");
        system.ledgerAway(true);
        story.tell(Anomalies.critical("a1", "n3", Cause.CRASH));

        BreakerOpened opened = story.await(BreakerOpened.class);
        assertThat(opened.ledgerIndex()).isEqualTo(-1);
        assertThat(opened.reason()).contains("sidecars");
        system.ledgerAway(false);
        IncidentClosed closed = story.await(IncidentClosed.class);
        assertThat(closed.outcome()).isEqualTo("recovered");
        assertThat(closed.isolateMillis()).isPositive();
    }

    @Test
    void hard_evidence_in_an_observed_incident_isolates_at_once() throws Exception {
        start(AutonomyPolicy.defaults());
        story.tell(Anomalies.warning("a1", "n3", Cause.SLOWNESS));
        story.await(RecoveryPlanned.class);
        system.crash("n3");
        story.tell(Anomalies.critical("a2", "n3", Cause.CRASH));

        assertThat(story.await(IncidentClosed.class).outcome()).isEqualTo("recovered");
        assertThat(story.of(BreakerOpened.class))
                .extracting(BreakerOpened::from, BreakerOpened::to)
                .containsExactly(
                        tuple(BreakerState.CLOSED, BreakerState.SHADOW), tuple(BreakerState.SHADOW, BreakerState.OPEN));
        assertThat(story.of(IncidentOpened.class)).hasSize(1);
    }

    @Test
    void an_escalated_node_that_a_person_repaired_is_readmitted_and_verified() throws Exception {
        start(AutonomyPolicy.of(Map.of("RESYNC", "propose")));
        system.diverge("n2");
        story.tell(Anomalies.critical("a1", "n2", Cause.DIVERGENCE));
        IncidentEscalated escalated = story.await(IncidentEscalated.class);
        assertThat(system.isolated("n2")).isTrue();
        system.await("the person's task", () -> healer.escalated().contains(escalated.incidentId()));

        system.repair("n2");
        assertThat(healer.resolve(escalated.incidentId(), Resolution.REPAIRED, "ada"))
                .isTrue();
        assertThat(story.await(IncidentClosed.class).outcome()).isEqualTo("recovered");
        assertThat(system.isolated("n2")).isFalse();
        assertThat(healer.resolve(escalated.incidentId(), Resolution.REPAIRED, "ada"))
                .isFalse();
    }

    @Test
    void a_plan_that_fails_is_replaced_until_the_budget_is_used_up() throws Exception {
        start(AutonomyPolicy.defaults());
        system.crash("n3");
        system.failing(ActionKind.RESTART);
        story.tell(Anomalies.critical("a1", "n3", Cause.CRASH));
        story.await(ActionFinished.class, e -> e.outcome() == ActionOutcome.FAILED);
        assertThat(story.await(IncidentClosed.class).outcome()).isEqualTo("recovered");
        assertThat(story.of(RecoveryPlanned.class)).hasSize(2);
        assertThat(story.of(RecoveryPlanned.class).get(1).plan().actions())
                .extracting(a -> a.kind())
                .contains(ActionKind.RESYNC);

        story.tell(Anomalies.critical("a2", "n3", Cause.CRASH));
        assertThat(story.await(IncidentEscalated.class).reason()).contains("attempts used up: 2 plans");
    }
}
