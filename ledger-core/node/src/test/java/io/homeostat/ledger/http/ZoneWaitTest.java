package io.homeostat.ledger.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.raft.Committed;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ZoneWaitTest {
    private static final Map<String, String> ZONES = Map.of("n1", "a", "n2", "a", "n3", "b");
    private static final Committed BY_TWO = new Committed(7, List.of(), List.of("n1", "n2"));

    @Test
    void two_nodes_in_one_zone_are_one_zone() {
        ZoneWait wait = new ZoneWait(ZONES, index -> List.of());

        assertThat(wait.most()).isEqualTo(2);
        assertThat(wait.reached(BY_TWO)).isEqualTo(1);
    }

    @Test
    void it_looks_again_until_the_demand_is_met() throws Exception {
        AtomicInteger looks = new AtomicInteger();
        ZoneWait wait = new ZoneWait(
                ZONES, index -> looks.incrementAndGet() < 3 ? List.of("n1", "n2") : List.of("n1", "n2", "n3"));

        Committed reached = wait.reach(BY_TWO, 2).get(60, TimeUnit.SECONDS);

        assertThat(reached.raftIndex()).isEqualTo(7);
        assertThat(wait.reached(reached)).isEqualTo(2);
        assertThat(looks).hasValue(3);
    }

    @Test
    void a_demand_that_is_not_met_ends_with_what_there_is() throws Exception {
        ZoneWait wait = new ZoneWait(ZONES, index -> List.of("n1"));

        Committed reached = wait.reach(BY_TWO, 2).get(60, TimeUnit.SECONDS);

        assertThat(wait.reached(reached)).isEqualTo(1);
    }
}
