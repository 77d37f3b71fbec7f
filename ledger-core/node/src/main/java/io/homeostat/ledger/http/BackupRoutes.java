package io.homeostat.ledger.http;

import io.homeostat.ledger.raft.NotCommitted;
import io.homeostat.ledger.raft.SnapshotFile;
import io.homeostat.ledger.state.SnapshotDamaged;
import io.homeostat.ledger.state.SnapshotSummary;
import io.homeostat.merkle.SignedNote;
import io.vertx.core.http.HttpMethod;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * A fresh snapshot of this node, and its signed head over exactly the leaves that the snapshot holds. With those leaves,
 * which never change, that is a consistent copy while the node goes on writing.
 *
 * <p>One is offered at a time, until the next is asked for: its files are linked into a folder of their own, where the
 * retention of snapshots does not reach them. Thread-safe.
 */
final class BackupRoutes {
    private static final int HEAD_BYTES = 1 << 12;
    private final NodeServices node;
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile Map<String, Path> offered = Map.of();

    BackupRoutes(NodeServices node) {
        this.node = node;
    }

    List<Route> routes() {
        return List.of(
                new Route(HttpMethod.GET, "/v1/snapshot", "operator", Route.Place.LOCAL, this::offer),
                new Route(HttpMethod.GET, "/v1/snapshot/{+path}", "operator", Route.Place.LOCAL, this::file));
    }

    private CompletionStage<Answer> offer(Exchange exchange) {
        exchange.knows();
        if (!busy.compareAndSet(false, true)) {
            throw Problem.overloaded("another backup takes a snapshot of this node", "1");
        }
        return node.raft()
                .snapshotFile()
                .thenApply(this::answer)
                .whenComplete((answer, failure) -> busy.set(false))
                .exceptionally(failure -> {
                    Throwable cause = failure instanceof CompletionException && failure.getCause() != null
                            ? failure.getCause()
                            : failure;
                    throw cause instanceof Problem || cause instanceof NotCommitted
                            ? (RuntimeException) cause
                            : Problem.unavailable("no snapshot could be taken: " + cause.getMessage());
                });
    }

    private Answer answer(SnapshotFile snapshot) {
        try {
            Map<String, Path> files = link(snapshot);
            SignedNote head;
            try (InputStream in = new BufferedInputStream(Files.newInputStream(snapshot.path()), HEAD_BYTES)) {
                head = node.heads().at(SnapshotSummary.read(in).edge().size());
            }
            offered = files;
            return Answer.json(200, json -> {
                json.writeStartObject();
                json.writeNumberField("raftTerm", snapshot.term());
                json.writeNumberField("raftIndex", snapshot.raftIndex());
                json.writeStringField("checkpoint", new String(head.encode(), StandardCharsets.UTF_8));
                json.writeArrayFieldStart("files");
                for (Map.Entry<String, Path> file : files.entrySet()) {
                    json.writeStartObject();
                    json.writeStringField("name", file.getKey());
                    json.writeNumberField("bytes", Files.size(file.getValue()));
                    json.writeEndObject();
                }
                json.writeEndArray();
                json.writeEndObject();
            });
        } catch (IOException | SnapshotDamaged e) {
            throw Problem.unavailable("the snapshot that was taken can not be read: " + e.getMessage());
        }
    }

    /** Links cost no space while the snapshot is kept, and keep the files when it is not. */
    private Map<String, Path> link(SnapshotFile snapshot) throws IOException {
        Path folder = node.config().dataDir().resolve("backup");
        if (Files.exists(folder)) {
            try (Stream<Path> old = Files.walk(folder)) {
                for (Path file : old.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
        Map<String, Path> links = new TreeMap<>();
        for (Map.Entry<String, Path> file : snapshot.files().entrySet()) {
            Path link = folder.resolve(file.getKey());
            Files.createDirectories(link.getParent());
            links.put(file.getKey(), Files.createLink(link, file.getValue()));
        }
        return links;
    }

    private CompletionStage<Answer> file(Exchange exchange) {
        exchange.knows();
        // Only what was listed, so that no path leads elsewhere.
        Path file = offered.get(exchange.variables().get(0));
        if (file == null) {
            throw Problem.notFound(
                    "not_offered", "no file of this name is offered: GET /v1/snapshot lists those of the newest");
        }
        return CompletableFuture.completedFuture(
                Answer.streamed("application/octet-stream", response -> response.sendFile(file.toString()))
                        .with("Cache-Control", "no-store"));
    }
}
