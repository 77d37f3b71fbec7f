package io.homeostat.ledger.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.homeostat.ledger.LedgerNodeConfig;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RelayTest {
    private static final LedgerNodeConfig.Peer N1 = new LedgerNodeConfig.Peer("n1", "z1", "127.0.0.1", 1, 2);
    private static final LedgerNodeConfig.Peer N2 = new LedgerNodeConfig.Peer("n2", "z2", "127.0.0.1", 3, 4);
    private final List<Frame> frames = new ArrayList<>();
    private final Relay relay = new Relay((leader, frame) -> {
        Frame sent = new Frame(leader, RelayFrame.read(frame), new CompletableFuture<>());
        frames.add(sent);
        return sent.answer;
    });

    private record Frame(LedgerNodeConfig.Peer leader, List<RelayFrame.Item> items, CompletableFuture<Answer> answer) {
        /** Every item is answered with its own body. */
        void echo() {
            List<Answer> answers = items.stream()
                    .map(item -> new Answer(200, "application/json", item.body()))
                    .toList();
            answer.complete(new Answer(200, RelayFrame.CONTENT_TYPE, RelayFrame.writeAnswers(answers)));
        }
    }

    private CompletableFuture<Answer> forward(LedgerNodeConfig.Peer leader, String body) {
        return relay.forward(leader, new RelayFrame.Item("Bearer t", "00-trace", body.getBytes(StandardCharsets.UTF_8)))
                .toCompletableFuture();
    }

    private static String text(CompletableFuture<Answer> answer) {
        return new String(answer.join().body(), StandardCharsets.UTF_8);
    }

    @Test
    void what_comes_while_two_frames_are_under_way_goes_together_and_each_gets_its_own_answer() {
        CompletableFuture<Answer> a = forward(N1, "a");
        CompletableFuture<Answer> b = forward(N1, "b");
        CompletableFuture<Answer> c = forward(N1, "c");
        CompletableFuture<Answer> d = forward(N1, "d");
        assertThat(frames).hasSize(2);

        frames.get(0).echo();

        assertThat(text(a)).isEqualTo("a");
        assertThat(frames).hasSize(3);
        assertThat(frames.get(2).items).hasSize(2);
        assertThat(frames.get(2).items.get(0).authorization()).isEqualTo("Bearer t");
        assertThat(frames.get(2).items.get(0).traceParent()).isEqualTo("00-trace");
        frames.get(2).echo();
        assertThat(text(c)).isEqualTo("c");
        assertThat(text(d)).isEqualTo("d");
        assertThat(b).isNotDone();
    }

    @Test
    void items_for_different_leaders_never_share_a_frame() {
        forward(N1, "a");
        forward(N1, "b");
        forward(N1, "c");
        forward(N2, "d");

        frames.get(0).echo();
        frames.get(1).echo();

        assertThat(frames).extracting(Frame::leader).containsExactly(N1, N1, N1, N2);
    }

    @Test
    void a_frame_is_bounded_in_items_and_bytes() {
        forward(N1, "x");
        forward(N1, "x");
        String large = "y".repeat(RelayFrame.MAX_BODY);
        for (int i = 0; i < 1000; i++) {
            forward(N1, large);
        }
        for (int i = 0; i < 2 * RelayFrame.MAX_ITEMS; i++) {
            forward(N1, "z");
        }

        for (int i = 0; i < frames.size(); i++) {
            assertThat(frames.get(i).items).hasSizeLessThanOrEqualTo(RelayFrame.MAX_ITEMS);
            assertThat(frames.get(i).items.stream()
                            .mapToInt(RelayFrame.Item::bytes)
                            .sum())
                    .isLessThanOrEqualTo(RelayFrame.MAX_BYTES);
            frames.get(i).echo();
        }

        assertThat(frames.stream().mapToInt(frame -> frame.items.size()).sum())
                .isEqualTo(2 + 1000 + 2 * RelayFrame.MAX_ITEMS);
    }

    @Test
    void a_leader_that_takes_no_relay_wrote_nothing_and_one_that_fails_leaves_the_outcome_unknown() {
        CompletableFuture<Answer> refused = forward(N1, "a");
        CompletableFuture<Answer> failed = forward(N1, "b");

        frames.get(0).answer.complete(Problem.unavailable("not the leader").answer());
        frames.get(1).answer.complete(Problem.internal("broken").answer());
        CompletableFuture<Answer> short_ = forward(N1, "c");
        frames.get(2).answer.complete(new Answer(200, RelayFrame.CONTENT_TYPE, new byte[] {0}));
        CompletableFuture<Answer> lost = forward(N1, "d");
        frames.get(3).answer.completeExceptionally(Problem.unknownOutcome("no answer"));

        assertThat(problem(refused).status()).isEqualTo(503);
        assertThat(problem(failed).status()).isEqualTo(504);
        assertThat(problem(short_).status()).isEqualTo(504);
        assertThat(problem(lost).status()).isEqualTo(504);
    }

    @Test
    void answers_keep_status_type_and_when_to_come_again() {
        Answer overloaded = Problem.overloaded("full", "1").answer();
        byte[] frame = RelayFrame.writeAnswers(List.of(overloaded, new Answer(422, "x/y", new byte[] {1})));

        List<Answer> read = RelayFrame.readAnswers(frame);

        assertThat(read.get(0).status()).isEqualTo(503);
        assertThat(read.get(0).contentType()).isEqualTo("application/problem+json");
        assertThat(read.get(0).headers()).containsExactly("Retry-After", "1");
        assertThat(read.get(1).status()).isEqualTo(422);
        assertThat(read.get(1).body()).containsExactly(1);
    }

    @Test
    void a_frame_that_is_cut_is_refused() {
        byte[] whole = RelayFrame.write(List.of(new RelayFrame.Item("Bearer t", "", new byte[10])));
        for (int length = 1; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> RelayFrame.read(cut)).isInstanceOf(Problem.class);
        }
    }

    private static Problem problem(CompletableFuture<Answer> answer) {
        CompletionException failure = catchThrowableOfType(CompletionException.class, answer::join);
        return (Problem) failure.getCause();
    }
}
