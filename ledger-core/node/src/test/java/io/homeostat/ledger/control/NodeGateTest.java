package io.homeostat.ledger.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.control.NodeGate.Hold;
import io.homeostat.ledger.control.NodeGate.State;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class NodeGateTest {
    private final NodeGate gate = new NodeGate();

    @Test
    void a_new_gate_is_starting_and_opens_when_that_is_lifted() {
        assertThat(gate.view().state()).isEqualTo(State.STARTING);

        gate.lift(Hold.STARTING);

        assertThat(gate.view().open()).isTrue();
        assertThat(gate.view().reason()).isEmpty();
    }

    @Test
    void it_is_open_only_when_nothing_holds_it() {
        gate.lift(Hold.STARTING);
        gate.shut(Hold.FENCED, "by order");
        gate.shut(Hold.ISOLATED, "incident 1");

        gate.lift(Hold.FENCED);

        assertThat(gate.view()).isEqualTo(new NodeGate.View(State.FENCED, "incident 1"));
        gate.lift(Hold.ISOLATED);
        assertThat(gate.view().open()).isTrue();
    }

    @Test
    void the_strongest_hold_names_the_state() {
        gate.shut(Hold.FENCED, "by order");
        gate.shut(Hold.DIVERGED, "digests differ");

        assertThat(gate.view()).isEqualTo(new NodeGate.View(State.DIVERGED, "digests differ"));
    }

    @Test
    void divergence_and_a_dead_log_are_never_lifted_and_keep_their_first_reason() {
        gate.shut(Hold.LOG_FAILED, "EIO");
        gate.shut(Hold.LOG_FAILED, "second");
        gate.lift(Hold.LOG_FAILED);
        gate.lift(Hold.STARTING);

        assertThat(gate.view()).isEqualTo(new NodeGate.View(State.FENCED, "EIO"));
    }

    @Test
    void listeners_hear_of_changes_only() {
        List<State> heard = new ArrayList<>();
        gate.onChange(view -> heard.add(view.state()));

        gate.lift(Hold.ISOLATED);
        gate.lift(Hold.STARTING);
        gate.shut(Hold.FENCED, "x");
        gate.shut(Hold.FENCED, "x");

        assertThat(heard).containsExactly(State.OPEN, State.FENCED);
    }
}
