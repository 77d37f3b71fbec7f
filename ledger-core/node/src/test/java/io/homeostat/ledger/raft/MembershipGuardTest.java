package io.homeostat.ledger.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class MembershipGuardTest {
    private static final Set<String> GENESIS = Set.of("n1", "n2", "n3", "n4", "n5");
    private static final List<String> FIVE = List.of("n1", "n2", "n3", "n4", "n5");

    private static String refusal(List<String> members, Set<String> live, String node, boolean member) {
        return catchThrowableOfType(
                        NotCommitted.class, () -> MembershipGuard.decide(GENESIS, members, live, "n1", node, member))
                .reason();
    }

    @Test
    void a_member_is_removed_down_to_a_majority_of_the_genesis_and_not_below() {
        assertThat(MembershipGuard.decide(GENESIS, List.of("n1", "n2", "n3", "n4"), GENESIS, "n1", "n4", false))
                .containsExactly("n1", "n2", "n3");
        assertThat(refusal(List.of("n1", "n2", "n3"), GENESIS, "n3", false)).isEqualTo("quorum_at_risk");
    }

    @Test
    void those_that_stay_must_have_a_living_majority() {
        assertThat(MembershipGuard.decide(GENESIS, FIVE, Set.of("n1", "n2", "n3"), "n1", "n5", false))
                .hasSize(4);
        assertThat(refusal(FIVE, Set.of("n1", "n2"), "n5", false)).isEqualTo("quorum_at_risk");
        assertThat(refusal(FIVE, Set.of("n1", "n2", "n3"), "n3", false)).isEqualTo("quorum_at_risk");
    }

    @Test
    void the_leader_and_strangers_are_refused() {
        assertThat(refusal(FIVE, GENESIS, "n1", false)).isEqualTo("node_leads");
        assertThat(refusal(FIVE, GENESIS, "n6", true)).isEqualTo("node_unknown");
    }

    @Test
    void what_is_so_already_changes_nothing() {
        assertThat(MembershipGuard.decide(GENESIS, FIVE, Set.of(), "n1", "n5", true))
                .isEqualTo(FIVE);
        assertThat(MembershipGuard.decide(GENESIS, List.of("n1", "n2", "n3"), Set.of(), "n1", "n5", false))
                .containsExactly("n1", "n2", "n3");
    }
}
