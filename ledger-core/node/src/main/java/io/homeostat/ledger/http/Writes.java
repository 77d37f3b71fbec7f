package io.homeostat.ledger.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.homeostat.ledger.raft.Committed;
import io.homeostat.ledger.state.Command;
import io.homeostat.ledger.state.CommandCodec;
import io.homeostat.ledger.state.EncodedCommands;
import io.homeostat.ledger.state.Reason;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Proposes a request's commands and turns what the ledger said into an answer. Thread-safe. */
final class Writes {
    /** How many zones must hold a write before it is answered: a query parameter. */
    static final String ZONES = "zones";

    static final String ZONES_HEADER = "Homeostat-Zones";
    private final NodeServices node;
    private static final int OK = 200;
    /** Committed, and not yet known in as many zones as were demanded. */
    private static final int ACCEPTED = 202;

    private final Map<String, String> zones = new HashMap<>();
    private final ZoneWait zoneWait;

    Writes(NodeServices node) {
        this.node = node;
        node.config().peers().forEach(peer -> zones.put(peer.id(), peer.zone()));
        this.zoneWait = new ZoneWait(zones, node.raft()::heldBy);
    }

    CompletionStage<Answer> propose(Exchange exchange, List<Command> commands, Function<Committed, Answer> answer) {
        return propose(exchange, CommandCodec.encodeAll(commands), answer);
    }

    CompletionStage<Answer> propose(Exchange exchange, EncodedCommands commands, Function<Committed, Answer> answer) {
        int demanded = (int) exchange.whole(ZONES, 1, zoneWait.most(), 0);
        if (demanded > 0) {
            return proposeInZones(exchange, commands, answer, demanded);
        }
        Consumer<@Nullable Committed> span = exchange.span().commit(commands.count());
        return node.raft()
                .propose(commands)
                .whenComplete((committed, failure) -> span.accept(committed))
                .thenApplyAsync(answer, exchange.loop());
    }

    private CompletionStage<Answer> proposeInZones(
            Exchange exchange, EncodedCommands commands, Function<Committed, Answer> answer, int demanded) {
        Consumer<@Nullable Committed> span = exchange.span().commit(commands.count());
        return node.raft()
                .propose(commands)
                .whenComplete((committed, failure) -> span.accept(committed))
                .thenCompose(committed -> zoneWait.reach(committed, demanded))
                .thenApplyAsync(
                        committed -> {
                            int reached = zoneWait.reached(committed);
                            Answer given = answer.apply(committed);
                            Answer told = reached < demanded && given.status() == OK
                                    ? new Answer(ACCEPTED, given.contentType(), given.body(), given.headers())
                                    : given;
                            return told.with(ZONES_HEADER, "demanded=" + demanded + ", reached=" + reached);
                        },
                        exchange.loop());
    }

    /** For a request of one command: its acceptance as {@code accepted}, its refusal as a problem. */
    CompletionStage<Answer> proposeOne(Exchange exchange, Command command, Function<Committed, Answer> accepted) {
        return propose(exchange, List.of(command), committed -> {
            Command.Outcome outcome = committed.outcomes().get(0);
            if (!outcome.reason().accepted()) {
                throw refusal(outcome.reason());
            }
            return accepted.apply(committed);
        });
    }

    /** Zone of each node. */
    Map<String, String> zones() {
        return zones;
    }

    /** {@code {"index"}} for commands of which nothing more is to be said. */
    static Answer index(Committed committed) {
        return Answer.json(200, json -> {
            json.writeStartObject();
            json.writeNumberField("index", committed.outcomes().get(0).journalIndex());
            json.writeEndObject();
        });
    }

    /** Nodes and zones known to have synced the entry. */
    void heldBy(JsonGenerator json, Committed committed) throws IOException {
        json.writeArrayFieldStart("heldBy");
        for (String id : committed.heldBy()) {
            json.writeStartObject();
            json.writeStringField("node", id);
            json.writeStringField("zone", zones.getOrDefault(id, ""));
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeNumberField("zones", zoneWait.reached(committed));
    }

    static Problem refusal(Reason reason) {
        return reason == Reason.MAINTENANCE
                ? Problem.maintenance(sentence(reason))
                : Problem.rejected(status(reason), reason, sentence(reason));
    }

    private static int status(Reason reason) {
        return switch (reason) {
            case OK, DUPLICATE -> 200;
            case NOT_BEGUN, MAINTENANCE -> 503;
            case HOLD_NOT_FOUND, TRANSFER_NOT_FOUND, CASE_NOT_FOUND, NODE_UNKNOWN -> 404;
            case GENESIS_EXISTS,
                    NOT_IN_MAINTENANCE,
                    ID_CONFLICT,
                    ALREADY_REVERSED,
                    ACCOUNT_EXISTS_WITH_OTHER_CONTENT,
                    CASE_EXISTS,
                    NODE_ALREADY_ISOLATED,
                    NODE_NOT_ISOLATED,
                    QUORUM_AT_RISK,
                    ATTESTATION_STALE,
                    POLICY_STALE,
                    POLICY_UNFILLABLE,
                    KEY_EXISTS,
                    GATE_STRANDED,
                    TOO_MANY_CHANGES,
                    SCREENING_NOT_OPEN,
                    ANCHOR_GOES_BACK -> 409;
            case GATED,
                    CASE_NOT_OPEN,
                    CASE_EXPIRED,
                    PAYLOAD_DIFFERS,
                    STATEMENT_EXPIRED,
                    STATEMENT_OUTLIVES_CASE,
                    KEY_UNKNOWN,
                    KEY_NOT_ACTIVE,
                    SIGNATURE_INVALID,
                    APPROVER_IS_REQUESTER,
                    APPROVER_IS_SUBJECT,
                    SIGN_COUNT_WENT_BACK,
                    NOT_A_DETECTOR,
                    PERSON_HAS_DECIDED,
                    ROLE_NOT_DEMANDED -> 403;
            default -> 422;
        };
    }

    private static String sentence(Reason reason) {
        return switch (reason) {
            case GATED -> "the hold is gated: only its complete approvals release it";
            case INSUFFICIENT_FUNDS -> "the debit account would fall below what it may";
            case ID_CONFLICT -> "a transfer of this id but other content came before; use a new id";
            case LEGS_UNBALANCED -> "the debits of each asset must equal its credits";
            case LEGS_REACH_TIER ->
                "an amount that needs approvals or screening goes as a transfer of one debit and one credit";
            case QUORUM_AT_RISK -> "too few active nodes would be left to keep the majority";
            case MAINTENANCE ->
                "writes are stopped for maintenance; GET /v1/maintenance says by whom, why and until when";
            case NOT_BEGUN -> "the ledger has no genesis yet; try again";
            default -> "refused: " + reason.wireName().replace('_', ' ');
        };
    }
}
