package io.homeostat.merkle.cli;

import io.homeostat.merkle.bundle.VerifyCommand;
import io.homeostat.merkle.witness.WitnessCommand;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** {@code java -jar ledger-merkle.jar verify|witness ...}. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        List<String> given = List.of(args);
        int exitCode = !given.isEmpty() && given.get(0).equals("witness")
                ? WitnessCommand.run(given.subList(1, given.size()), out, err)
                : VerifyCommand.run(given, out, err);
        out.flush();
        System.exit(exitCode);
    }
}
