package io.homeostat.ledger.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.ledger.LedgerNodeLimits;
import io.homeostat.ledger.state.Command;
import io.homeostat.ledger.state.Reason;
import io.homeostat.ledger.testing.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GroupCommitTest {
    private static final Duration SOON = Duration.ofSeconds(5);
    private final List<Entry> entries = new CopyOnWriteArrayList<>();
    private final GroupCommit commit = new GroupCommit("test-commit", LedgerNodeLimits.DEFAULTS, this::replicate);

    private record Entry(List<Command> commands, CompletableFuture<Committed> done) {
        void complete() {
            List<Command.Outcome> outcomes = new ArrayList<>();
            for (Command command : commands) {
                outcomes.add(new Command.Outcome(Reason.OK, 0, ((Command.VoidHold) command).principal(), null));
            }
            done.complete(new Committed(1, outcomes, List.of()));
        }
    }

    private CompletableFuture<Committed> replicate(List<Command> commands) {
        if (commands.contains(named("poison"))) {
            throw new IllegalArgumentException("principal must not be poison");
        }
        Entry entry = new Entry(List.copyOf(commands), new CompletableFuture<>());
        entries.add(entry);
        return entry.done;
    }

    private static Command named(String principal) {
        return new Command.VoidHold(new java.util.UUID(0, 1), principal);
    }

    @AfterEach
    void close() {
        commit.close();
    }

    /** Two entries that do not end: from here on small groups wait for company. */
    private void busy() {
        commit.submit(List.of(named("first")));
        Eventually.holds("the first entry goes alone", SOON, () -> entries.size() == 1);
        commit.submit(List.of(named("second")));
        Eventually.holds("the second entry goes alone", SOON, () -> entries.size() == 2);
    }

    @Test
    void requests_that_come_while_entries_are_in_flight_share_one_and_each_has_its_own_outcomes() {
        busy();

        CompletableFuture<Committed> a = commit.submit(List.of(named("a1"), named("a2")));
        CompletableFuture<Committed> b = commit.submit(List.of(named("b")));

        Eventually.holds(
                "both were sent",
                SOON,
                () -> entries.stream().mapToInt(e -> e.commands.size()).sum() == 5);
        entries.forEach(Entry::complete);
        assertThat(a.join().outcomes()).extracting(Command.Outcome::status).containsExactly("a1", "a2");
        assertThat(b.join().outcomes()).extracting(Command.Outcome::status).containsExactly("b");
    }

    @Test
    void a_full_entry_takes_no_more_and_the_rest_goes_with_the_next() {
        List<Command> most = java.util.Collections.nCopies(LedgerNodeLimits.DEFAULTS.commandsPerEntry(), named("x"));

        commit.submit(most);
        commit.submit(List.of(named("y")));

        Eventually.holds("two entries", SOON, () -> entries.size() == 2);
        assertThat(entries.get(0).commands).hasSize(most.size());
        assertThat(entries.get(1).commands).containsExactly(named("y"));
        assertThatThrownBy(() -> commit.submit(java.util.Collections.nCopies(most.size() + 1, named("x"))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_command_that_can_not_be_encoded_fails_alone() {
        busy();

        CompletableFuture<Committed> good = commit.submit(List.of(named("good")));
        CompletableFuture<Committed> poison = commit.submit(List.of(named("poison")));
        CompletableFuture<Committed> alsoGood = commit.submit(List.of(named("fine")));

        Eventually.holds(
                "the good ones were sent",
                SOON,
                () -> entries.stream()
                        .flatMap(e -> e.commands.stream())
                        .toList()
                        .containsAll(List.of(named("good"), named("fine"))));
        entries.forEach(Entry::complete);
        assertThat(good.join().outcomes()).hasSize(1);
        assertThat(alsoGood.join().outcomes()).hasSize(1);
        assertThatThrownBy(poison::join).hasRootCauseInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_failure_reaches_every_request_of_the_entry() {
        CompletableFuture<Committed> one = commit.submit(List.of(named("one")));
        Eventually.holds("it was sent", SOON, () -> entries.size() == 1);

        entries.get(0).done.completeExceptionally(new NotCommitted(NotCommitted.Kind.UNKNOWN, "no answer"));

        assertThatThrownBy(one::join)
                .isInstanceOf(CompletionException.class)
                .hasRootCauseInstanceOf(NotCommitted.class);
    }

    @Test
    void after_close_everything_is_refused_as_not_written() {
        commit.close();

        CompletableFuture<Committed> late = commit.submit(List.of(named("late")));

        assertThatThrownBy(late::join)
                .hasRootCauseInstanceOf(NotCommitted.class)
                .extracting(e -> ((NotCommitted) e.getCause()).kind())
                .isEqualTo(NotCommitted.Kind.NO_LEADER);
    }
}
