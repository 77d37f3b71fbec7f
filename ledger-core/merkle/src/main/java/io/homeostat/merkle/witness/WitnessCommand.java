package io.homeostat.merkle.witness;

import io.homeostat.merkle.Ed25519;
import io.homeostat.merkle.VerifierKey;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** The command line of a witness: {@code java -jar ledger-merkle.jar witness ...}. Ends with SIGTERM. */
public final class WitnessCommand {
    private static final int BAD_USAGE = 2;
    private static final String USAGE = """
            Usage: witness --listen [HOST:]PORT --name NAME --key PEM --state DIR
                           (--log-origin ORIGIN --log-key KEY...)...

            Cosigns heads of logs that continue the heads it cosigned before (c2sp.org/tlog-witness), on POST /add-checkpoint.
            Needs nothing but this file and a JDK. Run it where the log's operator has no access.

              --listen [HOST:]PORT  where it listens; HOST is 127.0.0.1 when left out
              --name NAME           name of its cosignatures, such as witness.example.org/w1
              --key PEM             its Ed25519 key as PKCS#8, made by: openssl genpkey -algorithm ed25519 -out PEM
              --state DIR           where it keeps the newest head of each log; never delete it
              --log-origin ORIGIN   a log, for Homeostat the ledger's name; the keys behind it are that log's
              --log-key KEY         a key that signs its heads: a verifier key (name+id+key), or NAME=BASE64 of the raw key;
                                    Homeostat's nodes sign as <ledger>/<node>, their keys stand in GET /v1/policy
              --help                this text

            Prints its own verifier key, which logs and verifiers are given. Exit code: 0 stopped, 1 failed, 2 bad usage.
            """;

    private WitnessCommand() {}

    /** Runs until the process is told to stop. */
    public static int run(List<String> args, PrintStream out, PrintStream err) {
        if (args.contains("--help") || args.contains("-h")) {
            out.print(USAGE);
            return 0;
        }
        Options options;
        try {
            options = parse(args);
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage());
            err.print(USAGE);
            return BAD_USAGE;
        }
        try (Witness witness =
                        new Witness(options.name, options.keys, options.logs, options.state, InstantSource.system());
                WitnessServer server = new WitnessServer(witness, options.listen)) {
            out.println("witness " + witness.verifierKey().text());
            options.logs.keySet().forEach(origin -> out.println("log " + origin + " at " + witness.size(origin)));
            out.println("listening on " + options.listen.getHostString() + ":" + server.port());
            out.flush();
            // The process ends by a signal; heads are durable at every moment, so there is nothing to save then.
            new CountDownLatch(1).await();
            return 0;
        } catch (IOException e) {
            err.println("the witness can not run: " + e.getMessage());
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private record Options(
            InetSocketAddress listen,
            String name,
            Ed25519.Keys keys,
            Path state,
            Map<String, List<VerifierKey>> logs) {}

    private static Options parse(List<String> args) {
        Map<String, String> once = new LinkedHashMap<>();
        Map<String, List<VerifierKey>> logs = new LinkedHashMap<>();
        List<VerifierKey> keysOfLog = null;
        for (int i = 0; i < args.size(); i += 2) {
            String option = args.get(i);
            if (i + 1 == args.size()) {
                throw new IllegalArgumentException(option + " needs a value");
            }
            String value = args.get(i + 1);
            switch (option) {
                case "--log-origin" -> {
                    keysOfLog = new ArrayList<>();
                    if (logs.put(value, keysOfLog) != null) {
                        throw new IllegalArgumentException("--log-origin " + value + " is given twice");
                    }
                }
                case "--log-key" -> keysOf(keysOfLog).add(key(value));
                case "--listen", "--name", "--key", "--state" -> {
                    if (once.put(option, value) != null) {
                        throw new IllegalArgumentException(option + " is given twice");
                    }
                }
                default -> throw new IllegalArgumentException("unknown option " + option);
            }
        }
        if (logs.isEmpty() || logs.values().stream().anyMatch(List::isEmpty)) {
            throw new IllegalArgumentException("--log-origin is needed, and one --log-key behind each at least");
        }
        return new Options(
                address(required(once, "--listen")),
                required(once, "--name"),
                pem(Path.of(required(once, "--key"))),
                Path.of(required(once, "--state")),
                logs);
    }

    private static List<VerifierKey> keysOf(@Nullable List<VerifierKey> log) {
        if (log == null) {
            throw new IllegalArgumentException("--log-key belongs behind the --log-origin of its log");
        }
        return log;
    }

    private static String required(Map<String, String> options, String name) {
        String value = options.get(name);
        if (value == null) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return value;
    }

    /** A name holds no plus, so one in front of the first equals sign is a verifier key's. */
    private static VerifierKey key(String text) {
        int equals = text.indexOf('=');
        boolean pair = equals > 0 && !text.substring(0, equals).contains("+");
        VerifierKey key = pair
                ? new VerifierKey(
                        text.substring(0, equals),
                        VerifierKey.Type.NOTE,
                        Base64.getDecoder().decode(text.substring(equals + 1)))
                : VerifierKey.parse(text);
        if (key.type() != VerifierKey.Type.NOTE) {
            throw new IllegalArgumentException("--log-key takes keys of type 0x01; " + key.name() + " is a witness's");
        }
        return key;
    }

    private static InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "127.0.0.1" : text.substring(0, colon);
        try {
            return new InetSocketAddress(host, Integer.parseInt(text.substring(colon + 1)));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "--listen must be [HOST:]PORT with a port of 0..65535 but is " + text, e);
        }
    }

    private static Ed25519.Keys pem(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("--key must be a file but there is none at " + file
                    + "; make one: openssl genpkey -algorithm ed25519");
        }
        try {
            return Ed25519.readPem(file);
        } catch (IOException e) {
            throw new IllegalArgumentException("--key can not be read: " + e.getMessage(), e);
        }
    }
}
