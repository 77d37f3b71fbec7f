package io.homeostat.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.ledger.LedgerNodeConfig.Peer;
import io.homeostat.ledger.LedgerNodeConfig.Profile;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LedgerNodeConfigTest {
    private static final Peer N1 = new Peer("n1", "z1", "127.0.0.1", 1001, 1002);

    private static LedgerNodeConfig config(String id, List<Peer> peers, Profile profile, boolean hooks, boolean both) {
        Path any = Path.of("x");
        return new LedgerNodeConfig(
                id,
                "z1",
                "127.0.0.1",
                1002,
                1003,
                1001,
                any,
                peers,
                any,
                any,
                any,
                any,
                any,
                profile,
                hooks,
                both,
                both);
    }

    @Test
    void production_refuses_fault_hooks_and_demo_takes_them() {
        assertThat(config("n1", List.of(N1), Profile.DEMO, true, false).faultHooks())
                .isTrue();
        assertThat(config("n1", List.of(N1), Profile.PRODUCTION, false, false).faultHooks())
                .isFalse();
        assertThatThrownBy(() -> config("n1", List.of(N1), Profile.PRODUCTION, true, false))
                .hasMessageContaining("production refuses faultHooks");
    }

    @Test
    void a_node_is_among_its_peers_and_each_peer_stands_once() {
        assertThatThrownBy(() -> config("n2", List.of(N1), Profile.DEMO, false, false))
                .hasMessageContaining("not among the peers");
        assertThatThrownBy(() -> config("n1", List.of(N1, N1), Profile.DEMO, false, false))
                .hasMessageContaining("twice");
        assertThatThrownBy(() -> config("N 1", List.of(N1), Profile.DEMO, false, false))
                .hasMessageContaining("must match");
    }

    @Test
    void bootstrap_and_join_exclude_each_other() {
        assertThatThrownBy(() -> config("n1", List.of(N1), Profile.DEMO, false, true))
                .hasMessageContaining("exclude each other");
    }

    @Test
    void a_port_is_from_1_to_65535() {
        assertThat(new Peer("n1", "z", "h", 1, 65_535).httpPort()).isEqualTo(65_535);
        assertThatThrownBy(() -> new Peer("n1", "z", "h", 0, 1)).hasMessageContaining("raftPort");
        assertThatThrownBy(() -> new Peer("n1", "z", "h", 1, 65_536)).hasMessageContaining("httpPort");
    }
}
