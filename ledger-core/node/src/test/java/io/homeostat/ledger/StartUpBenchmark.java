package io.homeostat.ledger;

import io.homeostat.ledger.archive.RunRowArchive;
import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.raft.RaftSnapshots;
import io.homeostat.ledger.state.Command;
import io.homeostat.ledger.state.Command.AccountClass;
import io.homeostat.ledger.state.Ledger;
import io.homeostat.ledger.state.LedgerImage;
import io.homeostat.ledger.state.LedgerStateLimits;
import io.homeostat.ledger.state.Reason;
import io.homeostat.ledger.testing.LocalCluster;
import io.homeostat.ledger.testing.OneNode;
import io.homeostat.ledger.testing.RandomTransfers;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * How long a node process with much history takes to serve, and what its memory is: fills a node's state through the state machine,
 * writes a snapshot where Raft looks for it, starts a real process with {@code -Xmx256m}, asks it for proofs and for old ids, kills it
 * (SIGKILL) and starts it again.
 *
 * <p>Arguments: number of transfers (10,000,000), folder (a temporary one, deleted at the end).
 */
final class StartUpBenchmark {
    private static final int ACCOUNTS = 100_000;
    private static final int BATCH = 8_000;
    private static final String HEAP = "-Xmx256m";
    private static final int QUESTIONS = 2_000;
    private static final long SEED = 7;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Path dir;
    private final long transfers;
    private final int httpPort;
    private final int raftPort;

    private StartUpBenchmark(Path dir, long transfers) throws IOException {
        this.dir = dir;
        this.transfers = transfers;
        try (ServerSocket one = new ServerSocket(0);
                ServerSocket other = new ServerSocket(0)) {
            httpPort = one.getLocalPort();
            raftPort = other.getLocalPort();
        }
    }

    public static void main(String[] args) throws Exception {
        long transfers = args.length > 0 ? Long.parseLong(args[0]) : 10_000_000;
        Path dir = args.length > 1 ? Files.createDirectories(Path.of(args[1])) : Files.createTempDirectory("start-up");
        try {
            new StartUpBenchmark(dir, transfers).run();
        } finally {
            if (args.length <= 1) {
                try (Stream<Path> files = Files.walk(dir)) {
                    files.sorted(Comparator.reverseOrder())
                            .forEach(file -> file.toFile().delete());
                }
            }
        }
    }

    private void run() throws Exception {
        // Files of one node: genesis, keys, tokens; the process itself is started apart, on ports of its own.
        try (LocalCluster files = new LocalCluster(dir, 1)) {
            Process first = start();
            awaitReady(first, System.nanoTime());
            kill(first);
            fill(files.genesis());
        }
        for (String what : List.of("after the fill", "after SIGKILL")) {
            long started = System.nanoTime();
            Process node = start();
            double seconds = awaitReady(node, started);
            System.out.printf(Locale.ROOT, "ready %s: %.2f s, %s%n", what, seconds, memory(node));
            ask(node);
            kill(node);
        }
    }

    private void fill(Genesis genesis) throws IOException {
        Path data = dir.resolve("n1");
        LedgerStateLimits limits = LedgerStateLimits.defaults();
        try (Ledger ledger = Ledger.open(
                data.resolve("journal"), new RunRowArchive(data.resolve("ids"), "n1"), genesis, "n1", limits)) {
            // What the first process decided was the genesis and ticks: the Raft log is replaced by the snapshot.
            long index = 1_000_000;
            long time = System.currentTimeMillis() * 1000 - transfers;
            ledger.apply(++index, new Command.Batch(time, List.of(new Command.Begin(genesis.body()))));
            for (int from = 0; from < ACCOUNTS; from += BATCH) {
                List<Command> accounts = new ArrayList<>();
                for (int i = from; i < Math.min(ACCOUNTS, from + BATCH); i++) {
                    accounts.add(new Command.CreateAccount("account-" + i, "EUR", 2, AccountClass.CUSTOMER, false));
                }
                ledger.apply(++index, new Command.Batch(++time, accounts));
            }
            Random random = new Random(SEED);
            long started = System.nanoTime();
            long applying = 0;
            for (long done = 0; done < transfers; done += BATCH) {
                List<Command> batch = RandomTransfers.batch(random, BATCH, ACCOUNTS, "shop");
                long before = System.nanoTime();
                for (Command.Outcome outcome : ledger.apply(++index, new Command.Batch(++time, batch))) {
                    if (outcome.reason() != Reason.OK) {
                        throw new AssertionError(outcome);
                    }
                }
                applying += System.nanoTime() - before;
                if (done / BATCH % 250 == 249) {
                    System.out.printf(
                            Locale.ROOT,
                            "%,d transfers, %.2f us each to apply%n",
                            done + BATCH,
                            applying / 1e3 / (done + BATCH));
                }
            }
            System.out.printf(Locale.ROOT, "filled in %.0f s%n", (System.nanoTime() - started) / 1e9);
            long writing = System.nanoTime();
            try (LedgerImage image = ledger.freeze()) {
                long bytes = RaftSnapshots.write(data, 1, index, image);
                forgetLog(data.resolve("raft"));
                System.out.printf(
                        Locale.ROOT, "snapshot: %,d bytes in %.2f s%n", bytes, (System.nanoTime() - writing) / 1e9);
            }
        }
        System.out.printf(
                Locale.ROOT,
                "on disk: journal %,d MB, old transfers %,d MB%n",
                size(data.resolve("journal")),
                size(data.resolve("raft")));
    }

    /** As after an installation: the log begins behind the snapshot. */
    private static void forgetLog(Path raft) throws IOException {
        try (Stream<Path> files = Files.walk(raft)) {
            for (Path file : files.filter(f -> f.getFileName().toString().startsWith("log_"))
                    .toList()) {
                Files.delete(file);
            }
        }
    }

    /** Old ids, each once: proofs of the transfer, and the same request again. */
    private void ask(Process node) throws Exception {
        Random random = new Random(SEED);
        List<Command.CreateTransfer> some = new ArrayList<>();
        long step = Math.max(1, transfers / BATCH / (QUESTIONS / 8));
        for (long batch = 0; batch * BATCH < transfers; batch++) {
            List<Command> all = RandomTransfers.batch(random, BATCH, ACCOUNTS, "shop");
            for (int i = 0; i < 8 && batch % step == 0; i++) {
                some.add((Command.CreateTransfer) all.get(i * (BATCH / 8)));
            }
        }
        java.util.Collections.shuffle(some, random);
        double[] proofs = new double[some.size()];
        double[] repeats = new double[some.size()];
        for (int i = 0; i < some.size(); i++) {
            Command.CreateTransfer old = some.get(i);
            long started = System.nanoTime();
            HttpResponse<String> proof = send("GET", "/v1/transfers/" + old.id() + "/proof", LocalCluster.READER, null);
            proofs[i] = (System.nanoTime() - started) / 1e6;
            started = System.nanoTime();
            HttpResponse<String> again = send(
                    "POST",
                    "/v1/transfers",
                    LocalCluster.CLIENT,
                    String.format(
                            Locale.ROOT,
                            "{\"id\":\"%s\",\"debit\":\"%s\",\"credit\":\"%s\",\"amount\":%d,\"asset\":\"EUR\"}",
                            old.id(),
                            old.debit(),
                            old.credit(),
                            old.amount()));
            repeats[i] = (System.nanoTime() - started) / 1e6;
            if (proof.statusCode() != 200 || !again.body().contains("duplicate")) {
                throw new AssertionError(proof.statusCode() + " " + again.body());
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%d old ids over HTTP: proof %s, the same request again %s, %s%n",
                some.size(),
                percentiles(proofs),
                percentiles(repeats),
                memory(node));
    }

    private static String percentiles(double[] millis) {
        Arrays.sort(millis);
        return String.format(
                Locale.ROOT,
                "p50 %.2f ms p99 %.2f ms",
                millis[millis.length / 2],
                millis[Math.min(millis.length - 1, millis.length * 99 / 100)]);
    }

    private Process start() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        HEAP,
                        "-cp",
                        System.getProperty("java.class.path"),
                        OneNode.class.getName(),
                        dir.toString(),
                        Integer.toString(httpPort),
                        Integer.toString(raftPort))
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("node.log").toFile())
                .start();
    }

    private double awaitReady(Process node, long started) throws Exception {
        while (true) {
            if (!node.isAlive()) {
                throw new IllegalStateException("the node ended:\n" + Files.readString(dir.resolve("node.log")));
            }
            try {
                if (send("GET", "/health/ready", LocalCluster.READER, null).statusCode() == 200) {
                    return (System.nanoTime() - started) / 1e9;
                }
            } catch (IOException e) {
                // It does not listen yet.
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private static void kill(Process node) throws InterruptedException {
        node.destroyForcibly().waitFor();
    }

    private HttpResponse<String> send(String method, String path, String token, String body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + path))
                .header("Authorization", "Bearer " + token)
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Used heap after a full collection, and resident memory. */
    private static String memory(Process node) throws Exception {
        jcmd(node, "GC.run");
        String heap = jcmd(node, "GC.heap_info")
                .lines()
                .filter(line -> line.contains("used"))
                .findFirst()
                .orElse("?")
                .strip();
        String resident = Files.readAllLines(Path.of("/proc/" + node.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS"))
                .findFirst()
                .orElse("?")
                .replaceAll("\\s+", " ");
        return "heap [" + heap + "] " + resident;
    }

    private static String jcmd(Process node, String command) throws Exception {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(node.pid()),
                        command)
                .redirectErrorStream(true)
                .start();
        try (InputStream out = jcmd.getInputStream()) {
            return new String(out.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static long size(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                            .mapToLong(file -> file.toFile().length())
                            .sum()
                    >> 20;
        }
    }
}
