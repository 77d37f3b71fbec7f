package io.homeostat.deploy.backup;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.deploy.rest.Rest;
import io.homeostat.ledger.check.Progress;
import io.homeostat.ledger.raft.SnapshotFile;
import io.homeostat.merkle.Frames;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What a backup reads of a running node, through its public API. */
public final class LedgerSource {
    /** Freezing, writing and syncing the state of some ten million transfers takes tens of seconds. */
    private static final Duration SNAPSHOT = Duration.ofMinutes(10);

    private static final Duration ANSWER = Duration.ofSeconds(60);
    private static final int MAX_LEAF_BYTES = 4 << 20;
    /** Of a snapshot's files: one, or one in one folder. */
    static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)?");

    private final HttpClient http;
    private final URI node;
    private final String token;

    /**
     * @param http trusts the node, and shows it a certificate when it asks for one
     * @param token of a principal with the roles operator and reader
     */
    public LedgerSource(HttpClient http, URI node, String token) {
        this.http = http;
        this.node = URI.create(node.toString().replaceAll("/+$", ""));
        this.token = token;
    }

    /** A snapshot's files by name, and the signed head over its leaves. */
    record Snapshot(Map<String, Path> files, long term, long raftIndex, byte[] checkpoint) {
        Path state() {
            return files.getOrDefault(SnapshotFile.STATE, Path.of(SnapshotFile.STATE));
        }
    }

    /** @param folder new, for the files */
    Snapshot snapshot(Path folder, Progress progress) throws IOException, InterruptedException {
        JsonNode offer;
        try (InputStream body = send("/v1/snapshot", SNAPSHOT).body()) {
            offer = Rest.JSON.readTree(body.readAllBytes());
        }
        Map<String, Path> files = new TreeMap<>();
        for (JsonNode each : offer.path("files")) {
            String name = each.path("name").asText();
            if (!NAME.matcher(name).matches()) {
                throw new IOException("node " + node + " offers a file of the name '" + name + "'");
            }
            progress.at("fetching " + name, 0, 0);
            Path file = folder.resolve(name);
            Files.createDirectories(file.getParent());
            try (InputStream body = send("/v1/snapshot/" + name, SNAPSHOT).body()) {
                Files.copy(body, file);
            }
            if (Files.size(file) != each.path("bytes").asLong()) {
                throw new IOException("node " + node + " sent " + Files.size(file) + " bytes of " + name
                        + " instead of " + each.path("bytes").asLong());
            }
            files.put(name, file);
        }
        return new Snapshot(
                files,
                offer.path("raftTerm").asLong(),
                offer.path("raftIndex").asLong(),
                offer.path("checkpoint").asText().getBytes(StandardCharsets.UTF_8));
    }

    /** At least one leaf; those from {@code from} on, as many as the node sends at once. */
    List<byte[]> leaves(long from, int most) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = send("/v1/journal?from=" + from + "&limit=" + most, ANSWER);
        try (InputStream body = response.body()) {
            List<byte[]> leaves = Frames.decode(body.readAllBytes(), MAX_LEAF_BYTES);
            if (leaves.isEmpty()) {
                throw new IOException("node " + node + " has no leaf " + from);
            }
            return leaves;
        } catch (IllegalArgumentException e) {
            throw new IOException("node " + node + " sent damaged frames from leaf " + from + " on", e);
        }
    }

    private HttpResponse<InputStream> send(String path, Duration timeout) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = http.send(
                HttpRequest.newBuilder(URI.create(node + path))
                        .timeout(timeout)
                        .header("Authorization", "Bearer " + token)
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            try (InputStream body = response.body()) {
                throw new IOException("node " + node + " answered " + response.statusCode() + " to GET " + path + ": "
                        + new String(body.readNBytes(2048), StandardCharsets.UTF_8));
            }
        }
        return response;
    }
}
