package io.homeostat.deploy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The offline proof; the same code runs on the proof module's jar alone. */
@Command(
        name = "verify",
        description = {
            "Checks a bundle offline: integrity, completeness of gated postings, authorship, freshness.",
            "Exits 0 when integrity and completeness pass and nothing fails, else 1."
        },
        footer = {
            "%nExamples:",
            "  ./homeostat verify incident.bundle",
            "  ./homeostat verify incident.bundle --trust genesis.leaf --json",
            "  java -cp ledger-merkle-0.1.0.jar io.homeostat.merkle.bundle.VerifyCommand verify incident.bundle"
        })
final class VerifyCommand implements Callable<Integer> {
    @Parameters(paramLabel = "BUNDLE", description = "the bundle's file")
    private Path bundle = Path.of("");

    @Option(names = "--trust", paramLabel = "GENESIS", description = "the GENESIS leaf that you trust, as a file")
    private Optional<Path> trust = Optional.empty();

    @Option(
            names = "--witness",
            paramLabel = "KEY",
            description = "verifier key of a witness that you trust; may be repeated")
    private List<String> witnesses = new ArrayList<>();

    @Option(
            names = "--quorum",
            paramLabel = "N",
            description = "how many witnesses must have cosigned (default: all given)")
    private Optional<Integer> quorum = Optional.empty();

    @Option(
            names = "--head",
            paramLabel = "NOTE",
            description = "a cosigned head that you have from elsewhere, as a file")
    private Optional<Path> head = Optional.empty();

    @Mixin
    private JsonOption json = new JsonOption();

    @Override
    public Integer call() {
        List<String> arguments = new ArrayList<>(List.of("verify", bundle.toString()));
        trust.ifPresent(file -> arguments.addAll(List.of("--trust", file.toString())));
        witnesses.forEach(key -> arguments.addAll(List.of("--witness", key)));
        quorum.ifPresent(needed -> arguments.addAll(List.of("--quorum", Integer.toString(needed))));
        head.ifPresent(file -> arguments.addAll(List.of("--head", file.toString())));
        if (json.wanted()) {
            arguments.add("--json");
        }
        return io.homeostat.merkle.bundle.VerifyCommand.run(arguments, System.out, System.err);
    }
}
