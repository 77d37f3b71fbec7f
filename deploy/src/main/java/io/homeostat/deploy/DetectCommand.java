package io.homeostat.deploy;

import io.homeostat.detector.model.Members;
import io.homeostat.detector.offline.OfflineDetector;
import io.homeostat.detector.offline.OfflineReport;
import io.homeostat.detector.offline.OfflineRequest;
import io.homeostat.detector.stream.AlarmLimits;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Detection on files, by the code that scores in the job. */
@Command(
        name = "detect",
        description = {
            "Scores the rows of a CSV file: one score a row, higher is odder.",
            "A column is a metric, a row a moment; .gz is read and written; a header may be there or not.",
            "Trains on --train, which should be normal work. A score depends on the rows before it only.",
            "Alarms open at a threshold calibrated to --budget false episodes a week; labels are never read."
        },
        footer = {
            "%nExamples:",
            "  ./homeostat detect --train A.csv.gz --test B.csv.gz --out scores.csv",
            "  ./homeostat detect --train A.csv --test B.csv --out scores.csv --alarms alarms.json --interval 300",
            "  ./homeostat detect --univariate --test cpu.csv --out scores.csv --json",
            "%nWithout --train the first 150 rows of the test teach and score 0."
        })
final class DetectCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--train", paramLabel = "FILE", description = "rows of normal work, oldest first")
    private Optional<Path> train = Optional.empty();

    @Option(names = "--test", paramLabel = "FILE", required = true, description = "rows to score, oldest first")
    private Path test = Path.of("");

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "a score per row of the test")
    private Path out = Path.of("");

    @Option(names = "--alarms", paramLabel = "FILE", description = "episodes with their columns, as JSON")
    private Optional<Path> alarms = Optional.empty();

    @Option(names = "--model", paramLabel = "FILE", description = "the trained model, as Tribuo's protobuf")
    private Optional<Path> model = Optional.empty();

    @Option(names = "--univariate", description = "rows are timestamp,value (as in NAB)")
    private boolean univariate;

    @Option(
            names = "--budget",
            paramLabel = "N",
            defaultValue = "1",
            description = "false episodes a week that are acceptable (${DEFAULT-VALUE})")
    private double budget;

    @Option(
            names = "--interval",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "time between rows (${DEFAULT-VALUE})")
    private double interval;

    @Option(
            names = "--member",
            paramLabel = "PART",
            defaultValue = "BOTH",
            description = "score by a part alone, for ablations: ${COMPLETION-CANDIDATES}")
    private Members member = Members.BOTH;

    @Option(names = "--json", description = "print one JSON object")
    private boolean json;

    @Override
    public Integer call() {
        OfflineReport report;
        try {
            check(test, "--test");
            train.ifPresent(file -> check(file, "--train"));
            report = OfflineDetector.run(
                    new OfflineRequest(
                            train,
                            test,
                            out,
                            alarms,
                            model,
                            univariate,
                            member,
                            AlarmLimits.defaults().withBudget(budget, interval)),
                    line -> System.err.println("detect: " + line));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        if (json) {
            System.out.println(new String(OfflineDetector.json(report), StandardCharsets.UTF_8));
        } else {
            System.out.printf(
                    Locale.ROOT,
                    "scored %d rows of %d columns (season %d rows, %.0f rows/s), %d alarms, model %s%n",
                    report.testRows(),
                    report.columns(),
                    report.season(),
                    report.rowsPerSecond(),
                    report.alarms().size(),
                    report.modelId());
        }
        return 0;
    }

    private static void check(Path file, String option) {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new IllegalArgumentException(option + ": expected a file that can be read but found " + file);
        }
    }
}
