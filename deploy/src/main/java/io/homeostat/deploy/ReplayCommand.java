package io.homeostat.deploy;

import io.homeostat.detector.replay.ReplayTool;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A verdict made once more from its sealed window. */
@Command(
        name = "replay",
        description = {
            "Makes the verdict of an alert once more, from its sealed window and its pinned model alone,",
            "and compares every value and every field with what was published, to the bit.",
            "Needs no running platform: DIR may be a copy of the detector's folder, years old."
        },
        footer = {
            "%nExamples:",
            "  ./homeostat replay anomaly-0f3b5c1d2e4a69788796a5b4",
            "  ./homeostat replay alert.json --evidence /archive/2026/detector --json"
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the verdict is the same",
            "1:it differs; the fields are named with both values",
            "2:evidence is missing or was changed, or bad usage"
        })
final class ReplayCommand implements Callable<Integer> {
    @Parameters(paramLabel = "ALERT", description = "an anomaly id, or a file with the alert as it was published")
    private String alert = "";

    @Mixin
    private DataOption data = new DataOption();

    @Option(names = "--evidence", paramLabel = "DIR", description = "the evidence (default: detector/ of --data)")
    private Optional<Path> evidence = Optional.empty();

    @Mixin
    private JsonOption json = new JsonOption();

    @Override
    public Integer call() {
        return ReplayTool.run(alert, evidence.orElse(data.detector()), json.wanted(), System.out, System.err);
    }
}
