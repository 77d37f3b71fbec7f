package io.homeostat.merkle.witness;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.merkle.Ed25519;
import io.homeostat.merkle.cli.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real command in a process of its own, killed with SIGKILL while honest and forking submitters press it. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class WitnessKillIT {
    private static final int KILLS = 4;
    private static final int LEAVES = 400;
    private static final int SUBMITTERS = 4;

    @TempDir
    Path dir;

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    @Test
    void whatever_it_answered_before_a_kill_binds_it_after() throws Exception {
        long seed = Long.getLong("seed", 20261121);
        Ed25519.writePem(dir.resolve("witness.pem"), Ed25519.generate().privateKey());
        Map<Long, byte[]> cosigned = new ConcurrentHashMap<>();
        AtomicInteger contradictions = new AtomicInteger();
        try (WitnessedLog log = new WitnessedLog(dir.resolve("log"), LEAVES, LEAVES);
                WitnessedLog fork = new WitnessedLog(dir.resolve("fork"), LEAVES, 5)) {
            for (int life = 0; life <= KILLS; life++) {
                Running running = start();
                ExecutorService submitters = Executors.newFixedThreadPool(SUBMITTERS);
                int target = 60 * (life + 1);
                CountDownLatch answered = new CountDownLatch(30);
                for (int i = 0; i < SUBMITTERS; i++) {
                    Random random = new Random(seed + life * 100L + i);
                    WitnessedLog mine = i % 2 == 0 ? log : fork;
                    submitters.execute(() -> press(running, mine, random, target, cosigned, contradictions, answered));
                }
                // Killed while requests are under way; the last life is let run to its end.
                if (life < KILLS) {
                    assertThat(answered.await(60, TimeUnit.SECONDS)).isTrue();
                    running.process.destroyForcibly();
                }
                submitters.shutdown();
                assertThat(submitters.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
                running.process.destroyForcibly().waitFor();
            }
            assertThat(contradictions).hasValue(0);
            assertThat(cosigned).as("seed %d", seed).isNotEmpty();
            boolean honest = cosigned.entrySet().stream()
                    .allMatch(head -> Arrays.equals(head.getValue(), log.root(head.getKey())));
            boolean forked = cosigned.entrySet().stream()
                    .allMatch(head -> Arrays.equals(head.getValue(), fork.root(head.getKey())));
            assertThat(honest || forked).as("seed %d", seed).isTrue();
        }
    }

    /** Asks with what the witness says it has, until it is killed or the log has grown to the target. */
    private void press(
            Running running,
            WitnessedLog log,
            Random random,
            int target,
            Map<Long, byte[]> cosigned,
            AtomicInteger contradictions,
            CountDownLatch answered) {
        long old = 0;
        int refused = 0;
        try {
            while (old < target && refused < 20) {
                long size = Math.min(LEAVES, old + 1 + random.nextInt(5));
                byte[] body;
                byte[] root;
                synchronized (log) {
                    body = log.request(old, size);
                    root = log.root(size);
                }
                HttpResponse<String> answer = http.send(
                        HttpRequest.newBuilder(running.uri)
                                .timeout(Duration.ofSeconds(20))
                                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                answered.countDown();
                if (answer.statusCode() == 200) {
                    byte[] before = cosigned.put(size, root);
                    if (before != null && !Arrays.equals(before, root)) {
                        contradictions.incrementAndGet();
                    }
                    old = size;
                } else if (answer.statusCode() == 409) {
                    old = Long.parseLong(answer.body().strip());
                } else {
                    refused++;
                }
            }
        } catch (IOException e) {
            // Killed: what was not answered may or may not be on its disk, and binds nobody else.
            answered.countDown();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private record Running(Process process, URI uri) {}

    private Running start() throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "witness",
                        "--listen",
                        "0",
                        "--name",
                        "witness.example/w1",
                        "--key",
                        dir.resolve("witness.pem").toString(),
                        "--state",
                        dir.resolve("state").toString(),
                        "--log-origin",
                        WitnessedLog.ORIGIN,
                        "--log-key",
                        WitnessedLog.KEY.text())
                .redirectErrorStream(true)
                .start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        StringBuilder said = new StringBuilder();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            said.append(line).append('\n');
            if (line.startsWith("listening on ")) {
                String port = line.substring(line.lastIndexOf(':') + 1);
                return new Running(process, URI.create("http://127.0.0.1:" + port + "/add-checkpoint"));
            }
        }
        throw new AssertionError("the witness did not start: " + said);
    }
}
