package io.homeostat.deploy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.homeostat.deploy.rest.Rest;
import io.homeostat.detector.origin.IncidentFolder;
import io.homeostat.detector.origin.Suspect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where recorded incidents began. */
@Command(
        name = "origin",
        description = {
            "Ranks the suspected origin of recorded incidents: harm that a component's callees do not explain.",
            "A folder holds graph.csv (who calls whom), incidents with metrics.csv and target.json (the symptom),",
            "and, where it is, noissue/metrics.csv: the layout of the PetShop data set; .gz is read.",
            "Where a target names its root_cause, the ranking is marked against it; the ranking never reads it."
        },
        footer = {
            "%nExamples:",
            "  ./homeostat origin --data petshop/low_traffic",
            "  ./homeostat origin --data petshop --json"
        })
final class OriginCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--data", paramLabel = "DIR", required = true, description = "folder with incidents below it")
    private Path data = Path.of("");

    @Option(
            names = "--top",
            paramLabel = "N",
            defaultValue = "3",
            description = "suspects that are printed (${DEFAULT-VALUE})")
    private int top;

    @Mixin
    private JsonOption json = new JsonOption();

    @Override
    public Integer call() throws Exception {
        List<IncidentFolder.Ranked> all;
        try {
            if (!Files.isDirectory(data)) {
                throw new IllegalArgumentException("--data: expected a folder but found " + data);
            }
            if (top < 1 || top > 1000) {
                throw new IllegalArgumentException("--top must be in 1..1000 but is " + top);
            }
            all = IncidentFolder.rankAll(data);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        long marked = all.stream().filter(r -> !r.rootCause().isEmpty()).count();
        long first = all.stream().filter(r -> r.place() == 1).count();
        long third = all.stream().filter(r -> r.place() >= 1 && r.place() <= 3).count();
        if (json.wanted()) {
            ObjectNode report = Rest.JSON.createObjectNode();
            report.put("incidents", all.size())
                    .put("marked", marked)
                    .put("top1", first)
                    .put("top3", third);
            ArrayNode list = report.putArray("ranked");
            all.forEach(ranked -> add(list.addObject(), ranked));
            System.out.println(Rest.JSON.writeValueAsString(report));
            return 0;
        }
        for (IncidentFolder.Ranked ranked : all) {
            System.out.printf("%s: %s of %s%n", ranked.incident(), ranked.kind(), ranked.symptom());
            int place = 0;
            for (Suspect suspect :
                    ranked.suspects().subList(0, Math.min(top, ranked.suspects().size()))) {
                System.out.printf(
                        Locale.ROOT,
                        "  %d. %-42s %3.0f %%  %s%s%n",
                        ++place,
                        suspect.component(),
                        100 * suspect.share(),
                        suspect.reason(),
                        place == ranked.place() ? "  <- root cause" : "");
            }
        }
        System.out.printf(
                "%d incidents, %d with a known root cause: top-1 %d, top-3 %d%n", all.size(), marked, first, third);
        return 0;
    }

    private void add(ObjectNode node, IncidentFolder.Ranked ranked) {
        node.put("incident", ranked.incident())
                .put("symptom", ranked.symptom())
                .put("kind", ranked.kind())
                .put("rootCause", ranked.rootCause())
                .put("place", ranked.place());
        ArrayNode suspects = node.putArray("suspects");
        for (Suspect suspect :
                ranked.suspects().subList(0, Math.min(top, ranked.suspects().size()))) {
            suspects.addObject()
                    .put("component", suspect.component())
                    .put("share", suspect.share())
                    .put("ownHarm", suspect.ownHarm())
                    .put("explainedHarm", suspect.explainedHarm())
                    .put("significance", suspect.significance())
                    .put("onsetWindow", suspect.onsetWindow())
                    .put("reason", suspect.reason());
        }
    }
}
