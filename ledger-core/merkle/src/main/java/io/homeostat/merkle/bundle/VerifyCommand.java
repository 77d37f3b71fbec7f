package io.homeostat.merkle.bundle;

import io.homeostat.merkle.SignedNote;
import io.homeostat.merkle.VerifierKey;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The command line of this jar when it runs alone: {@code java -jar ledger-merkle.jar verify BUNDLE}. Exit code 0 when the
 * bundle holds, 1 when it does not, 2 when it could not be asked.
 */
public final class VerifyCommand {
    private static final int BAD_USAGE = 2;
    private static final String USAGE = """
            Usage: verify BUNDLE [--trust GENESIS] [--witness KEY]... [--quorum N] [--head NOTE] [--json]

            Checks a bundle of a Homeostat ledger offline, with nothing but this file and a JDK.

              BUNDLE           the bundle file
              --trust GENESIS  file with the bytes of the GENESIS leaf that you trust; without it the keys are
                               the bundle's own and authorship stays unknown
              --witness KEY    verifier key of a witness (name+id+key) whose cosignatures you take for freshness
              --quorum N       how many of the witnesses must have cosigned a head; all when left out
              --head NOTE      file with a cosigned head that you have from elsewhere, such as from a witness: a bundle that
                               ends before it, or does not continue it, fails
              --json           one JSON object instead of text
              --help           this text

            Verdicts: integrity, completeness, authorship, freshness; each pass, fail or unknown.
            Exit code: 0 integrity and completeness pass and nothing fails, 1 otherwise, 2 bad usage.

            Examples:
              java -jar ledger-merkle.jar verify incident-7.bundle
              java -jar ledger-merkle.jar verify incident-7.bundle --trust genesis.leaf --json
            """;

    private VerifyCommand() {}

    public static void main(String[] args) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        int exitCode = run(List.of(args), out, err);
        out.flush();
        System.exit(exitCode);
    }

    /** The whole command but for ending the process. */
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
        try {
            VerificationReport report =
                    BundleVerifier.verify(options.bundle, Optional.ofNullable(options.trust), options.policy);
            out.print(options.json ? report.toJson() + "\n" : report.toText());
            return report.exitCode();
        } catch (IOException e) {
            err.println("the bundle could not be checked: " + e.getMessage());
            return BAD_USAGE;
        }
    }

    private record Options(Path bundle, @Nullable Path trust, WitnessPolicy policy, boolean json) {}

    private static Options parse(List<String> args) {
        if (args.isEmpty() || !args.get(0).equals("verify")) {
            throw new IllegalArgumentException("the first argument must be 'verify'");
        }
        Path bundle = null;
        Path trust = null;
        List<VerifierKey> witnesses = new ArrayList<>();
        String quorum = null;
        Path head = null;
        boolean json = false;
        for (int i = 1; i < args.size(); i++) {
            String arg = args.get(i);
            if (arg.equals("--json")) {
                json = true;
            } else if (arg.equals("--trust")) {
                if (trust != null || i + 1 == args.size()) {
                    throw new IllegalArgumentException("--trust takes one file, once");
                }
                i++;
                trust = file(args.get(i), "--trust");
            } else if (arg.equals("--witness") || arg.equals("--quorum") || arg.equals("--head")) {
                i++;
                if (i == args.size()) {
                    throw new IllegalArgumentException(arg + " needs a value");
                }
                switch (arg) {
                    case "--witness" -> witnesses.add(VerifierKey.parse(args.get(i)));
                    case "--quorum" -> quorum = args.get(i);
                    default -> head = file(args.get(i), "--head");
                }
            } else if (arg.startsWith("-")) {
                throw new IllegalArgumentException("unknown option " + arg);
            } else if (bundle != null) {
                throw new IllegalArgumentException("expected one BUNDLE but found two: " + bundle + " and " + arg);
            } else {
                bundle = file(arg, "BUNDLE");
            }
        }
        if (bundle == null) {
            throw new IllegalArgumentException("BUNDLE is missing");
        }
        return new Options(bundle, trust, policy(witnesses, quorum, head), json);
    }

    private static WitnessPolicy policy(List<VerifierKey> witnesses, @Nullable String quorum, @Nullable Path head) {
        try {
            int needed = quorum == null ? witnesses.size() : Integer.parseInt(quorum);
            return new WitnessPolicy(
                    witnesses,
                    needed,
                    head == null ? Optional.empty() : Optional.of(SignedNote.parse(Files.readAllBytes(head))));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("--quorum must be a number but is " + quorum, e);
        } catch (IOException e) {
            throw new IllegalArgumentException("--head can not be read: " + e.getMessage(), e);
        }
    }

    private static Path file(String name, String what) {
        Path path;
        try {
            path = Path.of(name);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(what + " is no file name: " + e.getMessage(), e);
        }
        if (!Files.isRegularFile(path)) {
            throw new IllegalArgumentException(what + " must be a file but there is none at " + name);
        }
        return path;
    }
}
