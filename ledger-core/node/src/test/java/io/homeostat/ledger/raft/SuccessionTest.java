package io.homeostat.ledger.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SuccessionTest {
    private final List<String> asked = new ArrayList<>();

    private Succession where(String voteless, String silent) {
        return new Succession(id -> {
            asked.add(id);
            return id.equals(silent)
                    ? CompletableFuture.failedFuture(new IOException("no answer"))
                    : CompletableFuture.completedFuture(!id.equals(voteless));
        });
    }

    @Test
    void the_first_that_votes_is_chosen_and_nobody_after_it_is_asked() {
        assertThat(where("n1", "").choose(List.of("n1", "n2", "n3")).join()).isEqualTo("n2");
        assertThat(asked).containsExactly("n1", "n2");
    }

    @Test
    void one_that_does_not_answer_is_not_taken_for_voteless() {
        assertThat(where("n1", "n2").choose(List.of("n1", "n2")).join()).isEqualTo("n2");
    }

    @Test
    void nobody_that_votes_is_a_refusal_with_a_reason() {
        Throwable refused =
                catchThrowable(() -> where("n1", "").choose(List.of("n1")).join());

        assertThat(refused).hasCauseInstanceOf(NotCommitted.class);
        NotCommitted cause = (NotCommitted) refused.getCause();
        assertThat(cause.kind()).isEqualTo(NotCommitted.Kind.REFUSED);
        assertThat(cause.reason()).isEqualTo("target_votes_withheld");
        assertThat(cause.detail()).contains("n1");
    }
}
