package io.homeostat.ledger.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import io.homeostat.ledger.state.CaseFilter;
import io.homeostat.ledger.state.CaseView;
import io.homeostat.ledger.state.Command;
import io.homeostat.ledger.state.ScreeningView;
import io.homeostat.merkle.ApprovalSignature;
import io.homeostat.merkle.Digests;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Approval cases and screenings: read, opened for recoveries, approved, judged. The signature decides, not the token. */
final class CaseRoutes {
    private static final String[] APPROVAL = {
        "keyId", "decision", "payloadDigest", "expiresAtMicros", "reasonDigest", "signature"
    };
    private final NodeServices node;
    private final Writes writes;

    CaseRoutes(NodeServices node, Writes writes) {
        this.node = node;
        this.writes = writes;
    }

    List<Route> routes() {
        return List.of(
                new Route(HttpMethod.GET, "/v1/cases", "reader", Route.Place.LINEARIZABLE, this::list),
                new Route(HttpMethod.GET, "/v1/cases/{caseId}", "reader", Route.Place.LINEARIZABLE, this::read),
                new Route(HttpMethod.POST, "/v1/cases", "remediation", Route.Place.LEADER, this::open),
                new Route(
                        HttpMethod.POST, "/v1/cases/{caseId}/approvals", Route.ANY, Route.Place.LEADER, this::approve),
                new Route(HttpMethod.GET, "/v1/screenings", "reader", Route.Place.LINEARIZABLE, this::screenings),
                new Route(HttpMethod.POST, "/v1/transfers/{id}/verdict", Route.ANY, Route.Place.LEADER, this::verdict));
    }

    private CompletionStage<Answer> list(Exchange exchange) {
        String state = exchange.knows("state").query().getOrDefault("state", "open");
        CaseFilter filter = switch (state) {
            case "open" -> CaseFilter.OPEN;
            case "decided" -> CaseFilter.DECIDED;
            case "all" -> CaseFilter.ALL;
            default ->
                throw Problem.invalidField("state", "open, decided, all", "'state' must be open, decided or all");
        };
        List<CaseView> cases = node.ledger().cases(filter, node.limits().casesListed());
        return CompletableFuture.completedFuture(Answer.json(200, json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("cases");
            for (CaseView view : cases) {
                write(json, view);
            }
            json.writeEndArray();
            json.writeEndObject();
        }));
    }

    private CompletionStage<Answer> read(Exchange exchange) {
        CaseView view = find(exchange.knows().variable(0, "caseId", Syntax.CASE_ID));
        return CompletableFuture.completedFuture(Answer.json(200, json -> write(json, view)));
    }

    private CompletionStage<Answer> open(Exchange exchange) {
        exchange.knows();
        Command.OpenRecoveryCase command = Json.read(exchange.body(), CaseRoutes::recovery);
        return writes.proposeOne(
                exchange, command, committed -> withCase(committed.outcomes().get(0), command.caseId()));
    }

    static Command.OpenRecoveryCase recovery(JsonParser json) throws IOException {
        Json.Fields fields = new Json.Fields(json, "caseId", "payloadDigest", "tier", "requester");
        String caseId = "";
        byte[] digest = {};
        String tier = "";
        String requester = "";
        for (int field = fields.next(); field >= 0; field = fields.next()) {
            switch (field) {
                case 0 -> caseId = fields.text(Syntax.RECOVERY_CASE_ID);
                case 1 -> digest = fields.hex();
                case 2 -> tier = fields.text(Syntax.NAME);
                default -> requester = fields.text(Syntax.PRINCIPAL);
            }
        }
        fields.require(0, 1, 2, 3);
        return new Command.OpenRecoveryCase(caseId, digest, tier, requester);
    }

    private CompletionStage<Answer> approve(Exchange exchange) {
        String caseId = exchange.knows().variable(0, "caseId", Syntax.CASE_ID);
        Command.Approve command = Json.read(exchange.body(), json -> approval(json, caseId));
        return writes.proposeOne(
                exchange, command, committed -> withCase(committed.outcomes().get(0), caseId));
    }

    static Command.Approve approval(JsonParser json, String caseId) throws IOException {
        Json.Fields fields = new Json.Fields(json, APPROVAL);
        String keyId = "";
        boolean approve = false;
        byte[] payload = {};
        long expires = 0;
        byte[] reason = {};
        byte[] signature = {};
        for (int field = fields.next(); field >= 0; field = fields.next()) {
            switch (field) {
                case 0 -> keyId = fields.text(Syntax.NAME);
                case 1 -> approve = decision(fields);
                case 2 -> payload = fields.hex();
                case 3 -> expires = fields.whole(1, Long.MAX_VALUE);
                case 4 -> reason = fields.hex();
                default -> signature = fields.base64(ApprovalSignature.MIN_BYTES, ApprovalSignature.MAX_BYTES);
            }
        }
        fields.require(0, 1, 2, 3, 4, 5);
        return new Command.Approve(caseId, payload, approve, keyId, expires, reason, signature);
    }

    private CompletionStage<Answer> screenings(Exchange exchange) {
        exchange.knows();
        List<ScreeningView> waiting = node.ledger().screenings(node.limits().casesListed());
        return CompletableFuture.completedFuture(Answer.json(200, json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("screenings");
            for (ScreeningView view : waiting) {
                json.writeStartObject();
                json.writeStringField("caseId", "transfer:" + view.transfer().id());
                json.writeStringField("payloadDigest", Digests.hex(view.payloadDigest()));
                json.writeNumberField("dueMicros", view.dueMicros());
                write(json, view.transfer());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }));
    }

    private CompletionStage<Answer> verdict(Exchange exchange) {
        String text = exchange.knows().variable(0, "id", Syntax.UUID);
        UUID id = UUID.fromString(text);
        Command.ScreeningVerdict command = Json.read(exchange.body(), json -> verdict(json, id));
        return writes.proposeOne(
                exchange,
                command,
                committed -> Answer.json(200, json -> {
                    json.writeStartObject();
                    json.writeNumberField("index", committed.outcomes().get(0).journalIndex());
                    json.writeStringField("status", committed.outcomes().get(0).status());
                    json.writeEndObject();
                }));
    }

    static Command.ScreeningVerdict verdict(JsonParser json, UUID id) throws IOException {
        Json.Fields fields = new Json.Fields(
                json, "keyId", "verdict", "payloadDigest", "expiresAtMicros", "evidenceDigest", "signature");
        String keyId = "";
        boolean clear = false;
        byte[] payload = {};
        long expires = 0;
        byte[] evidence = {};
        byte[] signature = {};
        for (int field = fields.next(); field >= 0; field = fields.next()) {
            switch (field) {
                case 0 -> keyId = fields.text(Syntax.NAME);
                case 1 -> {
                    String verdict = fields.text(Syntax.NAME);
                    if (!verdict.equals("clear") && !verdict.equals("odd")) {
                        throw fields.wrong("clear or odd", "neither");
                    }
                    clear = verdict.equals("clear");
                }
                case 2 -> payload = fields.hex();
                case 3 -> expires = fields.whole(1, Long.MAX_VALUE);
                case 4 -> evidence = fields.hex();
                default -> signature = fields.base64(ApprovalSignature.MIN_BYTES, ApprovalSignature.MAX_BYTES);
            }
        }
        fields.require(0, 1, 2, 3, 4, 5);
        return new Command.ScreeningVerdict(id, payload, clear, keyId, expires, evidence, signature);
    }

    private static boolean decision(Json.Fields fields) throws IOException {
        return switch (fields.text(Syntax.NAME)) {
            case "approve" -> true;
            case "deny" -> false;
            default -> throw fields.wrong("approve or deny", "neither");
        };
    }

    /** The case as it stands here now: at least as new as the command, which this node has applied. */
    Answer withCase(Command.Outcome outcome, String caseId) {
        CaseView view = find(caseId);
        return Answer.json(200, json -> {
            json.writeStartObject();
            json.writeNumberField("index", outcome.journalIndex());
            json.writeFieldName("case");
            write(json, view);
            json.writeEndObject();
        });
    }

    private CaseView find(String caseId) {
        return node.ledger()
                .caseOf(caseId)
                .orElseThrow(() -> Problem.notFound("case_not_found", "there is no case '" + caseId + "'"));
    }

    private static void write(JsonGenerator json, CaseView view) throws IOException {
        json.writeStartObject();
        json.writeStringField("caseId", view.caseId());
        json.writeStringField("kind", view.kind());
        json.writeStringField("state", view.state());
        json.writeStringField("payloadDigest", Digests.hex(view.payloadDigest()));
        json.writeStringField("requester", view.requester());
        json.writeNumberField("expiresAtMicros", view.expiresAtMicros());
        json.writeArrayFieldStart("demands");
        for (var demand : view.demands()) {
            json.writeStartObject();
            json.writeStringField("role", demand.role());
            json.writeNumberField("count", demand.count());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("approvals");
        for (CaseView.Approval approval : view.approvals()) {
            write(json, approval);
        }
        json.writeEndArray();
        json.writeNumberField("openedAtMicros", view.openedAtMicros());
        json.writeNumberField("openedIndex", view.openedIndex());
        if (view.decidedIndex() >= 0) {
            json.writeNumberField("decidedIndex", view.decidedIndex());
        }
        if (view.escalatesAtMicros() > 0) {
            json.writeNumberField("escalatesAtMicros", view.escalatesAtMicros());
            json.writeArrayFieldStart("escalationRoles");
            for (String role : view.escalationRoles()) {
                json.writeString(role);
            }
            json.writeEndArray();
        }
        CaseView.Change change = view.change();
        if (change != null) {
            json.writeObjectFieldStart("change");
            json.writeNumberField("baseVersion", change.baseVersion());
            json.writeStringField("body", Base64.getEncoder().encodeToString(change.body()));
            json.writeEndObject();
        }
        CaseView.Money money = view.transfer();
        if (money != null) {
            write(json, money);
        }
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, CaseView.Money money) throws IOException {
        json.writeObjectFieldStart("transfer");
        json.writeStringField("id", money.id().toString());
        json.writeStringField("debit", money.debit());
        json.writeStringField("credit", money.credit());
        json.writeNumberField("amount", money.amount());
        json.writeStringField("asset", money.asset());
        json.writeNumberField("exponent", money.exponent());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, CaseView.Approval approval) throws IOException {
        json.writeStartObject();
        json.writeStringField("keyId", approval.keyId());
        json.writeStringField("person", approval.person());
        json.writeStringField("role", approval.role());
        json.writeStringField("decision", (approval.approve() ? "APPROVE" : "DENY").toLowerCase(Locale.ROOT));
        json.writeStringField("reasonDigest", Digests.hex(approval.reasonDigest()));
        json.writeStringField("signature", Base64.getEncoder().encodeToString(approval.signature()));
        json.writeNumberField("expiresAtMicros", approval.expiresAtMicros());
        json.writeNumberField("index", approval.index());
        json.writeEndObject();
    }
}
