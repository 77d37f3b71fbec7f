package io.homeostat.ledger.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ReadBarrierTest {
    private final List<CompletableFuture<Void>> rounds = new ArrayList<>();
    private final ReadBarrier barrier = new ReadBarrier(() -> {
        CompletableFuture<Void> round = new CompletableFuture<>();
        rounds.add(round);
        return round;
    });

    @Test
    void reads_that_come_during_a_round_share_the_next_one_and_never_the_running_one() {
        CompletableFuture<Void> first = barrier.pass();
        CompletableFuture<Void> second = barrier.pass();
        CompletableFuture<Void> third = barrier.pass();

        rounds.get(0).complete(null);

        assertThat(first).isCompleted();
        assertThat(second).isNotDone();
        assertThat(third).isNotDone();
        assertThat(rounds).hasSize(2);
        rounds.get(1).complete(null);
        assertThat(second).isCompleted();
        assertThat(third).isCompleted();
    }

    @Test
    void a_failed_round_fails_its_reads_only() {
        CompletableFuture<Void> first = barrier.pass();
        CompletableFuture<Void> second = barrier.pass();

        rounds.get(0).completeExceptionally(new IllegalStateException("no quorum"));
        rounds.get(1).complete(null);

        assertThat(first).isCompletedExceptionally();
        assertThat(second).isCompleted();
    }

    @Test
    void a_read_after_quiet_begins_a_round_of_its_own() {
        barrier.pass();
        rounds.get(0).complete(null);

        CompletableFuture<Void> later = barrier.pass();

        assertThat(rounds).hasSize(2);
        rounds.get(1).complete(null);
        assertThat(later).isCompleted();
    }
}
