package io.homeostat.ledger.http;

import io.homeostat.ledger.LedgerNodeConfig;
import java.nio.BufferUnderflowException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Takes single transfers from a follower to the leader, many in one request: what arrives while relays are under way goes
 * with the next one. Each goes with its own client's token, which the leader checks; so a follower needs no power to speak
 * for others (docs/adr/0010).
 *
 * <p>Thread-safe. What waits is bounded by the admitted requests, what is under way by {@value #UNDER_WAY} frames.
 */
final class Relay {
    /** One is on its way while the other is answered. */
    private static final int UNDER_WAY = 2;

    private final Carrier carrier;
    private final Deque<Waiting> queue = new ArrayDeque<>();
    private int underWay;

    /** Sends one frame; the answer tells what came of all of it, or the failure is a {@link Problem} for each item. */
    @FunctionalInterface
    interface Carrier {
        CompletionStage<Answer> send(LedgerNodeConfig.Peer leader, byte[] frame);
    }

    private record Waiting(LedgerNodeConfig.Peer leader, RelayFrame.Item item, CompletableFuture<Answer> answer) {}

    Relay(Carrier carrier) {
        this.carrier = carrier;
    }

    CompletionStage<Answer> forward(LedgerNodeConfig.Peer leader, RelayFrame.Item item) {
        Waiting waiting = new Waiting(leader, item, new CompletableFuture<>());
        synchronized (this) {
            queue.add(waiting);
        }
        sendMore();
        return waiting.answer;
    }

    private void sendMore() {
        for (List<Waiting> frame = next(); !frame.isEmpty(); frame = next()) {
            send(frame);
        }
    }

    /** What waits for one leader, as much of it as one frame takes. */
    private synchronized List<Waiting> next() {
        List<Waiting> frame = new ArrayList<>();
        if (underWay == UNDER_WAY || queue.isEmpty()) {
            return frame;
        }
        LedgerNodeConfig.Peer leader = queue.getFirst().leader;
        int bytes = 0;
        while (!queue.isEmpty() && frame.size() < RelayFrame.MAX_ITEMS) {
            Waiting first = queue.getFirst();
            bytes += first.item.bytes();
            if (!first.leader.equals(leader) || bytes > RelayFrame.MAX_BYTES) {
                break;
            }
            frame.add(queue.removeFirst());
        }
        underWay++;
        return frame;
    }

    private void send(List<Waiting> frame) {
        CompletionStage<Answer> sent;
        try {
            sent = carrier.send(
                    frame.get(0).leader,
                    RelayFrame.write(frame.stream().map(Waiting::item).toList()));
        } catch (RuntimeException e) {
            sent = CompletableFuture.failedFuture(e);
        }
        sent.whenComplete((answer, failure) -> {
            synchronized (this) {
                underWay--;
            }
            sendMore();
            if (failure != null) {
                frame.forEach(waiting -> waiting.answer.completeExceptionally(failure));
            } else {
                answered(frame, answer);
            }
        });
    }

    private static void answered(List<Waiting> frame, Answer answer) {
        if (answer.status() != 200) {
            // The leader refused the frame as a whole, before it looked into it, unless it failed half-way.
            boolean untouched = answer.status() == 503 || answer.status() == 429;
            Problem problem = untouched
                    ? Problem.unavailable("the leader takes no relay now; try again")
                    : Problem.unknownOutcome("the leader answered a relay with " + answer.status()
                            + "; ask for the outcome, or send the same request again");
            frame.forEach(waiting -> waiting.answer.completeExceptionally(problem));
            return;
        }
        List<Answer> answers;
        try {
            answers = RelayFrame.readAnswers(answer.body());
        } catch (BufferUnderflowException e) {
            answers = List.of();
        }
        for (int i = 0; i < frame.size(); i++) {
            if (answers.size() == frame.size()) {
                frame.get(i).answer.complete(answers.get(i));
            } else {
                frame.get(i)
                        .answer
                        .completeExceptionally(Problem.unknownOutcome(
                                "the leader answered a relay of " + frame.size() + " transfers with " + answers.size()
                                        + " outcomes; ask for the outcome, or send the same request again"));
            }
        }
    }
}
