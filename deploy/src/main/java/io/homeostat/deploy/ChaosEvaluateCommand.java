package io.homeostat.deploy;

import io.homeostat.deploy.chaos.ChaosEvaluation;
import io.homeostat.deploy.rest.Rest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** How the detector does on recordings of our own ledger. */
@Command(
        name = "evaluate",
        description = {
            "Judges recordings of 'chaos record' by the classes of the running job (windows, model, peers, policy),",
            "and beside them by 'detect' on their metrics.csv.gz, and tells for each kind of fault: found, found within",
            "10 s, delay, lead before clients' writes take more than 1 s or fail; AUC-PR; false alarms per node-day.",
            "Deployments count as announced maintenance unless --unannounced. Several recordings are pooled."
        },
        footer = {
            "%nExamples:",
            "  ./homeostat chaos evaluate rec11 rec12 rec13",
            "  ./homeostat chaos evaluate soak --json",
            "  ./homeostat chaos evaluate rec1 --unannounced --baseline 120"
        })
final class ChaosEvaluateCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(paramLabel = "DIR", arity = "1..*", description = "folders of chaos record")
    private List<Path> folders = new ArrayList<>();

    @Option(names = "--unannounced", description = "nobody told the detector of deployments")
    private boolean unannounced;

    @Option(
            names = "--baseline",
            paramLabel = "S",
            defaultValue = "20",
            description = "clean seconds that the model learns from; the platform has 20 (${DEFAULT-VALUE})")
    private int baseline;

    @Mixin
    private JsonOption json = new JsonOption();

    @Override
    public Integer call() throws Exception {
        Map<String, Object> all;
        try {
            all = ChaosEvaluation.run(folders, baseline, !unannounced, line -> System.err.println("evaluate: " + line));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        if (json.wanted()) {
            System.out.println(Rest.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(all));
        } else {
            print("online", all.getOrDefault("online", Map.of()));
            print("detect on CSV", all.getOrDefault("detectOnCsv", Map.of()));
        }
        return 0;
    }

    private static void print(String detector, Object result) {
        var one = Rest.JSON.valueToTree(result);
        System.out.printf(
                Locale.ROOT,
                "%s: %s of %s faults found, %s within 10 s, %s told of some node; AUC-PR %s by second, %s by node and second;"
                        + " %s false alarms, %s per node-day (%s node-hours)%n",
                detector,
                one.path("found"),
                one.path("faults"),
                one.path("foundWithin10s"),
                one.path("foundOnAnyNode"),
                one.path("aucPrBySecond").asText(),
                one.path("aucPrByNodeSecond").asText(),
                one.path("falseAlarms"),
                one.path("falseAlarmsPerNodeDay").asText(),
                one.path("judgedNodeHours"));
        System.out.printf("  %-18s %5s %5s %7s %9s  %s%n", "fault", "count", "found", "<= 10 s", "median s", "lead s");
        one.path("classes")
                .forEach(line -> System.out.printf(
                        "  %-18s %5s %5s %7s %9s  %s%n",
                        line.path("fault").asText(),
                        line.path("count"),
                        line.path("found"),
                        line.path("within10s"),
                        line.path("medianDelaySeconds").asText("-"),
                        line.path("leadSeconds")));
        one.path("eachFalseAlarm")
                .forEach(line -> System.out.printf(
                        "  false: seed %s at %s s %s %s %s%n",
                        line.path("seed"),
                        line.path("second"),
                        line.path("node").asText(),
                        line.path("said").asText(),
                        line.path("during").asText()));
    }
}
