package io.homeostat.healer.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.events.ActionKind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class QuorumGuardTest {
    @Test
    void in_every_state_of_three_nodes_what_is_allowed_leaves_a_majority_and_a_verified_copy() {
        assertThat(checkAllStatesOf(3)).isEqualTo(4096L * 3 * ActionKind.values().length);
    }

    @Test
    void in_every_state_of_five_nodes_what_is_allowed_leaves_a_majority_and_a_verified_copy() {
        assertThat(checkAllStatesOf(5)).isEqualTo((1L << 20) * ActionKind.values().length);
    }

    /** Of five nodes only the first is the target: the rule does not know their order. */
    private static long checkAllStatesOf(int size) {
        long checked = 0;
        for (long bits = 0; bits < 1L << (4 * size); bits++) {
            List<NodeView> nodes = nodes(size, bits);
            for (int target = 0; target < (size == 3 ? 3 : 1); target++) {
                for (ActionKind kind : ActionKind.values()) {
                    GuardVerdict verdict = QuorumGuard.check(nodes, "n" + target, kind);
                    if (verdict.allowed() != mayBeDone(bits, size, target, kind)) {
                        throw new AssertionError(kind + " of n" + target + " in " + nodes + " gave " + verdict);
                    }
                    checked++;
                }
            }
        }
        return checked;
    }

    /** The rule once more, said in another way: over bits, and with the reasons mixed. */
    private static boolean mayBeDone(long bits, int size, int target, ActionKind kind) {
        int left = 0;
        int copies = 0;
        for (int i = 0; i < size; i++) {
            long node = (bits >> (4 * i)) & 15;
            boolean active = (node & 0b0001) != 0 && (node & 0b0010) == 0 && (node & 0b0100) != 0;
            if (i != target && active) {
                left++;
                copies += (node & 0b1000) != 0 ? 1 : 0;
            }
        }
        long self = (bits >> (4 * target)) & 15;
        boolean selfActive = (self & 0b0111) == 0b0101;
        boolean selfVerified = (self & 0b1000) != 0;
        boolean harmless = switch (kind) {
            case TRANSFER_LEADERSHIP, ADD_MEMBER, READMIT -> true;
            case RESTART -> !selfActive;
            case ISOLATE, FENCE, REMOVE_MEMBER, RESYNC -> false;
        };
        boolean needsSource = kind == ActionKind.RESYNC || kind == ActionKind.REMOVE_MEMBER;
        return harmless || (2 * left > size && (copies > 0 || !selfVerified && !needsSource));
    }

    private static List<NodeView> nodes(int size, long bits) {
        List<NodeView> nodes = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            long node = (bits >> (4 * i)) & 15;
            nodes.add(new NodeView("n" + i, (node & 1) != 0, (node & 2) != 0, (node & 4) != 0, (node & 8) != 0));
        }
        return nodes;
    }

    @Test
    void the_last_node_that_may_be_lost_is_allowed_and_the_next_is_refused() {
        List<NodeView> allWell = nodes(3, 0b1101_1101_1101);
        List<NodeView> oneDown = nodes(3, 0b1001_1101_1101);

        assertThat(QuorumGuard.check(allWell, "n0", ActionKind.ISOLATE).allowed())
                .isTrue();
        assertThat(QuorumGuard.check(oneDown, "n0", ActionKind.ISOLATE).reason())
                .isEqualTo(GuardVerdict.Reason.MAJORITY_AT_RISK);
        assertThat(QuorumGuard.check(oneDown, "n2", ActionKind.ISOLATE).allowed())
                .isTrue();
    }

    @Test
    void the_reasons_name_what_is_at_risk() {
        List<NodeView> onlyTargetVerified = nodes(3, 0b0101_0101_1101);
        List<NodeView> nobodyVerified = nodes(3, 0b0101_0101_0101);

        assertThat(QuorumGuard.check(onlyTargetVerified, "n0", ActionKind.FENCE).reason())
                .isEqualTo(GuardVerdict.Reason.LAST_VERIFIED_COPY);
        assertThat(QuorumGuard.check(nobodyVerified, "n0", ActionKind.RESYNC).reason())
                .isEqualTo(GuardVerdict.Reason.NO_VERIFIED_SOURCE);
        assertThat(QuorumGuard.check(nobodyVerified, "n0", ActionKind.ISOLATE).allowed())
                .isTrue();
        assertThat(QuorumGuard.check(nobodyVerified, "n9", ActionKind.ISOLATE).reason())
                .isEqualTo(GuardVerdict.Reason.NODE_UNKNOWN);
    }
}
