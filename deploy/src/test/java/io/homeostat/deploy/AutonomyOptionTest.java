package io.homeostat.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.events.ActionKind;
import io.homeostat.events.Autonomy;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class AutonomyOptionTest {
    @Command
    static class Some {
        @Mixin
        AutonomyOption autonomy = new AutonomyOption();
    }

    @Test
    void without_a_word_a_node_heals_by_itself() {
        AutonomyOption option = parsed();

        assertThat(option.policy().levelOf(ActionKind.RESTART)).isEqualTo(Autonomy.AUTO);
        assertThat(option.signedActions()).isEmpty();
    }

    @Test
    void what_people_must_sign_for_is_asked_by_the_healer_and_demanded_by_the_sidecar() {
        AutonomyOption option = parsed("--autonomy", "restart=approve,resync=observe,isolate=approve");

        assertThat(option.policy().levelOf(ActionKind.RESTART)).isEqualTo(Autonomy.APPROVE);
        assertThat(option.signedActions()).containsExactlyInAnyOrder(ActionKind.RESTART, ActionKind.RESYNC);
    }

    @Test
    void an_unknown_word_is_an_error_that_names_the_known_ones() {
        assertThatThrownBy(() -> parsed("--autonomy", "reboot=auto").policy()).hasMessageContaining("RESTART");
        assertThatThrownBy(() -> parsed("--autonomy", "restart=maybe").policy()).hasMessageContaining("APPROVE");
    }

    private static AutonomyOption parsed(String... arguments) {
        Some some = new Some();
        new CommandLine(some).parseArgs(arguments);
        return some.autonomy;
    }
}
