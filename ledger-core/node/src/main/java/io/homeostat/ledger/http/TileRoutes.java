package io.homeostat.ledger.http;

import io.homeostat.ledger.state.Ledger;
import io.homeostat.merkle.EntryBundle;
import io.homeostat.merkle.TilePath;
import io.vertx.core.http.HttpMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The journal as C2SP tlog-tiles serves it: tiles of hashes and bundles of entries, which never change once they exist, so
 * that any client of such logs can compute roots and proofs by itself. Leader and follower serve what they have applied,
 * which is committed.
 */
final class TileRoutes {
    private static final String OCTETS = "application/octet-stream";
    /** Immutable, but behind a token: a shared cache must not hand it on. */
    private static final String FOREVER = "private, max-age=31536000, immutable";

    private final NodeServices node;

    TileRoutes(NodeServices node) {
        this.node = node;
    }

    List<Route> routes() {
        return List.of(new Route(HttpMethod.GET, "/tile/{+path}", "reader", Route.Place.LOCAL, this::tile));
    }

    private CompletionStage<Answer> tile(Exchange exchange) {
        exchange.knows();
        TilePath path;
        try {
            path = TilePath.parse(exchange.variables().get(0));
        } catch (IllegalArgumentException e) {
            throw Problem.notFound("tile_not_found", String.valueOf(e.getMessage()));
        }
        Ledger ledger = node.ledger();
        long size = ledger.journalSize();
        if (path.leavesNeeded() > size) {
            throw Problem.notFound(
                    "tile_not_found",
                    "the tile " + path.text() + " needs more leaves than the " + size + " of this node's journal");
        }
        byte[] body = path.level().isPresent() ? ledger.tile(path) : entries(ledger, path);
        return CompletableFuture.completedFuture(new Answer(200, OCTETS, body).with("Cache-Control", FOREVER));
    }

    private static byte[] entries(Ledger ledger, TilePath path) {
        List<byte[]> entries = new ArrayList<>();
        long first = path.index() * TilePath.FULL;
        while (entries.size() < path.width()) {
            entries.addAll(
                    ledger.readJournal(first + entries.size(), path.width() - entries.size(), Integer.MAX_VALUE));
        }
        try {
            return EntryBundle.encode(entries);
        } catch (IllegalArgumentException e) {
            throw Problem.notFound(
                    "tile_not_found",
                    "bundle " + path.text() + " can not be written: " + e.getMessage() + "; read it from /v1/journal");
        }
    }
}
