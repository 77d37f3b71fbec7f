package io.homeostat.ledger.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.ledger.LedgerNodeLimits;
import io.homeostat.ledger.state.Command;
import io.homeostat.ledger.state.CommandCodec;
import io.homeostat.ledger.state.EncodedCommands;
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
    private static final Duration SOON = Duration.ofSeconds(30);
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

    private CompletableFuture<Committed> replicate(List<EncodedCommands> requests) {
        List<Command> commands =
                CommandCodec.decode(CommandCodec.entry(requests)).commands();
        if (commands.contains(named("poison"))) {
            throw new IllegalStateException("the replica does not take poison");
        }
        Entry entry = new Entry(commands, new CompletableFuture<>());
        entries.add(entry);
        return entry.done;
    }

    private static Command named(String principal) {
        return new Command.VoidHold(new java.util.UUID(0, 1), principal);
    }

    private CompletableFuture<Committed> submit(Command... commands) {
        return commit.submit(CommandCodec.encodeAll(List.of(commands)));
    }

    @AfterEach
    void close() {
        commit.close();
    }

    /** An entry that does not end: from here on small groups wait for company. */
    private void busy() {
        submit(named("first"));
        Eventually.holds("the first entry goes alone", SOON, () -> entries.size() == 1);
    }

    @Test
    void requests_that_come_while_entries_are_in_flight_share_one_and_each_has_its_own_outcomes() {
        busy();

        CompletableFuture<Committed> a = submit(named("a1"), named("a2"));
        CompletableFuture<Committed> b = submit(named("b"));

        entries.get(0).complete();
        Eventually.holds("one entry for both", SOON, () -> entries.size() == 2);
        assertThat(entries.get(1).commands).hasSize(3);
        entries.get(1).complete();
        assertThat(a.join().outcomes()).extracting(Command.Outcome::status).containsExactly("a1", "a2");
        assertThat(b.join().outcomes()).extracting(Command.Outcome::status).containsExactly("b");
    }

    @Test
    void a_full_entry_takes_no_more_and_the_rest_goes_with_the_next() {
        List<Command> most = java.util.Collections.nCopies(LedgerNodeLimits.DEFAULTS.commandsPerEntry(), named("x"));

        commit.submit(CommandCodec.encodeAll(most));
        submit(named("y"));

        Eventually.holds("the full entry", SOON, () -> !entries.isEmpty());
        entries.get(0).complete();
        Eventually.holds("two entries", SOON, () -> entries.size() == 2);
        assertThat(entries.get(0).commands).hasSize(most.size());
        assertThat(entries.get(1).commands).containsExactly(named("y"));
        EncodedCommands tooMany = CommandCodec.encodeAll(java.util.Collections.nCopies(most.size() + 1, named("x")));
        assertThatThrownBy(() -> commit.submit(tooMany)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void small_groups_wait_for_an_entry_to_end_and_large_ones_do_not() {
        busy();

        submit(named("small"));
        assertThat(commit.depth()).isEqualTo(1);
        commit.submit(CommandCodec.encodeAll(
                java.util.Collections.nCopies(LedgerNodeLimits.DEFAULTS.smallGroupCommands() - 1, named("many"))));

        Eventually.holds("together they are large enough", SOON, () -> entries.size() == 2);
        assertThat(entries.get(1).commands).hasSize(LedgerNodeLimits.DEFAULTS.smallGroupCommands());
        assertThat(commit.depth()).isZero();

        submit(named("next"));
        entries.get(0).complete();
        entries.get(1).complete();

        Eventually.holds("an entry that ends lets the small one go", SOON, () -> entries.size() == 3);
    }

    @Test
    void an_entry_that_can_not_be_submitted_fails_and_the_next_goes_on() {
        CompletableFuture<Committed> poison = submit(named("poison"));
        assertThatThrownBy(poison::join).hasRootCauseInstanceOf(IllegalStateException.class);

        CompletableFuture<Committed> good = submit(named("good"));

        Eventually.holds("it was sent", SOON, () -> entries.size() == 1);
        entries.forEach(Entry::complete);
        assertThat(good.join().outcomes()).hasSize(1);
    }

    @Test
    void a_failure_reaches_every_request_of_the_entry() {
        CompletableFuture<Committed> one = submit(named("one"));
        Eventually.holds("it was sent", SOON, () -> entries.size() == 1);

        entries.get(0).done.completeExceptionally(new NotCommitted(NotCommitted.Kind.UNKNOWN, "no answer"));

        assertThatThrownBy(one::join)
                .isInstanceOf(CompletionException.class)
                .hasRootCauseInstanceOf(NotCommitted.class);
    }

    @Test
    void after_close_everything_is_refused_as_not_written() {
        commit.close();

        CompletableFuture<Committed> late = submit(named("late"));

        assertThatThrownBy(late::join)
                .hasRootCauseInstanceOf(NotCommitted.class)
                .extracting(e -> ((NotCommitted) e.getCause()).kind())
                .isEqualTo(NotCommitted.Kind.NO_LEADER);
    }
}
