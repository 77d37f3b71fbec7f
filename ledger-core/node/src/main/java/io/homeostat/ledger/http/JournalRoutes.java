package io.homeostat.ledger.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.homeostat.ledger.state.Command;
import io.homeostat.ledger.state.Ledger;
import io.homeostat.ledger.state.TransferView;
import io.homeostat.merkle.Checkpoint;
import io.homeostat.merkle.Frames;
import io.homeostat.merkle.SignedNote;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The journal, its proofs and signed heads: what an auditor reads. Committed leaves never change. */
final class JournalRoutes {
    private final NodeServices node;
    private final Writes writes;
    private final JournalStreams streams;

    JournalRoutes(NodeServices node, Writes writes, JournalStreams streams) {
        this.node = node;
        this.streams = streams;
        this.writes = writes;
    }

    List<Route> routes() {
        return List.of(
                new Route(HttpMethod.GET, "/v1/checkpoint", "reader", Route.Place.LOCAL, this::checkpoint),
                new Route(HttpMethod.GET, "/v1/checkpoint/witnessed", "reader", Route.Place.LEADER, this::witnessed),
                new Route(HttpMethod.GET, "/checkpoint", "reader", Route.Place.LOCAL, this::published),
                new Route(HttpMethod.GET, "/v1/journal", "reader", Route.Place.LOCAL, this::journal),
                new Route(
                        HttpMethod.GET,
                        "/v1/transfers/{id}/proof",
                        "reader",
                        Route.Place.LINEARIZABLE,
                        this::transferProof),
                new Route(
                        HttpMethod.GET,
                        "/v1/cases/{caseId}/proof",
                        "reader",
                        Route.Place.LINEARIZABLE,
                        this::caseProof),
                new Route(HttpMethod.GET, "/v1/proofs/inclusion", "reader", Route.Place.LOCAL, this::inclusion),
                new Route(HttpMethod.GET, "/v1/proofs/consistency", "reader", Route.Place.LOCAL, this::consistency),
                new Route(HttpMethod.POST, "/v1/anchors", "trail", Route.Place.LEADER, this::anchor));
    }

    /** What changes must not be kept, not even for the seconds that the specification of tiles allows. */
    private CompletionStage<Answer> checkpoint(Exchange exchange) {
        exchange.knows();
        requireBegun();
        return CompletableFuture.completedFuture(note(node.heads().current()));
    }

    /** For clients of tiles: the head that witnesses cosigned, where there is one. */
    private CompletionStage<Answer> published(Exchange exchange) {
        exchange.knows();
        requireBegun();
        return CompletableFuture.completedFuture(note(node.heads().cosigned().orElseGet(node.heads()::current)));
    }

    private CompletionStage<Answer> witnessed(Exchange exchange) {
        exchange.knows();
        return CompletableFuture.completedFuture(note(node.heads()
                .cosigned()
                .orElseThrow(
                        () -> Problem.notFound("not_witnessed", "no witness has cosigned a head of this leader"))));
    }

    private static Answer note(SignedNote note) {
        return new Answer(200, "text/plain; charset=utf-8", note.encode()).with("Cache-Control", "no-cache");
    }

    /** All that somebody needs who was given a transfer's id: its newest leaf, the path to a head, and the signed head. */
    private CompletionStage<Answer> transferProof(Exchange exchange) {
        exchange.knows();
        UUID id = Syntax.uuid(exchange.variable(0, "id", Syntax.UUID));
        TransferView transfer = (id == null
                        ? Optional.<TransferView>empty()
                        : node.ledger().transfer(id))
                .orElseThrow(() -> Problem.notFound("transfer_not_found", "no transfer has this id"));
        if (!transfer.reason().accepted()) {
            throw Problem.conflict("no_leaf", "the transfer was rejected (" + transfer.reason() + "): it has no leaf");
        }
        return proof(transfer.index());
    }

    /** When and for what a case was opened, for somebody who can not ask the ledger: a sidecar of a node that is out. */
    private CompletionStage<Answer> caseProof(Exchange exchange) {
        String id = exchange.knows().variable(0, "caseId", Syntax.CASE_ID);
        return proof(node.ledger()
                .caseOf(id)
                .orElseThrow(() -> Problem.notFound("case_not_found", "there is no case '" + id + "'"))
                .openedIndex());
    }

    private CompletionStage<Answer> proof(long sequence) {
        requireBegun();
        SignedNote note = node.heads().current();
        long size = Checkpoint.parse(note.text()).size();
        byte[] leaf = node.ledger().readJournal(sequence, 1, Integer.MAX_VALUE).get(0);
        List<byte[]> path = node.ledger().inclusionProof(sequence, size);
        return CompletableFuture.completedFuture(Answer.json(200, json -> {
            json.writeStartObject();
            json.writeNumberField("sequence", sequence);
            json.writeStringField("leaf", Base64.getEncoder().encodeToString(leaf));
            json.writeNumberField("size", size);
            writeHashes(json, path);
            json.writeStringField("checkpoint", new String(note.encode(), StandardCharsets.UTF_8));
            json.writeEndObject();
        }));
    }

    private CompletionStage<Answer> journal(Exchange exchange) {
        for (JournalStreams.Format format : JournalStreams.Format.values()) {
            if (format.wantedBy(exchange.header("Accept"))) {
                exchange.knows("from");
                return CompletableFuture.completedFuture(streams.open(streamFrom(exchange), format));
            }
        }
        exchange.knows("from", "limit");
        Ledger ledger = node.ledger();
        long size = ledger.journalSize();
        long from = exchange.whole("from", 0, Long.MAX_VALUE, 0);
        int most = node.limits().journalReadLeaves();
        int limit = (int) exchange.whole("limit", 1, most, most);
        if (from > size) {
            throw Problem.invalidField(
                    "from", "0.." + size, "the journal has " + size + " leaves; 'from' is at most that");
        }
        byte[] frames =
                Frames.encode(ledger.readJournal(from, limit, node.limits().journalReadBytes()));
        return CompletableFuture.completedFuture(
                new Answer(200, "application/octet-stream", frames).with("X-Journal-Size", Long.toString(size)));
    }

    /** A client that reconnects sends the first URL again, with the id that it has; the id is newer. */
    private static long streamFrom(Exchange exchange) {
        long from = exchange.whole("from", 0, Long.MAX_VALUE, 0);
        String last = exchange.header("Last-Event-ID");
        if (last.isEmpty()) {
            return from;
        }
        if (!last.matches("[0-9]{1,18}")) {
            throw Problem.invalidField(
                    "Last-Event-ID", "a sequence", "the header 'Last-Event-ID' must be the id of an event");
        }
        return Long.parseLong(last) + 1;
    }

    private CompletionStage<Answer> inclusion(Exchange exchange) {
        exchange.knows("sequence", "size");
        long journal = node.ledger().journalSize();
        long size = exchange.required("size", 1, Math.max(1, journal));
        long sequence = exchange.required("sequence", 0, size - 1);
        requireBegun();
        return CompletableFuture.completedFuture(hashes(node.ledger().inclusionProof(sequence, size)));
    }

    private CompletionStage<Answer> consistency(Exchange exchange) {
        exchange.knows("from", "to");
        long journal = node.ledger().journalSize();
        long to = exchange.required("to", 1, Math.max(1, journal));
        long from = exchange.required("from", 0, to);
        requireBegun();
        return CompletableFuture.completedFuture(hashes(node.ledger().consistencyProof(from, to)));
    }

    private CompletionStage<Answer> anchor(Exchange exchange) {
        exchange.knows();
        Command.AnchorTrail command = Json.read(exchange.body(), json -> {
            Json.Fields fields = new Json.Fields(json, "origin", "size", "root");
            String origin = "";
            long size = 0;
            byte[] root = {};
            for (int field = fields.next(); field >= 0; field = fields.next()) {
                switch (field) {
                    case 0 -> origin = fields.text(Syntax.ORIGIN);
                    case 1 -> size = fields.whole(0, Long.MAX_VALUE);
                    default -> root = fields.hex();
                }
            }
            fields.require(0, 1, 2);
            return new Command.AnchorTrail(origin, size, root);
        });
        return writes.proposeOne(exchange, command, Writes::index);
    }

    private void requireBegun() {
        if (!node.ledger().begun()) {
            throw Problem.unavailable("the ledger has no genesis yet; try again");
        }
    }

    private static Answer hashes(List<byte[]> hashes) {
        return Answer.json(200, json -> {
            json.writeStartObject();
            writeHashes(json, hashes);
            json.writeEndObject();
        });
    }

    private static void writeHashes(JsonGenerator json, List<byte[]> hashes) throws IOException {
        json.writeArrayFieldStart("hashes");
        for (byte[] hash : hashes) {
            json.writeString(Base64.getEncoder().encodeToString(hash));
        }
        json.writeEndArray();
    }
}
