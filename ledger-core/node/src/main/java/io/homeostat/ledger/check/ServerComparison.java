package io.homeostat.ledger.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.homeostat.merkle.Checkpoint;
import io.homeostat.merkle.CheckpointSigner;
import io.homeostat.merkle.Digests;
import io.homeostat.merkle.Frames;
import io.homeostat.merkle.MerkleFrontier;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.Proofs;
import io.homeostat.merkle.SignedNote;
import io.homeostat.merkle.bundle.Leaf;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A running node against the recount of its own journal. Each answer is compared at the index that it states. */
final class ServerComparison {
    private static final String API = "api";
    private static final int MAX_LEAF_BYTES = 1 << 20;
    private static final int ROOTS_EVERY = 1024;
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final ObjectMapper JSON = new ObjectMapper();
    private final URI node;
    private final String token;
    private final Differences differences;
    private final Progress progress;
    private final Recount recount;
    private final MerkleFrontier frontier = new MerkleFrontier();
    /** The edge at every {@link #ROOTS_EVERY} leaves, to find the false leaf when the root is false. */
    private final List<MerkleFrontier> edges = new ArrayList<>();

    private final HttpClient http;

    ServerComparison(HttpClient http, URI node, String token, Differences differences, Progress progress) {
        this.http = http;
        this.node = node;
        this.token = token;
        this.differences = differences;
        this.progress = progress;
        this.recount = new Recount(differences);
    }

    Recount recount() {
        return recount;
    }

    byte[] root() {
        return frontier.root();
    }

    void run() throws IOException, InterruptedException {
        SignedNote note = SignedNote.parse(get("/v1/checkpoint"));
        Checkpoint head = Checkpoint.parse(note.text());
        replayTo(head.size(), head.size());
        compareHead(note, head);
        comparePolicy();
        compareSums();
        compareAccounts();
        compareHolds();
        compareCases();
        compareNodes();
    }

    /** Replays further leaves, so that an answer of a later index can be compared. */
    private void replayTo(long size, long total) throws IOException, InterruptedException {
        while (recount.leaves() < size) {
            long from = recount.leaves();
            List<byte[]> leaves;
            try {
                leaves = Frames.decode(
                        get("/v1/journal?from=" + from + "&limit=" + Math.min(65_536, size - from)), MAX_LEAF_BYTES);
            } catch (IllegalArgumentException e) {
                throw new UnknownEvent("the frames from leaf " + from + " on are damaged: " + e.getMessage(), e);
            }
            if (leaves.isEmpty()) {
                throw new IOException("expected leaf " + from + " of " + size + " but the node sent none");
            }
            for (byte[] leaf : leaves) {
                recount.follow(leaf);
                frontier.append(MerkleTree.leafHash(leaf));
                if (frontier.size() % ROOTS_EVERY == 0) {
                    edges.add(frontier.copy());
                }
            }
            progress.at("leaves", recount.leaves(), total);
        }
    }

    private void compareHead(SignedNote note, Checkpoint head) throws IOException, InterruptedException {
        io.homeostat.merkle.bundle.Genesis genesis = recount.genesis().genesis();
        boolean signed = genesis.nodes().stream()
                .anyMatch(known -> note.verifiedBy(
                        CheckpointSigner.keyName(genesis.ledgerName(), known.id()), known.checkpointKey()));
        differences.same(
                "checkpoint",
                "signature",
                head.size() - 1,
                "of a node of the genesis",
                signed ? "of a node of the genesis" : "of nobody known");
        String expected = Digests.hex(frontier.root());
        String found = Digests.hex(head.root());
        differences.same("checkpoint", "root", head.size() - 1, expected, found);
        if (!expected.equals(found)) {
            long bad = firstFalseLeaf(head);
            if (bad >= 0) {
                differences.add(
                        Recount.JOURNAL, "leaf", bad, "the one in the signed tree", "another one: it was changed");
            }
        }
    }

    /** Between the largest prefix that the signed head extends and the next: bisected by consistency proofs. */
    private long firstFalseLeaf(Checkpoint head) throws IOException, InterruptedException {
        int low = 0;
        int high = edges.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (extendsTo(edges.get(middle), head)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        MerkleFrontier edge =
                low == 0 ? new MerkleFrontier() : edges.get(low - 1).copy();
        long from = edge.size();
        int limit = (int) Math.min(ROOTS_EVERY, head.size() - from);
        for (byte[] leaf : Frames.decode(get("/v1/journal?from=" + from + "&limit=" + limit), MAX_LEAF_BYTES)) {
            edge.append(MerkleTree.leafHash(leaf));
            if (!extendsTo(edge, head)) {
                return edge.size() - 1;
            }
        }
        return -1;
    }

    private boolean extendsTo(MerkleFrontier edge, Checkpoint head) throws IOException, InterruptedException {
        if (edge.size() >= head.size()) {
            return java.util.Arrays.equals(edge.root(), head.root());
        }
        JsonNode answer = json("/v1/proofs/consistency?from=" + edge.size() + "&to=" + head.size());
        List<byte[]> proof = new ArrayList<>();
        answer.path("hashes").forEach(hash -> proof.add(Base64.getDecoder().decode(hash.textValue())));
        return Proofs.verifyConsistency(edge.size(), head.size(), edge.root(), head.root(), proof);
    }

    /** Its answer states no index of the journal: a change that came meanwhile is looked for once more. */
    private void comparePolicy() throws IOException, InterruptedException {
        JsonNode shown = json("/v1/policy");
        catchUp(json("/v1/sums").path("index").asLong());
        if (shown.path("version").asLong(-1) != recount.policyVersion()) {
            shown = json("/v1/policy");
        }
        Policies.compareShown(differences, API, recount.leaves() - 1, recount, shown);
    }

    private void compareSums() throws IOException, InterruptedException {
        JsonNode answer = json("/v1/sums");
        catchUp(answer.path("index").asLong());
        Map<String, String> expected = new TreeMap<>();
        recount.sums().forEach((asset, sum) -> expected.put(asset, sum.toString()));
        Map<String, String> found = new TreeMap<>();
        answer.path("sums")
                .fields()
                .forEachRemaining(sum -> found.put(sum.getKey(), sum.getValue().asText()));
        differences.same(API, "sums", answer.path("index").asLong(), expected, found);
    }

    private void compareAccounts() throws IOException, InterruptedException {
        for (int i = 0; i < recount.accounts().size(); i++) {
            Recount.Account known = recount.accounts().get(i);
            String subject = "account " + known.created.id();
            JsonNode answer = orNull("/v1/accounts/" + known.created.id());
            if (answer == null) {
                differences.add(API, subject, recount.leaves() - 1, "an account", "nothing");
                continue;
            }
            long at = answer.path("index").asLong();
            catchUp(at);
            differences.same(
                    API,
                    subject + " asset",
                    at,
                    known.created.asset(),
                    answer.path("asset").asText());
            differences.same(
                    API,
                    subject + " debitsPosted",
                    at,
                    known.debitsPosted,
                    answer.path("debitsPosted").asLong(-1));
            differences.same(
                    API,
                    subject + " creditsPosted",
                    at,
                    known.creditsPosted,
                    answer.path("creditsPosted").asLong(-1));
            differences.same(
                    API,
                    subject + " debitsHeld",
                    at,
                    known.debitsHeld,
                    answer.path("debitsHeld").asLong(-1));
            differences.same(
                    API,
                    subject + " creditsHeld",
                    at,
                    known.creditsHeld,
                    answer.path("creditsHeld").asLong(-1));
            progress.at("accounts", i + 1L, recount.accounts().size());
        }
    }

    /** A hold that was closed since the recount's last leaf states a later index; then the recount goes there first. */
    private void compareHolds() throws IOException, InterruptedException {
        List<Leaf.TransferHeld> open = new ArrayList<>(recount.openHolds().values());
        for (int i = 0; i < open.size(); i++) {
            Leaf.TransferHeld held = open.get(i);
            UUID id = held.id();
            JsonNode answer = orNull("/v1/transfers/" + id);
            long at = answer == null ? held.sequence() : answer.path("index").asLong();
            catchUp(at);
            if (recount.openHolds().containsKey(id)) {
                differences.same(
                        API,
                        "hold " + id + " status",
                        held.sequence(),
                        "held",
                        answer == null ? "nothing" : answer.path("status").asText());
                differences.same(
                        API,
                        "hold " + id + " amount",
                        held.sequence(),
                        held.amount(),
                        answer == null ? -1 : answer.path("amount").asLong(-1));
            }
            progress.at("holds", i + 1L, open.size());
        }
    }

    private void compareCases() throws IOException, InterruptedException {
        for (Recount.Case known : List.copyOf(recount.cases().values())) {
            String id = known.opened.caseId();
            String before = known.state;
            JsonNode answer = orNull("/v1/cases/" + id);
            String found = answer == null ? "nothing" : answer.path("state").asText();
            if (!before.equals(found)) {
                // It may have been decided a moment ago: the journal says.
                catchUp(json("/v1/sums").path("index").asLong());
            }
            differences.same(API, "case " + id + " state", known.opened.sequence(), known.state, found);
        }
    }

    private void compareNodes() throws IOException, InterruptedException {
        JsonNode answer = json("/v1/nodes");
        catchUp(answer.path("index").asLong());
        for (JsonNode each : answer.path("nodes")) {
            Recount.Node known = recount.nodes().get(each.path("id").asText());
            String expected = known == null ? "none" : known.isolated ? "isolated" : "active";
            differences.same(
                    API,
                    "node " + each.path("id").asText(),
                    recount.leaves() - 1,
                    expected,
                    each.path("state").asText());
        }
    }

    private void catchUp(long index) throws IOException, InterruptedException {
        replayTo(index + 1, index + 1);
    }

    private JsonNode json(String path) throws IOException, InterruptedException {
        return JSON.readTree(get(path));
    }

    private @Nullable JsonNode orNull(String path) throws IOException, InterruptedException {
        HttpResponse<byte[]> response = send(path);
        if (response.statusCode() == 404) {
            return null;
        }
        return JSON.readTree(body(path, response));
    }

    private byte[] get(String path) throws IOException, InterruptedException {
        return body(path, send(path));
    }

    private static byte[] body(String path, HttpResponse<byte[]> response) throws IOException {
        if (response.statusCode() != 200) {
            throw new IOException("expected 200 to GET " + path + " but got " + response.statusCode() + ": "
                    + new String(response.body(), StandardCharsets.UTF_8));
        }
        return response.body();
    }

    private HttpResponse<byte[]> send(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(node.resolve(path))
                .timeout(ANSWER)
                .header("Authorization", "Bearer " + token)
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofByteArray());
    }
}
