package io.homeostat.healer.incident;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.events.Cause;
import io.homeostat.events.IncidentEvent.AnomalyRaised;
import io.homeostat.events.Severity;
import io.homeostat.healer.testing.Anomalies;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class IncidentOpenerTest {
    private static final Instant NOW = Instant.parse("2026-11-20T14:00:00Z");
    private final IncidentLimits limits = IncidentLimits.defaults();
    private final IncidentOpener opener = new IncidentOpener(Set.of("n1", "n2", "n3"), limits);

    @Test
    void the_first_anomaly_of_a_node_opens_an_incident_and_the_same_one_makes_the_same_id() {
        OpeningDecision first = decide(critical("a1", NOW), Optional.empty(), Optional.empty());

        assertThat(first).isInstanceOf(OpeningDecision.Opened.class);
        assertThat(decide(critical("a1", NOW), Optional.empty(), Optional.empty()))
                .isEqualTo(first);
        assertThat(decide(critical("a2", NOW), Optional.empty(), Optional.empty()))
                .isNotEqualTo(first);
        assertThat(((OpeningDecision.Opened) first).incidentId()).matches("inc-20261120t140000-[0-9a-f]{8}");
    }

    @Test
    void further_anomalies_join_and_only_hard_evidence_in_a_soft_incident_worsens_it() {
        Optional<OpenIncident> soft = Optional.of(new OpenIncident("inc-1", "n2", Severity.WARNING, NOW));
        Optional<OpenIncident> hard = Optional.of(new OpenIncident("inc-1", "n2", Severity.CRITICAL, NOW));
        AnomalyRaised warning = Anomalies.raised("w", "n2", Cause.SLOWNESS, Severity.WARNING, NOW);

        assertThat(decide(critical("a", NOW), soft, Optional.empty()))
                .isEqualTo(new OpeningDecision.Joined("inc-1", true));
        assertThat(decide(warning, soft, Optional.empty())).isEqualTo(new OpeningDecision.Joined("inc-1", false));
        assertThat(decide(critical("a", NOW), hard, Optional.empty()))
                .isEqualTo(new OpeningDecision.Joined("inc-1", false));
    }

    @Test
    void fifty_alerts_of_one_partition_are_one_incident_of_the_node_where_it_began() {
        Map<String, OpenIncident> open = new HashMap<>();
        List<OpeningDecision> decisions = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            // The node that is cut off is hard evidence; the others wait for it and warn, again and again.
            AnomalyRaised anomaly = i == 0
                    ? Anomalies.raised("a0", "n3", Cause.SILENCE, Severity.CRITICAL, NOW)
                    : Anomalies.beganAt("n3", "a" + i, i % 2 == 0 ? "n1" : "n2", Cause.SLOWNESS, Severity.WARNING, NOW);
            Optional<OpenIncident> home = opener.homes(anomaly).stream()
                    .filter(open::containsKey)
                    .map(open::get)
                    .findFirst();
            OpeningDecision decision = decide(anomaly, home, Optional.empty());
            decisions.add(decision);
            if (decision instanceof OpeningDecision.Opened opened) {
                open.put(
                        anomaly.node(), new OpenIncident(opened.incidentId(), anomaly.node(), anomaly.severity(), NOW));
            }
        }

        assertThat(open).containsOnlyKeys("n3");
        assertThat(decisions.subList(1, 50))
                .containsOnly(new OpeningDecision.Joined(open.get("n3").incidentId(), false));
    }

    @Test
    void hard_evidence_is_its_own_nodes_wherever_it_is_suspected_to_have_begun() {
        assertThat(opener.homes(Anomalies.beganAt("n3", "a", "n1", Cause.CRASH, Severity.CRITICAL, NOW)))
                .containsExactly("n1");
        assertThat(opener.homes(Anomalies.beganAt("n3", "a", "n1", Cause.SLOWNESS, Severity.WARNING, NOW)))
                .containsExactly("n1", "n3");
        assertThat(opener.homes(Anomalies.beganAt("n9", "a", "n1", Cause.SLOWNESS, Severity.WARNING, NOW)))
                .as("a node that is not ours")
                .containsExactly("n1");
    }

    @Test
    void news_is_stale_just_after_the_limit_and_not_at_it() {
        Instant limit = NOW.minus(limits.staleAfter());

        assertThat(decide(critical("a", limit), Optional.empty(), Optional.empty()))
                .isInstanceOf(OpeningDecision.Opened.class);
        assertThat(decide(critical("a", limit.minusNanos(1)), Optional.empty(), Optional.empty()))
                .isEqualTo(new OpeningDecision.Ignored(OpeningDecision.Reason.STALE));
    }

    @Test
    void what_was_raised_before_the_last_incident_was_closed_opens_no_new_one() {
        assertThat(decide(critical("a", NOW.minusMillis(1)), Optional.empty(), Optional.of(NOW)))
                .isEqualTo(new OpeningDecision.Ignored(OpeningDecision.Reason.BEFORE_LAST_CLOSURE));
        assertThat(decide(critical("a", NOW), Optional.empty(), Optional.of(NOW)))
                .isInstanceOf(OpeningDecision.Opened.class);
    }

    @Test
    void a_node_that_is_not_ours_is_ignored() {
        AnomalyRaised foreign = Anomalies.raised("a", "n9", Cause.CRASH, Severity.CRITICAL, NOW);

        assertThat(decide(foreign, Optional.empty(), Optional.empty()))
                .isEqualTo(new OpeningDecision.Ignored(OpeningDecision.Reason.NODE_UNKNOWN));
    }

    @Test
    void the_leading_anomaly_is_the_severest_then_the_most_specific_then_the_first() {
        Anomaly slow = new Anomaly("slow", Cause.SLOWNESS, Severity.WARNING, NOW, null);
        Anomaly silent = new Anomaly("silent", Cause.SILENCE, Severity.CRITICAL, NOW, null);
        Anomaly crashed = new Anomaly("crashed", Cause.CRASH, Severity.CRITICAL, NOW.plusSeconds(1), null);
        Anomaly diverging = new Anomaly("soft", Cause.DIVERGENCE, Severity.WARNING, NOW, null);

        assertThat(Anomaly.leading(List.of(slow, silent, crashed, diverging))).contains(crashed);
        assertThat(Anomaly.leading(List.of(slow, diverging))).contains(diverging);
        assertThat(Anomaly.leading(List.of())).isEmpty();
    }

    @Test
    void the_storm_brake_is_pulled_by_one_more_than_allowed_inside_the_window() {
        StormBrake brake = new StormBrake(limits);
        List<Instant> five = List.of(NOW, NOW, NOW, NOW, NOW);
        List<Instant> six =
                List.of(NOW, NOW, NOW, NOW, NOW, NOW.minus(limits.stormWindow()).plusNanos(1000));
        List<Instant> sixthTooOld = List.of(NOW, NOW, NOW, NOW, NOW, NOW.minus(limits.stormWindow()));

        assertThat(brake.pulled(five, NOW)).isFalse();
        assertThat(brake.pulled(six, NOW)).isTrue();
        assertThat(brake.pulled(sixthTooOld, NOW)).isFalse();
    }

    @Test
    void the_budget_ends_with_the_last_allowed_plan_and_the_cooldown_with_its_time() {
        AttemptBudget budget = new AttemptBudget(limits);
        Instant long_ago = NOW.minus(Duration.ofMinutes(5));
        List<Instant> three = List.of(long_ago, long_ago, long_ago);
        List<Instant> four = List.of(long_ago, long_ago, long_ago, long_ago);
        List<Instant> oneLeftTheWindow = List.of(long_ago, long_ago, long_ago, NOW.minus(limits.planWindow()));

        assertThat(budget.check("n1", three, NOW).now()).isTrue();
        assertThat(budget.check("n1", four, NOW).exhausted()).isTrue();
        assertThat(budget.check("n1", oneLeftTheWindow, NOW).now()).isTrue();
        assertThat(budget.check("n1", List.of(NOW.minus(limits.cooldown())), NOW)
                        .now())
                .isTrue();
        assertThat(budget.check("n1", List.of(NOW.minus(limits.cooldown()).plusMillis(1)), NOW)
                        .delay())
                .isEqualTo(Duration.ofMillis(1));
    }

    private OpeningDecision decide(AnomalyRaised anomaly, Optional<OpenIncident> open, Optional<Instant> lastClosure) {
        return opener.decide(anomaly, open, lastClosure, NOW);
    }

    private static AnomalyRaised critical(String id, Instant at) {
        return Anomalies.raised(id, "n2", Cause.CRASH, Severity.CRITICAL, at);
    }
}
