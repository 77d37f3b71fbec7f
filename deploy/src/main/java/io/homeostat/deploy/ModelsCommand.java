package io.homeostat.deploy;

import io.homeostat.detector.control.ControlMessage;
import io.homeostat.detector.control.ControlTopic;
import io.homeostat.detector.control.ModelAct;
import io.homeostat.detector.model.ModelEntry;
import io.homeostat.detector.model.ModelRegistry;
import io.homeostat.detector.shadow.Comparison;
import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The detector's model inventory. */
@Command(
        name = "models",
        description = {
            "Lists, shows and exports the detector's models, and promotes or retires one.",
            "The registry only grows and each entry holds the hash of the one before; it is checked whenever it is read.",
            "export supports evidence for a model inventory as SR 26-2 asks for one: purpose, owner, data, configuration,",
            "validation, approval and status of each model, with the history of acts.",
            "compare tells how the challenger, which scores in shadow, has judged the champion's windows.",
            "promote and retire are told to the running detector, which records them with their author."
        },
        footer = {
            "%nExamples:",
            "  ./homeostat models list",
            "  ./homeostat models show mahalanobis-0123456789abcdef --json",
            "  ./homeostat models export > inventory.json",
            "  ./homeostat models promote mahalanobis-0123456789abcdef --author olga --reason \"fewer false alarms\""
        })
final class ModelsCommand implements Callable<Integer> {
    private enum Act {
        LIST,
        SHOW,
        EXPORT,
        COMPARE,
        PROMOTE,
        RETIRE
    }

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "ACT",
            description = "list, show, export, compare, promote or retire")
    private Act act = Act.LIST;

    @Parameters(index = "1", arity = "0..1", paramLabel = "MODEL", description = "a model's id")
    private String model = "";

    @Mixin
    private DataOption data = new DataOption();

    @Option(names = "--author", paramLabel = "PERSON", description = "who does it (with promote, retire)")
    private String author = "";

    @Option(names = "--reason", paramLabel = "TEXT", description = "why (with promote, retire)")
    private String reason = "";

    @Mixin
    private JsonOption json = new JsonOption();

    @Override
    public Integer call() {
        ModelRegistry registry = new ModelRegistry(data.detector().resolve("models"));
        return switch (act) {
            case LIST -> list(registry);
            case SHOW -> show(registry);
            case EXPORT -> {
                print(inventory(registry));
                yield 0;
            }
            case COMPARE -> compare();
            case PROMOTE -> tell(registry, ModelEntry.State.CHAMPION);
            case RETIRE -> tell(registry, ModelEntry.State.RETIRED);
        };
    }

    private int list(ModelRegistry registry) {
        if (json.wanted()) {
            print(inventory(registry));
            return 0;
        }
        List<ModelEntry> models = registry.inventory();
        if (models.isEmpty()) {
            System.out.println("no models yet: the detector learns its first from 20 clean seconds");
        }
        for (ModelEntry entry : models) {
            System.out.printf(
                    "%-32s %-10s since %s by %s: %s%n",
                    entry.modelId(), entry.state(), entry.at(), entry.author(), entry.reason());
        }
        return 0;
    }

    private int show(ModelRegistry registry) {
        ModelEntry entry = find(registry);
        List<ModelEntry> history = registry.entries().stream()
                .filter(other -> other.modelId().equals(model))
                .toList();
        if (json.wanted()) {
            Map<String, Object> shown = new TreeMap<>();
            shown.put("model", entry);
            shown.put("history", history);
            print(shown);
            return 0;
        }
        System.out.printf("%s  %s  SHA-256 %s%n", entry.modelId(), entry.state(), entry.digest());
        new TreeMap<>(entry.card()).forEach((name, value) -> {
            if (!name.equals("provenance")) {
                System.out.printf("  %-16s %s%n", name, value);
            }
        });
        history.forEach(e ->
                System.out.printf("  #%d %s %s by %s: %s%n", e.index(), e.at(), e.state(), e.author(), e.reason()));
        return 0;
    }

    /** Which facts an examiner asks for stands in SR 26-2's words; the values are the registry's. */
    private static Map<String, Object> inventory(ModelRegistry registry) {
        List<ModelEntry> history = registry.entries();
        Map<String, Object> inventory = new TreeMap<>();
        inventory.put("form", "homeostat model inventory v1");
        inventory.put("purpose", "anomaly detection on the ledger's telemetry; warns only, isolates nothing by itself");
        inventory.put("owner", "the operator of this installation");
        inventory.put("materiality", "low: hard evidence and people decide about nodes and money");
        inventory.put(
                "limitations",
                "cold start; a fault that slows every node alike; adaptive mean follows slow drift (docs/detection.md)");
        inventory.put("models", registry.inventory());
        inventory.put("history", history);
        inventory.put(
                "head", history.isEmpty() ? "" : history.get(history.size() - 1).hash());
        return inventory;
    }

    private int compare() {
        Path file = data.detector().resolve("models").resolve(Comparison.FILE);
        if (!Files.isRegularFile(file)) {
            System.err.println("homeostat: no challenger has scored yet in " + file.getParent());
            return 1;
        }
        Comparison c;
        try {
            byte[] bytes = Files.readAllBytes(file);
            if (json.wanted()) {
                System.out.println(new String(bytes, StandardCharsets.UTF_8));
                return 0;
            }
            c = EventCodec.read(bytes, Comparison.class);
        } catch (IOException e) {
            throw new UncheckedIOException("the comparison can not be read from " + file, e);
        }
        System.out.printf("champion %s, challenger %s, %s to %s%n", c.champion(), c.challenger(), c.from(), c.until());
        System.out.printf(
                "%d windows: odd to both %d, to the champion alone %d, to the challenger alone %d%n",
                c.windows(), c.both(), c.onlyChampion(), c.onlyChallenger());
        System.out.printf("%d alerts, %d of them odd to the challenger too%n", c.alerts(), c.alertsShared());
        return 0;
    }

    private int tell(ModelRegistry registry, ModelEntry.State state) {
        if (author.isBlank() || reason.isBlank()) {
            throw new ParameterException(
                    spec.commandLine(), act.name().toLowerCase(java.util.Locale.ROOT) + " needs --author and --reason");
        }
        ModelEntry entry = find(registry);
        if (!entry.modelId().startsWith("mahalanobis-") && state == ModelEntry.State.CHAMPION) {
            throw new ParameterException(
                    spec.commandLine(), "only a mahalanobis model can be champion of the running job, not " + model);
        }
        ModelAct told = ModelAct.of(model, state, author, reason, Instant.now());
        ControlTopic.send(data.open().topology().kafka().bootstrap(), ControlMessage.encode(told));
        System.out.printf(
                "told the detector: %s becomes %s; the registry and the trail will say so (%s)%n",
                model, state, told.id());
        return 0;
    }

    private ModelEntry find(ModelRegistry registry) {
        return registry.inventory().stream()
                .filter(entry -> entry.modelId().equals(model))
                .findFirst()
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(),
                        "expected the id of a registered model but found '" + model + "'; see homeostat models list"));
    }

    private static void print(Map<String, Object> value) {
        System.out.println(new String(EventCodec.canonicalJson(value), StandardCharsets.UTF_8));
    }
}
