package io.homeostat.ledger.http;

import io.homeostat.ledger.raft.Committed;
import io.homeostat.ledger.state.Command;
import io.homeostat.ledger.state.Maintenance;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** {@code /v1/maintenance}: stop the writes of the whole ledger for a time, lift the stop, ask for it. */
final class MaintenanceRoutes {
    private static final int MAX_REASON = 256;
    private final NodeServices node;
    private final Writes writes;

    MaintenanceRoutes(NodeServices node, Writes writes) {
        this.node = node;
        this.writes = writes;
    }

    List<Route> routes() {
        return List.of(
                new Route(HttpMethod.GET, "/v1/maintenance", "reader", Route.Place.LINEARIZABLE, this::show),
                new Route(HttpMethod.POST, "/v1/maintenance", "operator", Route.Place.LEADER, this::stop),
                new Route(HttpMethod.DELETE, "/v1/maintenance", "operator", Route.Place.LEADER, this::lift));
    }

    private CompletionStage<Answer> show(Exchange exchange) {
        exchange.knows();
        return CompletableFuture.completedFuture(answer(node.ledger().journalSize() - 1));
    }

    private CompletionStage<Answer> stop(Exchange exchange) {
        exchange.knows();
        Command.SetMaintenance command = Json.read(exchange.body(), json -> {
            Json.Fields fields = new Json.Fields(json, "reason", "seconds");
            String reason = "";
            long seconds = 0;
            for (int field = fields.next(); field >= 0; field = fields.next()) {
                if (field == 0) {
                    reason = fields.text(MAX_REASON);
                } else {
                    seconds = fields.whole(1, Maintenance.MAX_SECONDS);
                }
            }
            fields.require(0, 1);
            return new Command.SetMaintenance(
                    reason, seconds, exchange.principal().name());
        });
        return writes.proposeOne(exchange, command, this::answer);
    }

    private CompletionStage<Answer> lift(Exchange exchange) {
        exchange.knows();
        return writes.proposeOne(
                exchange,
                new Command.SetMaintenance("lifted", 0, exchange.principal().name()),
                this::answer);
    }

    private Answer answer(Committed committed) {
        return answer(committed.outcomes().get(0).journalIndex());
    }

    private Answer answer(long index) {
        Optional<Maintenance> maintenance = node.ledger().maintenance();
        return Answer.json(200, json -> {
            json.writeStartObject();
            json.writeBooleanField("active", maintenance.isPresent());
            if (maintenance.isPresent()) {
                Maintenance stop = maintenance.get();
                json.writeStringField("by", stop.by());
                json.writeStringField("reason", stop.reason());
                json.writeNumberField("sinceMicros", stop.sinceMicros());
                json.writeNumberField("untilMicros", stop.untilMicros());
            }
            json.writeNumberField("index", index);
            json.writeEndObject();
        });
    }
}
