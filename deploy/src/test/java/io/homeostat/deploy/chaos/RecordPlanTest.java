package io.homeostat.deploy.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.deploy.chaos.RecordPlan.Kind;
import io.homeostat.deploy.chaos.RecordPlan.Planned;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RecordPlanTest {
    private static final int LONG = 3600;
    /** Each kind once, and slow links and disks in three severities. */
    private static final int BAG = Kind.values().length + 4;

    @Test
    void a_seed_always_means_the_same_plan() {
        for (long seed = 1; seed <= 20; seed++) {
            assertThat(RecordPlan.of(seed, LONG, 3, Set.of())).isEqualTo(RecordPlan.of(seed, LONG, 3, Set.of()));
            assertThat(RecordPlan.of(seed, LONG, 3, Set.of())).isNotEqualTo(RecordPlan.of(seed + 1, LONG, 3, Set.of()));
        }
    }

    @Test
    void every_kind_and_severity_comes_once_before_any_comes_again() {
        List<Planned> plan = RecordPlan.of(7, LONG, 5, Set.of());

        assertThat(plan).hasSizeGreaterThan(2 * BAG);
        for (int bag = 0; bag < 2; bag++) {
            List<Planned> of = plan.subList(bag * BAG, (bag + 1) * BAG);
            assertThat(of.stream().map(Planned::words).distinct()).hasSize(BAG);
            assertThat(of.stream().map(Planned::kind).collect(Collectors.toSet()))
                    .isEqualTo(EnumSet.allOf(Kind.class));
        }
    }

    @Test
    void what_a_machine_can_not_make_changes_nothing_of_the_rest() {
        Set<Kind> without = EnumSet.of(Kind.LOSS, Kind.SLOW_DISK);

        List<Planned> all = RecordPlan.of(3, LONG, 3, Set.of());
        List<Planned> some = RecordPlan.of(3, LONG, 3, without);

        List<Planned> left =
                all.stream().filter(one -> !without.contains(one.kind())).toList();
        assertThat(some.subList(0, left.size())).isEqualTo(left);
    }

    @Test
    void a_link_has_two_ends_within_the_group() {
        for (long seed = 1; seed <= 20; seed++) {
            for (Planned one : RecordPlan.of(seed, LONG, 3, Set.of())) {
                assertThat(one.node()).isBetween(1, 3).isNotEqualTo(one.other());
                assertThat(one.other()).isBetween(1, 3);
            }
        }
    }
}
