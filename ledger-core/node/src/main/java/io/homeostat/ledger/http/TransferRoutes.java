package io.homeostat.ledger.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.homeostat.ledger.raft.Committed;
import io.homeostat.ledger.state.Command;
import io.homeostat.ledger.state.EncodedCommands;
import io.homeostat.ledger.state.Reason;
import io.homeostat.ledger.state.TransferView;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Transfers, one and many, and what becomes of holds. */
final class TransferRoutes {
    static final String SINGLE = "/v1/transfers";
    static final String BATCH = "/v1/transfers/batch";
    static final String[] FIELDS = {
        "id", "debit", "credit", "amount", "asset", "hold", "timeoutSeconds", "effectiveDate", "legs"
    };
    private final NodeServices node;
    private final Writes writes;

    TransferRoutes(NodeServices node, Writes writes) {
        this.node = node;
        this.writes = writes;
    }

    List<Route> routes() {
        return List.of(
                new Route(HttpMethod.POST, SINGLE, "client", Route.Place.LEADER, this::create),
                new Route(HttpMethod.POST, BATCH, "client", Route.Place.LEADER, this::createMany),
                new Route(HttpMethod.POST, "/v1/transfers/{id}/post", "client", Route.Place.LEADER, this::post),
                new Route(HttpMethod.POST, "/v1/transfers/{id}/void", "client", Route.Place.LEADER, this::release),
                new Route(HttpMethod.POST, "/v1/transfers/{id}/reverse", "client", Route.Place.LEADER, this::reverse),
                new Route(HttpMethod.GET, "/v1/transfers/{id}", "reader", Route.Place.LINEARIZABLE, this::read));
    }

    CompletionStage<Answer> create(Exchange exchange) {
        exchange.knows(Writes.ZONES);
        Command transfer = Json.read(
                exchange.body(),
                json -> transfer(
                        json,
                        new Json.Fields(json, FIELDS),
                        exchange.principal().name()));
        return writes.proposeOne(
                exchange,
                transfer,
                committed -> Answer.json(200, json -> {
                    Command.Outcome outcome = committed.outcomes().get(0);
                    json.writeStartObject();
                    result(json, TransferBody.idOf(transfer), outcome);
                    json.writeNumberField("index", outcome.journalIndex());
                    writes.heldBy(json, committed);
                    json.writeEndObject();
                }));
    }

    private CompletionStage<Answer> createMany(Exchange exchange) {
        exchange.knows(Writes.ZONES);
        if (exchange.binary()) {
            EncodedCommands encoded = TransferBatchProto.read(
                    exchange.body(), exchange.principal().name(), node.limits().batchCommands());
            return writes.propose(exchange, encoded, committed -> TransferBatchProto.result(committed, writes.zones()));
        }
        List<Command> transfers = Json.read(exchange.body(), json -> transfers(json, exchange));
        return writes.propose(exchange, transfers, committed -> results(transfers, committed));
    }

    private List<Command> transfers(JsonParser json, Exchange exchange) throws IOException {
        List<Command> transfers = new ArrayList<>();
        Json.Fields fields = new Json.Fields(json, "transfers");
        String principal = exchange.principal().name();
        int most = node.limits().batchCommands();
        while (fields.next() >= 0) {
            fields.list();
            while (json.nextToken() != JsonToken.END_ARRAY) {
                if (transfers.size() == most) {
                    throw Problem.tooLarge(
                            "transfers", Integer.toString(most), "a batch holds at most " + most + " transfers");
                }
                transfers.add(transfer(json, new Json.Fields(json, "transfers", transfers.size(), FIELDS), principal));
            }
        }
        fields.require(0);
        if (transfers.isEmpty()) {
            throw Problem.invalidField("transfers", "1.." + most, "a batch holds at least one transfer");
        }
        return transfers;
    }

    static Command transfer(JsonParser json, Json.Fields fields, String principal) throws IOException {
        UUID id = null;
        String debit = "";
        String credit = "";
        long amount = 0;
        String asset = "";
        boolean hold = false;
        int timeoutSeconds = 0;
        int effectiveDay = Command.NO_DAY;
        List<Command.Leg> legs = List.of();
        for (int field = fields.next(); field >= 0; field = fields.next()) {
            switch (field) {
                case 0 -> id = fields.uuid();
                case 1 -> debit = fields.text(Syntax.ACCOUNT);
                case 2 -> credit = fields.text(Syntax.ACCOUNT);
                case 3 -> amount = fields.whole(1, Long.MAX_VALUE);
                case 4 -> asset = fields.text(Syntax.ASSET);
                case 5 -> hold = fields.truth();
                case 6 -> timeoutSeconds = (int) fields.whole(1, Integer.MAX_VALUE);
                case 7 -> effectiveDay = TransferBody.day(fields);
                default -> legs = TransferBody.legs(json, fields);
            }
        }
        if (!legs.isEmpty()) {
            fields.require(0);
            for (int i = 1; i <= 6; i++) {
                if (fields.has(i)) {
                    throw Problem.invalidField(
                            FIELDS[i], "not with legs", "'" + FIELDS[i] + "' does not go with 'legs'");
                }
            }
            return new Command.CreateLegs(java.util.Objects.requireNonNull(id), legs, effectiveDay, principal);
        }
        fields.require(0, 1, 2, 3, 4);
        if (timeoutSeconds != 0 && !hold) {
            throw Problem.invalidField(
                    "timeoutSeconds", "only with hold", "'timeoutSeconds' is the time of a hold; set 'hold' to true");
        }
        Command.CreateTransfer transfer = new Command.CreateTransfer(
                java.util.Objects.requireNonNull(id), debit, credit, asset, amount, hold, timeoutSeconds, principal);
        return effectiveDay == Command.NO_DAY ? transfer : new Command.CreateDatedTransfer(transfer, effectiveDay);
    }

    private Answer results(List<Command> transfers, Committed committed) {
        if (committed.outcomes().stream().allMatch(outcome -> outcome.reason() == Reason.MAINTENANCE)) {
            throw Writes.refusal(Reason.MAINTENANCE);
        }
        return Answer.json(200, json -> {
            List<Command.Outcome> outcomes = committed.outcomes();
            json.writeStartObject();
            json.writeNumberField("index", outcomes.get(outcomes.size() - 1).journalIndex());
            json.writeArrayFieldStart("results");
            for (int i = 0; i < outcomes.size(); i++) {
                json.writeStartObject();
                result(json, TransferBody.idOf(transfers.get(i)), outcomes.get(i));
                json.writeEndObject();
            }
            json.writeEndArray();
            writes.heldBy(json, committed);
            json.writeEndObject();
        });
    }

    private static void result(JsonGenerator json, UUID id, Command.Outcome outcome) throws IOException {
        json.writeStringField("id", id.toString());
        json.writeStringField("status", outcome.status());
        if (outcome.reason() != Reason.OK) {
            json.writeStringField("reason", outcome.reason().wireName());
        }
        String subject = outcome.subject();
        if (subject != null && subject.startsWith("transfer:")) {
            json.writeStringField("caseId", subject);
        }
    }

    private CompletionStage<Answer> post(Exchange exchange) {
        exchange.knows(Writes.ZONES);
        UUID id = id(exchange);
        long amount = exchange.body().length == 0
                ? 0
                : Json.read(exchange.body(), json -> {
                    Json.Fields fields = new Json.Fields(json, "amount");
                    long given = 0;
                    while (fields.next() >= 0) {
                        given = fields.whole(1, Long.MAX_VALUE);
                    }
                    return given;
                });
        return writes.proposeOne(
                exchange,
                new Command.PostHold(id, amount, exchange.principal().name()),
                committed -> state(id, committed));
    }

    private CompletionStage<Answer> reverse(Exchange exchange) {
        exchange.knows();
        UUID id = id(exchange);
        Command.ReverseTransfer reversal = Json.read(
                exchange.body(),
                json -> TransferBody.reversal(json, id, exchange.principal().name()));
        return writes.proposeOne(
                exchange,
                reversal,
                committed -> Answer.json(200, json -> {
                    Command.Outcome outcome = committed.outcomes().get(0);
                    json.writeStartObject();
                    result(json, reversal.id(), outcome);
                    json.writeNumberField("index", outcome.journalIndex());
                    writes.heldBy(json, committed);
                    json.writeEndObject();
                }));
    }

    private CompletionStage<Answer> release(Exchange exchange) {
        exchange.knows(Writes.ZONES);
        UUID id = id(exchange);
        if (exchange.body().length > 0) {
            Json.read(exchange.body(), json -> new Json.Fields(json).next());
        }
        return writes.proposeOne(
                exchange, new Command.VoidHold(id, exchange.principal().name()), committed -> state(id, committed));
    }

    private Answer state(UUID id, Committed committed) {
        return Answer.json(200, json -> {
            Command.Outcome outcome = committed.outcomes().get(0);
            json.writeStartObject();
            json.writeStringField("id", id.toString());
            json.writeStringField("status", outcome.status());
            json.writeNumberField("index", outcome.journalIndex());
            writes.heldBy(json, committed);
            json.writeEndObject();
        });
    }

    private CompletionStage<Answer> read(Exchange exchange) {
        exchange.knows();
        UUID id = id(exchange);
        Optional<TransferView> found = node.ledger().transfer(id);
        return CompletableFuture.completedFuture(Answer.json(200, json -> {
            json.writeStartObject();
            json.writeStringField("id", id.toString());
            if (found.isPresent()) {
                write(json, found.get());
            } else {
                json.writeStringField("status", "unknown");
                json.writeStringField("outcome", "unknown");
                json.writeNumberField("index", node.ledger().journalSize() - 1);
            }
            json.writeEndObject();
        }));
    }

    private static void write(JsonGenerator json, TransferView transfer) throws IOException {
        json.writeStringField("status", transfer.status());
        json.writeStringField("outcome", TransferBody.outcome(transfer));
        if (transfer.reason() != Reason.OK) {
            json.writeStringField("reason", transfer.reason().wireName());
        }
        if (transfer.debit() != null) {
            json.writeStringField("debit", transfer.debit());
        }
        if (transfer.credit() != null) {
            json.writeStringField("credit", transfer.credit());
        }
        json.writeNumberField("amount", transfer.amount());
        json.writeStringField("asset", transfer.asset());
        json.writeBooleanField("gated", transfer.gated());
        if (transfer.caseId() != null) {
            json.writeStringField("caseId", transfer.caseId());
        }
        if (transfer.requester() != null) {
            json.writeStringField("requester", transfer.requester());
        }
        TransferBody.write(json, transfer);
        json.writeNumberField("index", transfer.index());
    }

    private static UUID id(Exchange exchange) {
        UUID id = Syntax.uuid(exchange.variables().get(0));
        if (id == null) {
            throw Problem.invalidField("id", Syntax.UUID.rule(), "'id' in the path must be " + Syntax.UUID.rule());
        }
        return id;
    }
}
