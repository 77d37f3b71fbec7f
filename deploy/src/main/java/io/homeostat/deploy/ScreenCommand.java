package io.homeostat.deploy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.homeostat.deploy.rest.Rest;
import io.homeostat.detector.screening.OfflineScreening;
import io.homeostat.detector.screening.Pattern;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Screening of a file, by the code that screens in the job. */
@Command(
        name = "screen",
        description = {
            "Scores the transfers of a CSV file for liquidity patterns: one line a row, higher is odder.",
            "Read are from,to,amount and date or timestamp (and asset, where it is); .gz is read and written.",
            "Every row is judged by the rows before it, then learnt. Other columns, labels too, are never looked at."
        },
        footer = {
            "%nExamples:",
            "  ./homeostat screen --transfers transfers.csv.gz --out scores.csv",
            "  ./homeostat screen --transfers t.csv --out scores.csv --review-per-day 25 --settlement CASH,BANK: --json",
            "  ./homeostat screen --transfers t.csv --out scores.csv --without amount_rare,repeats",
            "%nThe lines are row,verdict,patterns,score; a row is odd when people would look at it."
        })
final class ScreenCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--transfers", paramLabel = "FILE", required = true, description = "transfers, oldest first")
    private Path transfers = Path.of("");

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "a line per transfer")
    private Path out = Path.of("");

    @Option(
            names = "--review-per-day",
            paramLabel = "N",
            defaultValue = "50",
            description = "transfers that people can look at a day (${DEFAULT-VALUE})")
    private double reviewPerDay;

    @Option(
            names = "--settlement",
            paramLabel = "PREFIXES",
            split = ",",
            description =
                    "accounts that begin so stand for the bank, cash or other banks: their net position is watched")
    private List<String> settlement = List.of();

    @Option(
            names = "--without",
            paramLabel = "PATTERNS",
            split = ",",
            description = "patterns that count nothing, for ablations: ${COMPLETION-CANDIDATES}")
    private Set<Pattern> without = Set.of();

    @Option(
            names = "--asset",
            paramLabel = "CODE",
            defaultValue = "EUR",
            description = "asset of rows that name none (${DEFAULT-VALUE})")
    private String asset = "EUR";

    @Mixin
    private JsonOption json = new JsonOption();

    @Override
    public Integer call() throws Exception {
        OfflineScreening.Report report;
        try {
            if (!Files.isReadable(transfers) || Files.isDirectory(transfers)) {
                throw new IllegalArgumentException(
                        "--transfers: expected a file that can be read but found " + transfers);
            }
            report = OfflineScreening.run(
                    new OfflineScreening.Request(transfers, out, reviewPerDay, without, settlement, asset),
                    line -> System.err.println("screen: " + line));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        if (json.wanted()) {
            ObjectNode node = Rest.JSON.createObjectNode();
            node.put("transfers", report.rows())
                    .put("accounts", report.accounts())
                    .put("days", Math.round(report.days()))
                    .put("odd", report.odd())
                    .put("oddPerDay", report.odd() / report.days())
                    .put("rowsPerSecond", Math.round(report.rowsPerSecond()))
                    .put("p99Micros", report.p99Micros());
            ObjectNode patterns = node.putObject("patterns");
            report.patterns().forEach(patterns::put);
            System.out.println(Rest.JSON.writeValueAsString(node));
        } else {
            System.out.printf(
                    Locale.ROOT,
                    "screened %d transfers of %d accounts over %.0f days (%.0f/s, p99 %.0f us each): %d odd, %.1f a day%n",
                    report.rows(),
                    report.accounts(),
                    report.days(),
                    report.rowsPerSecond(),
                    report.p99Micros(),
                    report.odd(),
                    report.odd() / report.days());
        }
        return 0;
    }
}
