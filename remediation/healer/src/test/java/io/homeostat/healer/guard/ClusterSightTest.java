package io.homeostat.healer.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.healer.act.Attestation;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class ClusterSightTest {
    @Test
    void a_node_is_verified_by_the_newest_round_that_a_majority_decided_with_it() {
        List<Attestation> attestations = List.of(
                new Attestation(30, Map.of("n1", "x")),
                new Attestation(20, Map.of("n1", "g", "n2", "b", "n3", "g")),
                new Attestation(10, Map.of("n1", "g", "n2", "g", "n3", "g")));

        assertThat(ClusterSight.verifiedByLedger(attestations, 3)).containsExactlyInAnyOrder("n1", "n3");
    }

    @Test
    void half_of_the_nodes_is_no_majority() {
        List<Attestation> attestations = List.of(new Attestation(10, Map.of("n1", "g", "n2", "g")));

        assertThat(ClusterSight.verifiedByLedger(attestations, 3)).containsExactlyInAnyOrder("n1", "n2");
        assertThat(ClusterSight.verifiedByLedger(attestations, 4)).isEmpty();
    }
}
