package io.homeostat.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.cluster.Principal;
import io.homeostat.deploy.rest.AnyNode;
import io.homeostat.deploy.rest.Rest;
import io.homeostat.ledger.state.Maintenance;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
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

/** Stops the writes of the whole ledger for a time. */
@Command(
        name = "maintenance",
        description = {
            "Stops the writes of the whole ledger for a time, lifts the stop, or shows it.",
            "The order is committed like a transfer: every node refuses writes with the reason 'maintenance', reads go on.",
            "It ends by itself at its time, in ledger time."
        },
        footer = {
            "%nExamples:",
            "  ./homeostat maintenance on --reason \"new disks in zone-b\" --for 30m",
            "  ./homeostat maintenance status --json",
            "  ./homeostat maintenance off"
        })
final class MaintenanceCommand implements Callable<Integer> {
    private static final long MICROS_PER_SECOND = 1_000_000L;

    private enum Order {
        ON,
        OFF,
        STATUS
    }

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(paramLabel = "ORDER", description = "on, off or status")
    private Order order = Order.STATUS;

    @Mixin
    private DataOption data = new DataOption();

    @Option(names = "--reason", paramLabel = "TEXT", description = "why; stands in the journal (with on)")
    private String reason = "";

    @Option(
            names = "--for",
            paramLabel = "TIME",
            description = "for how long: 90s, 30m, 2h, at most " + Maintenance.MAX_SECONDS / 3600 + "h (with on)")
    private String time = "";

    @Mixin
    private JsonOption json = new JsonOption();

    @Override
    public Integer call() throws Exception {
        if (order == Order.ON && (reason.isBlank() || time.isEmpty())) {
            throw new ParameterException(spec.commandLine(), "on needs --reason and --for");
        }
        long seconds = order == Order.ON ? seconds() : 0;
        ClusterDirectory cluster = data.open();
        AnyNode ledger = AnyNode.of(cluster.http(), cluster.topology().urls(), cluster.token(Principal.OPERATOR));
        Rest.Answer answer = switch (order) {
            case ON -> ledger.post("/v1/maintenance", Map.of("reason", reason, "seconds", seconds));
            case OFF -> ledger.delete("/v1/maintenance");
            case STATUS -> ledger.get("/v1/maintenance");
        };
        if (order == Order.OFF && answer.reason().equals("not_in_maintenance")) {
            System.err.println("homeostat: writes are not stopped; there is nothing to lift");
            return 1;
        }
        print(answer.orFail().json());
        return 0;
    }

    private long seconds() {
        try {
            Duration asked = Duration.parse("PT" + time.toUpperCase(Locale.ROOT));
            if (asked.toSeconds() >= 1 && asked.toSeconds() <= Maintenance.MAX_SECONDS) {
                return asked.toSeconds();
            }
        } catch (DateTimeParseException e) {
            throw new ParameterException(
                    spec.commandLine(), "--for must be a time like 90s, 30m or 2h but is '" + time + "'", e);
        }
        throw new ParameterException(
                spec.commandLine(),
                "--for must be 1s to " + Maintenance.MAX_SECONDS / 3600 + "h but is '" + time + "'");
    }

    private void print(JsonNode state) throws IOException {
        if (json.wanted()) {
            System.out.println(Rest.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(state));
        } else if (state.path("active").asBoolean()) {
            System.out.printf(
                    "writes are stopped until %s by %s: %s%n",
                    Instant.ofEpochSecond(state.path("untilMicros").asLong() / MICROS_PER_SECOND),
                    state.path("by").asText(),
                    state.path("reason").asText());
        } else {
            System.out.println("writes are not stopped");
        }
    }
}
