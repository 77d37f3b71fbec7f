package io.homeostat.ledger.witness;

import io.homeostat.ledger.state.Ledger;
import io.homeostat.merkle.Checkpoint;
import io.homeostat.merkle.Cosignature;
import io.homeostat.merkle.SignedNote;
import io.homeostat.merkle.witness.AddCheckpoint;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * While this node leads, asks all witnesses about the newest head, publishes it with the cosignatures that came, and begins
 * again. A witness that fails is left out for longer and longer, up to a minute.
 *
 * <p>One thread; nothing is queued, because a head that was not asked about is covered by the next.
 */
public final class WitnessRounds implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WitnessRounds.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration ANSWER = Duration.ofSeconds(3);
    private static final Duration STOP = Duration.ofSeconds(2);
    private static final int MOST_FAILURES = 6;

    /** More than a few would make notes long; a policy of witnesses rarely names more. */
    public static final int MOST_WITNESSES = 8;

    private final Ledger ledger;
    private final SignedHeads heads;
    private final BooleanSupplier leads;
    private final List<Known> witnesses;
    private final HttpClient http;
    private final Thread thread;
    private final CountDownLatch closing = new CountDownLatch(1);

    /** What is known of one witness. Used by the one thread only. */
    private static final class Known {
        private final WitnessTarget target;
        /** Of the newest head that it cosigned; told by itself when it is another. */
        private long size;

        private int failures;
        private long notBeforeNanos;

        Known(WitnessTarget target) {
            this.target = target;
        }
    }

    /**
     * @param leads asked often; only a leader's heads are submitted
     * @throws IllegalArgumentException when there are more than {@link #MOST_WITNESSES}
     */
    public WitnessRounds(
            Ledger ledger, SignedHeads heads, BooleanSupplier leads, List<WitnessTarget> targets, String nodeId) {
        if (targets.size() > MOST_WITNESSES) {
            throw new IllegalArgumentException(
                    "at most " + MOST_WITNESSES + " witnesses are asked but " + targets.size() + " are given");
        }
        this.ledger = ledger;
        this.heads = heads;
        this.leads = leads;
        this.witnesses = targets.stream().map(Known::new).toList();
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(ANSWER)
                .build();
        this.thread = new Thread(this::run, "ledger-witness-" + nodeId);
        thread.setDaemon(true);
    }

    /** Does nothing when there are no witnesses. */
    public void start() {
        if (!witnesses.isEmpty()) {
            thread.start();
        }
    }

    @Override
    public void close() {
        closing.countDown();
        thread.interrupt();
        try {
            thread.join(STOP.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (!closing.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
                if (!leads.getAsBoolean() || !ledger.begun()) {
                    heads.withdraw();
                    continue;
                }
                try {
                    round();
                } catch (RuntimeException e) {
                    // The top of this thread: the ledger may be closing, or a proof was refused; the next round asks
                    // again.
                    LOG.atWarn().setCause(e).log("witness.round_failed");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IllegalStateException e) {
            LOG.atDebug().setCause(e).log("witness.stopped: the ledger is closed");
        }
    }

    private void round() throws InterruptedException {
        SignedNote note = heads.current();
        long size = Checkpoint.parse(note.text()).size();
        List<CompletableFuture<Void>> asked = new ArrayList<>();
        List<SignedNote.NoteSignature> cosignatures = new ArrayList<>();
        long now = System.nanoTime();
        for (Known witness : witnesses) {
            if (now - witness.notBeforeNanos >= 0) {
                CompletableFuture<Void> answered = ask(witness, note, size, true)
                        .handle((signature, failure) -> {
                            synchronized (cosignatures) {
                                if (failure == null) {
                                    cosignatures.add(signature);
                                }
                                settle(witness, failure);
                            }
                            return null;
                        });
                asked.add(answered);
            }
        }
        try {
            CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
                    .get(3 * ANSWER.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.atDebug().setCause(e).log("witness.round_incomplete");
        }
        SignedNote cosigned = note;
        synchronized (cosignatures) {
            for (SignedNote.NoteSignature cosignature : cosignatures) {
                cosigned = cosigned.with(cosignature);
            }
        }
        if (cosigned.signatures().size() > note.signatures().size()) {
            heads.publish(cosigned);
        }
    }

    private CompletableFuture<SignedNote.NoteSignature> ask(Known witness, SignedNote note, long size, boolean again) {
        long old = witness.size;
        if (old > size) {
            // It knows more than this node: another leader's head, or a history that is not ours.
            return CompletableFuture.failedFuture(
                    new IOException("it has cosigned " + old + " leaves but this node has " + size));
        }
        byte[] body = AddCheckpoint.encode(old, ledger.consistencyProof(old, size), note.encode());
        HttpRequest request = HttpRequest.newBuilder(witness.target.addCheckpoint())
                .timeout(ANSWER)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        return http.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray()).thenCompose(response -> {
            String text = new String(response.body(), StandardCharsets.UTF_8);
            if (response.statusCode() == 409 && again && text.matches("[0-9]{1,18}\n")) {
                witness.size = Long.parseLong(text.strip());
                return ask(witness, note, size, false);
            }
            if (response.statusCode() != 200) {
                return CompletableFuture.failedFuture(new IOException("it answered " + response.statusCode() + ": "
                        + text.substring(0, Math.min(200, text.length())).strip()));
            }
            witness.size = size;
            return cosignature(witness, note, text);
        });
    }

    /** The one line by the witness's own key; what does not verify counts as no answer. */
    private static CompletableFuture<SignedNote.NoteSignature> cosignature(
            Known witness, SignedNote note, String lines) {
        try {
            for (String line : lines.split("\n")) {
                SignedNote.NoteSignature signature = SignedNote.signature(line);
                if (Cosignature.time(note.with(signature), witness.target.key()).isPresent()) {
                    return CompletableFuture.completedFuture(signature);
                }
            }
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(new IOException("it answered no signature line", e));
        }
        return CompletableFuture.failedFuture(
                new IOException("its answer holds no cosignature of the key that is configured"));
    }

    /** Said once when it begins and once when it ends. */
    private static void settle(Known witness, @Nullable Throwable failure) {
        if (failure == null) {
            if (witness.failures > 0) {
                LOG.atInfo().addKeyValue("witness", witness.target.key().name()).log("witness.back");
            }
            witness.failures = 0;
            return;
        }
        if (witness.failures == 0) {
            Throwable cause = failure.getCause() == null ? failure : failure.getCause();
            LOG.atWarn()
                    .addKeyValue("witness", witness.target.key().name())
                    .addKeyValue("found", String.valueOf(cause))
                    .log("witness.failed: heads are published without it until it answers");
        }
        witness.failures = Math.min(MOST_FAILURES, witness.failures + 1);
        witness.notBeforeNanos = System.nanoTime() + PAUSE.toNanos() * (1L << witness.failures);
    }
}
