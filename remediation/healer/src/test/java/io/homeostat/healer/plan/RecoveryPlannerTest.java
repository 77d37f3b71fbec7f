package io.homeostat.healer.plan;

import static io.homeostat.events.ActionKind.ADD_MEMBER;
import static io.homeostat.events.ActionKind.FENCE;
import static io.homeostat.events.ActionKind.ISOLATE;
import static io.homeostat.events.ActionKind.READMIT;
import static io.homeostat.events.ActionKind.REMOVE_MEMBER;
import static io.homeostat.events.ActionKind.RESTART;
import static io.homeostat.events.ActionKind.RESYNC;
import static io.homeostat.events.ActionKind.TRANSFER_LEADERSHIP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.events.ActionKind;
import io.homeostat.events.Autonomy;
import io.homeostat.events.Cause;
import io.homeostat.events.RecoveryAction;
import io.homeostat.events.RecoveryPlan;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class RecoveryPlannerTest {
    private final RecoveryPlanner planner = new RecoveryPlanner(AutonomyPolicy.defaults());

    @Test
    void each_cause_has_its_actions_for_a_leader_and_for_a_follower() {
        for (Cause cause : List.of(Cause.DIVERGENCE, Cause.DEAD_LOG)) {
            assertThat(kinds(cause, true))
                    .containsExactly(ISOLATE, TRANSFER_LEADERSHIP, FENCE, REMOVE_MEMBER, RESYNC, ADD_MEMBER, READMIT);
            assertThat(kinds(cause, false)).containsExactly(ISOLATE, FENCE, REMOVE_MEMBER, RESYNC, ADD_MEMBER, READMIT);
        }
        assertThat(kinds(Cause.CRASH, true)).containsExactly(ISOLATE, RESTART, READMIT);
        assertThat(kinds(Cause.CRASH, false)).containsExactly(ISOLATE, RESTART, READMIT);
        assertThat(kinds(Cause.SILENCE, true)).containsExactly(ISOLATE, TRANSFER_LEADERSHIP, RESTART, READMIT);
        assertThat(kinds(Cause.SILENCE, false)).containsExactly(ISOLATE, RESTART, READMIT);
        assertThat(kinds(Cause.SLOWNESS, true)).isEmpty();
        assertThat(kinds(Cause.DEVIATION, true)).isEmpty();
    }

    @Test
    void every_plan_says_what_else_was_considered_and_why_not() {
        for (Cause cause : Cause.values()) {
            assertThat(plan(cause, true, true).alternatives()).isNotEmpty().allMatch(a -> a.contains(": "));
        }
    }

    @Test
    void a_restart_that_did_not_hold_is_followed_by_a_resync() {
        RecoveryPlan second = planner.plan(new PlanContext("inc-1", "n2", 2, Cause.CRASH, false, true, true));

        assertThat(second.actions())
                .extracting(RecoveryAction::kind)
                .contains(RESYNC)
                .doesNotContain(RESTART);
        assertThat(second.alternatives().get(0)).contains("restart once more");
    }

    @Test
    void ids_follow_from_incident_number_and_step_and_the_same_context_gives_the_same_plan() {
        RecoveryPlan plan = plan(Cause.CRASH, false, true);

        assertThat(plan.planId()).isEqualTo("inc-1-plan-1");
        assertThat(plan.actions())
                .extracting(RecoveryAction::actionId)
                .containsExactly("inc-1-plan-1-1", "inc-1-plan-1-2", "inc-1-plan-1-3");
        assertThat(plan(Cause.CRASH, false, true)).isEqualTo(plan);
    }

    @Test
    void a_drifted_node_heals_by_itself_only_while_all_others_are_verified_equal() {
        assertThat(plan(Cause.DIVERGENCE, true, true).autonomy()).isEqualTo(Autonomy.AUTO);
        assertThat(plan(Cause.DIVERGENCE, true, false).autonomy()).isEqualTo(Autonomy.APPROVE);
        assertThat(plan(Cause.CRASH, true, false).autonomy()).isEqualTo(Autonomy.AUTO);
        assertThat(plan(Cause.SLOWNESS, true, true).autonomy()).isEqualTo(Autonomy.OBSERVE);
    }

    @Test
    void the_plan_is_as_autonomous_as_its_least_autonomous_action() {
        for (Autonomy level : Autonomy.values()) {
            AutonomyPolicy policy =
                    AutonomyPolicy.of(Map.of("fence", level.name().toLowerCase()));
            RecoveryPlan plan = new RecoveryPlanner(policy)
                    .plan(new PlanContext("inc-1", "n2", 1, Cause.DIVERGENCE, false, true, false));
            assertThat(plan.autonomy()).isEqualTo(level);
        }
    }

    @Test
    void membership_changes_ask_people_unless_they_surround_a_resync() {
        AutonomyPolicy policy = AutonomyPolicy.defaults();

        assertThat(policy.levelOf(REMOVE_MEMBER, false, true)).isEqualTo(Autonomy.APPROVE);
        assertThat(policy.levelOf(REMOVE_MEMBER, true, true)).isEqualTo(Autonomy.AUTO);
        assertThat(AutonomyPolicy.of(Map.of("membership-within-resync", "approve"))
                        .levelOf(ADD_MEMBER, true, true))
                .isEqualTo(Autonomy.APPROVE);
    }

    @Test
    void unknown_words_in_the_policy_are_errors_that_name_the_known_ones() {
        assertThatThrownBy(() -> AutonomyPolicy.of(Map.of("REBOOT", "AUTO")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("REBOOT")
                .hasMessageContaining("RESTART");
        assertThatThrownBy(() -> AutonomyPolicy.of(Map.of("RESTART", "ALWAYS")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ALWAYS")
                .hasMessageContaining("APPROVE");
    }

    private List<ActionKind> kinds(Cause cause, boolean leader) {
        return plan(cause, leader, true).actions().stream()
                .map(RecoveryAction::kind)
                .toList();
    }

    private RecoveryPlan plan(Cause cause, boolean leader, boolean othersVerifiedEqual) {
        return planner.plan(new PlanContext("inc-1", "n2", 1, cause, leader, othersVerifiedEqual, false));
    }
}
