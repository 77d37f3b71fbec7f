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
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GroupCommitTest {
    private static final Duration SOON = Duration.ofMinutes(1);
    private static final int PRODUCERS = 4;
    private static final int REQUESTS_EACH = 300;
    private static final int PLACES = 16;
    private final List<Entry> entries = new CopyOnWriteArrayList<>();
    private final GroupCommit commit = new GroupCommit("test-commit", LedgerNodeLimits.DEFAULTS, this::replicate);

    private record Entry(List<Command> commands, CompletableFuture<Committed> done) {
        void complete() {
            done.complete(committed(commands));
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

    /**
     * The queue as many use it at once. It is not linearizable: a request that finds it full may have come beside one that
     * was refused a moment later, so that a place was free. What it keeps: no more than the bound wait; a request is in
     * exactly one entry when it is taken, in none when it is refused, and is told which; entries are as small and as few at once
     * as the limits say; and what one producer submits goes in its order.
     */
    @RepeatedTest(20)
    void many_producers_lose_nothing_double_nothing_and_keep_their_order_also_over_a_close(RepetitionInfo round)
            throws Exception {
        LedgerNodeLimits limits = LedgerNodeLimits.DEFAULTS.withRequestsInFlight(PLACES);
        Queue<List<Command>> sent = new ConcurrentLinkedQueue<>();
        AtomicInteger underWay = new AtomicInteger();
        AtomicInteger mostUnderWay = new AtomicInteger();
        ExecutorService replica = Executors.newFixedThreadPool(2);
        ExecutorService threads = Executors.newFixedThreadPool(PRODUCERS);
        Map<String, CompletableFuture<Committed>> told = new ConcurrentHashMap<>();
        GroupCommit group = new GroupCommit("many-commit", limits, requests -> {
            List<Command> commands =
                    CommandCodec.decode(CommandCodec.entry(requests)).commands();
            mostUnderWay.accumulateAndGet(underWay.incrementAndGet(), Math::max);
            sent.add(commands);
            return CompletableFuture.supplyAsync(
                    () -> {
                        underWay.decrementAndGet();
                        return committed(commands);
                    },
                    replica);
        });
        try {
            List<CompletableFuture<Void>> producers = new ArrayList<>();
            for (int producer = 0; producer < PRODUCERS; producer++) {
                int own = producer;
                producers.add(CompletableFuture.runAsync(
                        () -> {
                            for (int i = 0; i < REQUESTS_EACH; i++) {
                                if (own == 0 && i == REQUESTS_EACH / 2 && round.getCurrentRepetition() % 2 == 0) {
                                    group.close();
                                }
                                String name = own + "." + i;
                                told.put(name, group.submit(CommandCodec.encodeAll(List.of(named(name)))));
                                assertThat(group.depth()).isLessThanOrEqualTo(PLACES + PRODUCERS);
                            }
                        },
                        threads));
            }
            for (CompletableFuture<Void> producer : producers) {
                producer.get(SOON.toSeconds(), TimeUnit.SECONDS);
            }

            Map<String, Integer> entryOf = new HashMap<>();
            Map<String, Boolean> accepted = new HashMap<>();
            for (Map.Entry<String, CompletableFuture<Committed>> one : told.entrySet()) {
                accepted.put(
                        one.getKey(),
                        one.getValue()
                                .handle((committed, failure) -> failure == null
                                        && committed.outcomes().get(0).status().equals(one.getKey()))
                                .get(SOON.toSeconds(), TimeUnit.SECONDS));
            }
            int[] last = new int[PRODUCERS];
            Arrays.fill(last, -1);
            for (List<Command> entry : sent) {
                assertThat(entry.size()).isBetween(1, limits.commandsPerEntry());
                for (Command command : entry) {
                    String name = ((Command.VoidHold) command).principal();
                    assertThat(entryOf.merge(name, 1, Integer::sum))
                            .as(name + " once")
                            .isEqualTo(1);
                    int producer = Integer.parseInt(name.substring(0, name.indexOf('.')));
                    int number = Integer.parseInt(name.substring(name.indexOf('.') + 1));
                    assertThat(number).as("order of producer " + producer).isGreaterThan(last[producer]);
                    last[producer] = number;
                }
            }
            assertThat(told).hasSize(PRODUCERS * REQUESTS_EACH);
            accepted.forEach((name, taken) -> assertThat(entryOf.containsKey(name))
                    .as(name + " was told so")
                    .isEqualTo(taken));
            assertThat(mostUnderWay.get()).isLessThanOrEqualTo(limits.entriesInFlight());
            assertThat(group.depth()).isZero();
        } finally {
            group.close();
            threads.shutdownNow();
            replica.shutdownNow();
        }
    }

    private static Committed committed(List<Command> commands) {
        List<Command.Outcome> outcomes = new ArrayList<>();
        for (Command command : commands) {
            outcomes.add(new Command.Outcome(Reason.OK, 0, ((Command.VoidHold) command).principal(), null));
        }
        return new Committed(1, outcomes, List.of());
    }
}
