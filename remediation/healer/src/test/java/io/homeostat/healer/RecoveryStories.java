package io.homeostat.healer;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.events.ActionKind;
import io.homeostat.events.ActionOrder;
import io.homeostat.events.Autonomy;
import io.homeostat.events.BreakerState;
import io.homeostat.events.Cause;
import io.homeostat.events.Decision;
import io.homeostat.events.IncidentEvent;
import io.homeostat.events.IncidentEvent.ActionFinished;
import io.homeostat.events.IncidentEvent.ActionStarted;
import io.homeostat.events.IncidentEvent.AnomalyRaised;
import io.homeostat.events.IncidentEvent.ApprovalDecided;
import io.homeostat.events.IncidentEvent.ApprovalRequested;
import io.homeostat.events.IncidentEvent.BreakerClosed;
import io.homeostat.events.IncidentEvent.BreakerOpened;
import io.homeostat.events.IncidentEvent.IncidentClosed;
import io.homeostat.events.IncidentEvent.IncidentEscalated;
import io.homeostat.events.IncidentEvent.RecoveryPlanned;
import io.homeostat.events.IncidentEvent.RecoveryVerified;
import io.homeostat.events.codec.EventCodec;
import io.homeostat.healer.plan.AutonomyPolicy;
import io.homeostat.healer.testing.Anomalies;
import io.homeostat.healer.testing.FakeControlledSystem;
import io.homeostat.healer.testing.HealerProcess;
import io.homeostat.healer.testing.InMemoryStory;
import io.homeostat.healer.testing.QuickLimits;
import io.homeostat.healer.workflow.RecoveryEngine.Resolution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Stories through the door in which the database takes part: a restart, a kill, a timer, a whole recovery. On a database that the
 * subclass gives.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
abstract class RecoveryStories {
    @TempDir
    Path directory;

    FakeControlledSystem system;
    InMemoryStory story;
    Healer healer;
    private String jdbcUrl;

    /** URL of an empty database of its own for each test; user and password are in the URL. */
    abstract String emptyDatabase() throws Exception;

    @BeforeEach
    void openTheSystem() throws Exception {
        system = new FakeControlledSystem();
        story = new InMemoryStory();
        FakeControlledSystem.tokens(directory);
        jdbcUrl = emptyDatabase();
    }

    @AfterEach
    void closeTheSystem() {
        if (healer != null) {
            healer.close();
        }
        system.close();
    }

    @Test
    void a_diverged_leader_is_isolated_wiped_resynced_and_readmitted() throws Exception {
        start(AutonomyPolicy.defaults());
        system.leader("n2");
        system.diverge("n2");

        AnomalyRaised anomaly = Anomalies.critical("a1", "n2", Cause.DIVERGENCE);
        story.tell(anomaly);
        story.tell(anomaly);
        story.await(RecoveryVerified.class, e -> true);
        IncidentClosed closed = story.await(IncidentClosed.class);

        assertThat(kinds())
                .containsExactly(
                        "IncidentOpened",
                        "BreakerOpened",
                        "RecoveryPlanned",
                        "ISOLATE started",
                        "ISOLATE SUCCEEDED",
                        "TRANSFER_LEADERSHIP started",
                        "TRANSFER_LEADERSHIP SUCCEEDED",
                        "FENCE started",
                        "FENCE SUCCEEDED",
                        "REMOVE_MEMBER started",
                        "REMOVE_MEMBER SUCCEEDED",
                        "RESYNC started",
                        "RESYNC SUCCEEDED",
                        "ADD_MEMBER started",
                        "ADD_MEMBER SUCCEEDED",
                        "READMIT started",
                        "READMIT SUCCEEDED",
                        "RecoveryVerified",
                        "BreakerClosed",
                        "IncidentClosed");
        BreakerOpened opened = story.await(BreakerOpened.class);
        assertThat(opened.from()).isEqualTo(BreakerState.CLOSED);
        assertThat(opened.to()).isEqualTo(BreakerState.OPEN);
        assertThat(opened.ledgerIndex()).isEqualTo(41);
        assertThat(story.await(BreakerClosed.class).from()).isEqualTo(BreakerState.HALF_OPEN);
        assertThat(story.await(RecoveryVerified.class).agreeing()).containsExactly("n1", "n2", "n3");
        assertThat(closed.outcome()).isEqualTo("recovered");
        assertThat(closed.isolateMillis()).isBetween(0L, 2000L);
        assertThat(closed.recoverMillis()).isGreaterThanOrEqualTo(closed.isolateMillis());
        RecoveryPlanned planned = story.await(RecoveryPlanned.class);
        assertThat(planned.planDigest()).isEqualTo(EventCodec.digest(planned.plan()));
        assertThat(story.events()).extracting(IncidentEvent::eventId).doesNotHaveDuplicates();
        assertThat(system.leader()).isNotEqualTo("n2");
        assertThat(system.isolated("n2")).isFalse();
        assertThat(system.member("n2")).isTrue();
        assertThat(system.executed()).doesNotHaveDuplicates().hasSize(2);
        assertThat(healer.openIncidents()).isEmpty();
    }

    @Test
    void an_approved_plan_is_carried_out_with_the_signatures_and_the_proof_of_a_case_that_escalates() throws Exception {
        system.escalating();
        start(AutonomyPolicy.of(Map.of("RESYNC", "approve")));
        system.diverge("n2");
        story.tell(Anomalies.critical("a1", "n2", Cause.DIVERGENCE));
        ApprovalRequested asked = story.await(ApprovalRequested.class);
        RecoveryPlanned planned = story.await(RecoveryPlanned.class);
        assertThat(planned.plan().autonomy()).isEqualTo(Autonomy.APPROVE);
        assertThat(asked.caseId()).isEqualTo("recovery:" + planned.plan().planId());
        assertThat(asked.payloadDigest()).isEqualTo(planned.planDigest());
        assertThat(asked.demands()).hasSize(1);
        assertThat(story.of(ActionStarted.class)).isEmpty();

        system.decide(asked.caseId(), "approved");
        story.tell(decided(asked, Decision.APPROVE));

        assertThat(story.await(IncidentClosed.class).outcome()).isEqualTo("recovered");
        ActionOrder resync = system.orders().values().stream()
                .filter(o -> o.kind() == ActionKind.RESYNC)
                .findFirst()
                .orElseThrow();
        assertThat(resync.caseId()).isEqualTo(asked.caseId());
        assertThat(resync.payloadDigest()).isEqualTo(planned.planDigest());
        assertThat(resync.approvals()).extracting(a -> a.keyId()).containsExactly("ada-1");
        assertThat(resync.parameters()).containsEntry("case", "{\"leaf\":\"of " + asked.caseId() + "\"}");
    }

    @Test
    void a_denied_and_an_expired_case_go_to_people() throws Exception {
        start(AutonomyPolicy.of(Map.of("RESYNC", "approve")));
        system.diverge("n2");
        story.tell(Anomalies.critical("a1", "n2", Cause.DIVERGENCE));
        ApprovalRequested asked = story.await(ApprovalRequested.class);
        system.decide(asked.caseId(), "denied");
        story.tell(decided(asked, Decision.DENY));

        IncidentEscalated denied = story.await(IncidentEscalated.class);
        assertThat(denied.reason()).contains("denied");
        assertThat(story.of(ActionStarted.class)).isEmpty();
        system.await("the person's task", () -> healer.escalated().contains(denied.incidentId()));
        healer.resolve(denied.incidentId(), Resolution.ABANDONED, "ada");
        assertThat(story.await(IncidentClosed.class).outcome()).isEqualTo("abandoned");

        system.caseSeconds(0.3);
        story.tell(Anomalies.critical("a2", "n2", Cause.DIVERGENCE));
        IncidentEscalated expired =
                story.await(IncidentEscalated.class, e -> !e.incidentId().equals(denied.incidentId()));
        assertThat(expired.reason()).contains("expired");
        assertThat(system.executed()).isEmpty();
    }

    @Test
    void the_stop_button_holds_what_is_not_begun_over_a_restart_until_it_is_released() throws Exception {
        start(AutonomyPolicy.defaults());
        system.crash("n3");
        system.keepActionsRunning(true);
        story.tell(Anomalies.critical("a1", "n3", Cause.CRASH));
        system.await("the restart is ordered", () -> system.executed().size() == 1);
        healer.stopAll("ada", "maintenance");
        system.keepActionsRunning(false);
        story.await(ActionFinished.class, e -> e.action() == ActionKind.RESTART);
        assertThat(story.await(IncidentEscalated.class).reason()).contains("stop button", "ada", "maintenance");

        healer.close();
        start(AutonomyPolicy.defaults());
        assertThat(healer.stopState().pressed()).isTrue();
        story.tell(Anomalies.critical("a2", "n2", Cause.SILENCE));
        story.await(IncidentEscalated.class, e -> e.node().equals("n2"));
        assertThat(story.of(ActionStarted.class))
                .extracting(ActionStarted::action)
                .doesNotContain(ActionKind.READMIT);
        assertThat(system.isolated("n2")).isFalse();

        healer.resume("ada");
        IncidentClosed closed = story.await(IncidentClosed.class, e -> e.node().equals("n3"));
        assertThat(closed.outcome()).isEqualTo("recovered");
    }

    @Test
    void a_healer_that_is_killed_in_the_middle_goes_on_and_does_nothing_twice() throws Exception {
        system.diverge("n2");
        system.keepActionsRunning(true);
        List<IncidentEvent> told = new ArrayList<>();
        try (HealerProcess first = HealerProcess.start(directory, jdbcUrl, system.endpoints(), "n2")) {
            system.await("the fence is ordered", () -> system.executed().size() == 1);
            first.kill();
            told.addAll(first.events());
        }
        system.keepActionsRunning(false);
        try (HealerProcess second = HealerProcess.start(directory, jdbcUrl, system.endpoints(), "")) {
            second.await("IncidentClosed");
            told.addAll(second.events());
        }

        Map<String, IncidentEvent> once = new LinkedHashMap<>();
        told.forEach(e -> once.putIfAbsent(e.eventId(), e));
        assertThat(kinds(List.copyOf(once.values())))
                .containsExactly(
                        "IncidentOpened",
                        "BreakerOpened",
                        "RecoveryPlanned",
                        "ISOLATE started",
                        "ISOLATE SUCCEEDED",
                        "FENCE started",
                        "FENCE SUCCEEDED",
                        "REMOVE_MEMBER started",
                        "REMOVE_MEMBER SUCCEEDED",
                        "RESYNC started",
                        "RESYNC SUCCEEDED",
                        "ADD_MEMBER started",
                        "ADD_MEMBER SUCCEEDED",
                        "READMIT started",
                        "READMIT SUCCEEDED",
                        "RecoveryVerified",
                        "BreakerClosed",
                        "IncidentClosed");
        assertThat(system.executed()).doesNotHaveDuplicates().hasSize(2);
    }

    void start(AutonomyPolicy policy) {
        healer = Healer.start(
                new HealerConfig(
                        "unused:9092",
                        "healer",
                        jdbcUrl,
                        "sa",
                        "",
                        system.endpoints(),
                        directory.resolve("remediation.token"),
                        directory.resolve("agent.token"),
                        policy,
                        "recovery",
                        QuickLimits.get(),
                        InstantSource.system()),
                story);
    }

    int looksAtCase() {
        return system.looks("/v1/cases/");
    }

    static ApprovalDecided decided(ApprovalRequested asked, Decision decision) {
        return new ApprovalDecided(
                "decided-" + asked.caseId() + decision,
                Instant.now(),
                asked.storyId(),
                asked.node(),
                asked.caseId(),
                decision,
                List.of(),
                77);
    }

    List<String> kinds() {
        return kinds(story.events());
    }

    List<String> kinds(String node) {
        return kinds(story.events().stream().filter(e -> e.node().equals(node)).toList());
    }

    static List<String> kinds(List<IncidentEvent> events) {
        return events.stream()
                .map(e -> {
                    if (e instanceof ActionStarted started) {
                        return started.action() + " started";
                    }
                    if (e instanceof ActionFinished finished) {
                        return finished.action() + " " + finished.outcome();
                    }
                    return e.kind();
                })
                .toList();
    }

    static Path newDirectory(Path parent) throws IOException {
        return Files.createTempDirectory(parent, "db");
    }
}
