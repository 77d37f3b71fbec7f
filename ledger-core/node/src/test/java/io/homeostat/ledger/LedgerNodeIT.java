package io.homeostat.ledger;

import static io.homeostat.ledger.testing.LocalCluster.CLIENT;
import static io.homeostat.ledger.testing.LocalCluster.HEALER;
import static io.homeostat.ledger.testing.LocalCluster.OPERATOR;
import static io.homeostat.ledger.testing.LocalCluster.PATIENCE;
import static io.homeostat.ledger.testing.LocalCluster.READER;
import static io.homeostat.ledger.testing.LocalCluster.TRAIL;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.ledger.client.LedgerClient;
import io.homeostat.ledger.client.LedgerClientLimits;
import io.homeostat.ledger.testing.Eventually;
import io.homeostat.ledger.testing.LocalCluster;
import io.homeostat.ledger.testing.LocalCluster.Answer;
import io.homeostat.merkle.Frames;
import io.homeostat.merkle.MerkleFrontier;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.SignedNote;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three real nodes, real Raft, real HTTP: what a client, an approver and an auditor see. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LedgerNodeIT {
    @TempDir
    static Path dir;

    private static LocalCluster cluster;

    @BeforeAll
    static void start() {
        cluster = new LocalCluster(dir, 3).startAll();
        Answer made = cluster.post("n1", "/v1/accounts", OPERATOR, """
                {"accounts":[
                 {"id":"world","asset":"EUR","exponent":2,"class":"external","debitsMustNotExceedCredits":false},
                 {"id":"alice","asset":"EUR","exponent":2,"class":"customer","debitsMustNotExceedCredits":true},
                 {"id":"bob","asset":"EUR","exponent":2,"class":"customer","debitsMustNotExceedCredits":true},
                 {"id":"dollars","asset":"USD","exponent":2,"class":"customer","debitsMustNotExceedCredits":true}]}""");
        assertThat(made.status()).as(made.text()).isEqualTo(200);
        Answer funded =
                cluster.post("n2", "/v1/transfers", CLIENT, transfer(UUID.randomUUID(), "world", "alice", 900_000));
        assertThat(funded.status()).as(funded.text()).isEqualTo(200);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static String transfer(UUID id, String debit, String credit, long amount) {
        return "{\"id\":\"" + id + "\",\"debit\":\"" + debit + "\",\"credit\":\"" + credit + "\",\"amount\":" + amount
                + ",\"asset\":\"EUR\"}";
    }

    private static long balance(String node, String account) {
        return cluster.get(node, "/v1/accounts/" + account, READER)
                .json()
                .path("balance")
                .asLong();
    }

    @Test
    void a_transfer_moves_money_and_every_node_shows_it_at_once() {
        for (String node : cluster.ids()) {
            long before = balance(node, "bob");

            Answer answer = cluster.post(node, "/v1/transfers", CLIENT, transfer(UUID.randomUUID(), "alice", "bob", 7));

            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            assertThat(answer.json().path("status").asText()).isEqualTo("posted");
            assertThat(answer.json().path("heldBy")).hasSizeGreaterThanOrEqualTo(2);
            for (String reader : cluster.ids()) {
                assertThat(balance(reader, "bob")).as("read at %s", reader).isEqualTo(before + 7);
            }
        }
    }

    @Test
    void a_batch_answers_in_order_with_one_result_each() {
        UUID good = UUID.randomUUID();
        UUID poor = UUID.randomUUID();
        UUID lost = UUID.randomUUID();
        String body = "{\"transfers\":[" + transfer(good, "alice", "bob", 1) + ","
                + transfer(poor, "bob", "alice", 999_999) + "," + transfer(lost, "alice", "nobody", 1) + "]}";

        Answer answer = cluster.post(cluster.follower(), "/v1/transfers/batch", CLIENT, body);

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        JsonNode results = answer.json().path("results");
        assertThat(results.findValuesAsText("id")).containsExactly(good.toString(), poor.toString(), lost.toString());
        assertThat(results.findValuesAsText("status")).containsExactly("posted", "rejected", "rejected");
        assertThat(results.path(1).path("reason").asText()).isEqualTo("insufficient_funds");
        assertThat(results.path(2).path("reason").asText()).isEqualTo("credit_account_not_found");
    }

    @Test
    void a_batch_in_protobuf_is_answered_as_the_same_in_json_is() {
        LedgerClient client = new LedgerClient(
                List.of(URI.create(cluster.url(cluster.follower()))), CLIENT, LedgerClientLimits.DEFAULTS);
        List<LedgerClient.Transfer> transfers = List.of(
                new LedgerClient.Transfer(UUID.randomUUID(), "alice", "bob", 1, "EUR"),
                new LedgerClient.Transfer(UUID.randomUUID(), "bob", "alice", 999_999, "EUR"),
                new LedgerClient.Transfer(UUID.randomUUID(), "alice", "bob", 1, "EUR", true, 60),
                new LedgerClient.Transfer(UUID.randomUUID(), "alice", "nobody", 1, "EUR"));
        String json = "{\"transfers\":["
                + transfer(UUID.randomUUID(), "alice", "bob", 1) + ","
                + transfer(UUID.randomUUID(), "bob", "alice", 999_999) + ","
                + transfer(UUID.randomUUID(), "alice", "bob", 1).replace("}", ",\"hold\":true,\"timeoutSeconds\":60}")
                + "," + transfer(UUID.randomUUID(), "alice", "nobody", 1) + "]}";

        List<LedgerClient.Outcome> binary = client.batch(transfers);
        JsonNode text = cluster.post(cluster.follower(), "/v1/transfers/batch", CLIENT, json)
                .json()
                .path("results");

        assertThat(binary).hasSize(4);
        for (int i = 0; i < binary.size(); i++) {
            assertThat(binary.get(i).status())
                    .isEqualTo(text.path(i).path("status").asText());
            assertThat(binary.get(i).reason())
                    .isEqualTo(text.path(i).path("reason").asText(""));
        }
        assertThat(client.batch(transfers))
                .extracting(LedgerClient.Outcome::reason)
                .containsExactly("duplicate", "duplicate", "duplicate", "duplicate");
        assertThat(client.voidHold(transfers.get(2).id()).ok()).isTrue();
    }

    @Test
    void transfers_that_come_to_a_follower_are_relayed_under_their_own_tokens() {
        String follower = cluster.follower();
        URI uri = URI.create(cluster.url(follower) + "/v1/transfers");
        List<CompletableFuture<Answer>> answers = IntStream.range(0, 40)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> switch (i % 4) {
                    case 0 ->
                        cluster.send(
                                uri,
                                "POST",
                                READER,
                                transfer(UUID.randomUUID(), "alice", "bob", 1),
                                "application/json");
                    case 1 ->
                        cluster.send(
                                uri,
                                "POST",
                                CLIENT,
                                transfer(UUID.randomUUID(), "bob", "alice", 900_000_000),
                                "application/json");
                    default ->
                        cluster.send(
                                uri,
                                "POST",
                                CLIENT,
                                transfer(UUID.randomUUID(), "alice", "bob", 1),
                                "application/json");
                }))
                .toList();

        for (int i = 0; i < answers.size(); i++) {
            Answer answer = answers.get(i).join();
            assertThat(answer.status()).as(answer.text()).isEqualTo(i % 4 == 0 ? 403 : i % 4 == 1 ? 422 : 200);
            if (i % 4 != 0) {
                assertThat(answer.headers().firstValue("X-Homeostat-Leader")).hasValue(cluster.url(cluster.leader()));
            }
        }
        URI relay = URI.create(cluster.url(cluster.leader()) + "/internal/relay");
        assertThat(cluster.send(relay, "POST", CLIENT, "x", "application/vnd.homeostat.relay")
                        .status())
                .isEqualTo(403);
    }

    @Test
    void a_batch_in_protobuf_that_breaks_a_rule_is_400_and_other_routes_take_only_json() {
        URI batch = URI.create(cluster.url("n1") + "/v1/transfers/batch");
        URI single = URI.create(cluster.url("n1") + "/v1/transfers");

        assertThat(cluster.send(batch, "POST", CLIENT, "\n\u0001x", "application/x-protobuf")
                        .status())
                .isEqualTo(400);
        assertThat(cluster.send(single, "POST", CLIENT, "\n\u0001x", "application/x-protobuf")
                        .status())
                .isEqualTo(415);
    }

    @Test
    void batches_in_protobuf_share_one_connection_of_http_2_and_one_too_large_ends_only_itself() throws Exception {
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
        URI live = URI.create(cluster.url("n1") + "/health/live");
        HttpResponse<byte[]> first =
                client.send(HttpRequest.newBuilder(live).build(), HttpResponse.BodyHandlers.ofByteArray());
        assertThat(first.version()).isEqualTo(HttpClient.Version.HTTP_2);

        List<CompletableFuture<HttpResponse<byte[]>>> batches = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            batches.add(overHttp2(client, GateWire.protobuf(UUID.randomUUID().toString(), i + 1)));
        }
        HttpResponse<byte[]> large = overHttp2(client, new byte[3_000_000]).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

        assertThat(large.statusCode()).isEqualTo(413);
        for (CompletableFuture<HttpResponse<byte[]>> batch : batches) {
            HttpResponse<byte[]> answer = batch.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
        }
    }

    private static CompletableFuture<HttpResponse<byte[]>> overHttp2(HttpClient client, byte[] body) {
        return client.sendAsync(
                HttpRequest.newBuilder(URI.create(cluster.url("n1") + "/v1/transfers/batch"))
                        .timeout(PATIENCE)
                        .header("Authorization", "Bearer " + CLIENT)
                        .header("Content-Type", "application/x-protobuf")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    @Test
    void the_same_transfer_again_is_done_once_and_other_content_under_its_id_is_a_conflict() {
        UUID id = UUID.randomUUID();
        long before = balance("n1", "bob");

        Answer first = cluster.post("n1", "/v1/transfers", CLIENT, transfer(id, "alice", "bob", 5));
        Answer again = cluster.post("n2", "/v1/transfers", CLIENT, transfer(id, "alice", "bob", 5));
        Answer other = cluster.post("n3", "/v1/transfers", CLIENT, transfer(id, "alice", "bob", 6));

        assertThat(first.status()).isEqualTo(200);
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.json().path("reason").asText()).isEqualTo("duplicate");
        assertThat(other.status()).isEqualTo(409);
        assertThat(other.json().path("reason").asText()).isEqualTo("id_conflict");
        assertThat(balance("n1", "bob")).isEqualTo(before + 5);
    }

    @Test
    void legs_are_posted_together_reversed_once_and_the_balance_between_stays_known() {
        UUID id = UUID.randomUUID();
        UUID reversal = UUID.randomUUID();
        Answer posted = cluster.post(cluster.follower(), "/v1/transfers", CLIENT, "{\"id\":\"" + id + """
                ","legs":[{"account":"world","asset":"EUR","debit":9},
                 {"account":"alice","asset":"EUR","credit":4},{"account":"bob","asset":"EUR","credit":5}]}""");
        assertThat(posted.status()).as(posted.text()).isEqualTo(200);
        long index = posted.json().path("index").asLong();
        JsonNode between = cluster.get("n1", "/v1/accounts/world?asOfIndex=" + index, READER)
                .json();
        JsonNode before = cluster.get("n1", "/v1/accounts/world?asOfIndex=" + (index - 1), READER)
                .json();
        String body = "{\"id\":\"" + reversal + "\",\"reason\":\"mistake\"}";

        Answer reversed = cluster.post("n2", "/v1/transfers/" + id + "/reverse", CLIENT, body);
        Answer twice = cluster.post(
                "n3",
                "/v1/transfers/" + id + "/reverse",
                CLIENT,
                body.replace(reversal.toString(), "" + UUID.randomUUID()));

        assertThat(reversed.json().path("status").asText()).as(reversed.text()).isEqualTo("posted");
        assertThat(twice.status()).isEqualTo(409);
        assertThat(twice.json().path("reason").asText()).isEqualTo("already_reversed");
        assertThat(between.path("balance").asLong())
                .isEqualTo(before.path("balance").asLong() - 9);
        JsonNode shown = cluster.get("n3", "/v1/transfers/" + id, READER).json();
        assertThat(shown.path("reversedBy").asText()).isEqualTo(reversal.toString());
        assertThat(shown.path("outcome").asText()).isEqualTo("committed");
        assertThat(shown.path("legs")).hasSize(3);
        assertThat(cluster.get("n1", "/v1/sums", READER)
                        .json()
                        .path("sums")
                        .path("EUR")
                        .asLong())
                .isZero();
    }

    @Test
    void a_hold_is_pending_then_posted_in_part_and_listed() {
        UUID id = UUID.randomUUID();
        String body = transfer(id, "alice", "bob", 50).replace("}", ",\"hold\":true}");
        assertThat(cluster.post("n1", "/v1/transfers", CLIENT, body).status()).isEqualTo(200);
        assertThat(cluster.get("n2", "/v1/transfers/" + id, READER)
                        .json()
                        .path("outcome")
                        .asText())
                .isEqualTo("pending");

        Answer posted = cluster.post("n2", "/v1/transfers/" + id + "/post", CLIENT, "{\"amount\":20}");

        assertThat(posted.status()).as(posted.text()).isEqualTo(200);
        JsonNode holds = cluster.get("n3", "/v1/holds?account=bob&status=posted", READER)
                .json()
                .path("holds");
        assertThat(holds.findValuesAsText("id")).contains(id.toString());
        assertThat(cluster.get("n1", "/v1/transfers/" + UUID.randomUUID(), READER)
                        .json()
                        .path("outcome")
                        .asText())
                .isEqualTo("unknown");
    }

    /** Ratis completes a read under the lock of its list of waiting reads; a next read begun there made the leader deaf. */
    @Test
    void many_reads_among_writes_do_not_cost_the_leader_its_followers() {
        String leader = cluster.leader();
        long term =
                cluster.get(leader, "/v1/status", READER).json().path("term").asLong();

        List<CompletableFuture<List<Integer>>> clients = IntStream.range(0, 12)
                .mapToObj(client -> CompletableFuture.supplyAsync(
                        () -> IntStream.range(0, 60)
                                .mapToObj(i -> client < 4
                                        ? cluster.post(
                                                leader,
                                                "/v1/transfers",
                                                CLIENT,
                                                transfer(UUID.randomUUID(), "alice", "bob", 1))
                                        : cluster.get(leader, "/v1/sums", READER))
                                .map(Answer::status)
                                .toList(),
                        task -> new Thread(task, "client").start()))
                .toList();

        assertThat(clients).allSatisfy(client -> assertThat(client.join()).containsOnly(200));
        JsonNode after = cluster.get(leader, "/v1/status", READER).json();
        assertThat(after.path("term").asLong()).isEqualTo(term);
        assertThat(after.path("leader").asText()).isEqualTo(leader);
    }

    @Test
    void a_rejected_transfer_is_422_with_its_reason_and_can_be_asked_for() {
        UUID id = UUID.randomUUID();

        Answer answer = cluster.post("n1", "/v1/transfers", CLIENT, transfer(id, "bob", "alice", 500_000_000));
        Answer asked = cluster.get("n2", "/v1/transfers/" + UUID.randomUUID(), READER);

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.headers().firstValue("content-type")).hasValue("application/problem+json");
        assertThat(asked.json().path("status").asText()).isEqualTo("unknown");
    }

    @Test
    void a_hold_reserves_money_until_it_is_voided() {
        UUID id = UUID.randomUUID();
        String hold = transfer(id, "alice", "bob", 100).replace("}", ",\"hold\":true,\"timeoutSeconds\":600}");

        assertThat(cluster.post("n1", "/v1/transfers", CLIENT, hold)
                        .json()
                        .path("status")
                        .asText())
                .isEqualTo("held");
        long held = cluster.get("n1", "/v1/accounts/alice", READER)
                .json()
                .path("debitsHeld")
                .asLong();
        Answer voided = cluster.post("n2", "/v1/transfers/" + id + "/void", CLIENT, "{}");
        Answer again = cluster.post("n2", "/v1/transfers/" + id + "/void", CLIENT, "{}");

        assertThat(held).isGreaterThanOrEqualTo(100);
        assertThat(voided.json().path("status").asText()).isEqualTo("voided");
        assertThat(again.json().path("reason").asText()).isEqualTo("hold_already_voided");
        assertThat(cluster.get("n3", "/v1/transfers/" + id, READER)
                        .json()
                        .path("status")
                        .asText())
                .isEqualTo("voided");
    }

    @Test
    void a_gated_transfer_waits_for_two_persons_of_different_roles() {
        assertThat(cluster.post("n1", "/v1/transfers", CLIENT, transfer(UUID.randomUUID(), "world", "alice", 999_999))
                        .status())
                .isEqualTo(200);
        assertThat(cluster.post("n1", "/v1/transfers", CLIENT, transfer(UUID.randomUUID(), "world", "alice", 999_999))
                        .status())
                .isEqualTo(200);
        UUID id = UUID.randomUUID();
        long before = balance("n1", "bob");

        Answer held = cluster.post("n1", "/v1/transfers", CLIENT, transfer(id, "alice", "bob", 1_500_000));

        String caseId = held.json().path("caseId").asText();
        assertThat(held.json().path("status").asText()).isEqualTo("held");
        assertThat(caseId).isEqualTo("transfer:" + id);
        Answer posted = cluster.post("n2", "/v1/transfers/" + id + "/post", CLIENT, "");
        assertThat(posted.status()).isEqualTo(403);
        assertThat(posted.json().path("reason").asText()).isEqualTo("gated");

        JsonNode open = cluster.get("n3", "/v1/cases/" + caseId, READER).json();
        long leaves = journalSize();
        Answer forged = approve(caseId, cluster.approval(open, "k-ada", "k-bob", "approve"));
        assertThat(forged.status()).isEqualTo(403);
        assertThat(forged.json().path("reason").asText()).isEqualTo("signature_invalid");
        assertThat(leafTypesFrom(leaves)).as("a refusal stands in the journal").contains(56);

        Answer one = approve(caseId, cluster.approval(open, "k-ada", "k-ada", "approve"));
        assertThat(one.json().path("case").path("state").asText())
                .as(one.text())
                .isEqualTo("open");
        Answer sameRole = approve(caseId, cluster.approval(open, "k-cyd", "k-cyd", "approve"));
        assertThat(sameRole.json().path("reason").asText()).isEqualTo("role_not_demanded");
        assertThat(balance("n1", "bob")).isEqualTo(before);
        Answer two = approve(caseId, cluster.approval(open, "k-bob", "k-bob", "approve"));

        assertThat(two.json().path("case").path("state").asText())
                .as(two.text())
                .isEqualTo("approved");
        assertThat(balance("n2", "bob")).isEqualTo(before + 1_500_000);
        assertThat(cluster.get("n1", "/v1/transfers/" + id, READER)
                        .json()
                        .path("status")
                        .asText())
                .isEqualTo("posted");
    }

    private static Answer approve(String caseId, String body) {
        return cluster.post("n2", "/v1/cases/" + caseId + "/approvals", READER, body);
    }

    private static long journalSize() {
        return cluster.get(cluster.leader(), "/v1/status", READER)
                .json()
                .path("journalSize")
                .asLong();
    }

    private static Set<Integer> leafTypesFrom(long sequence) {
        byte[] frames = cluster.get(cluster.leader(), "/v1/journal?from=" + sequence, READER)
                .body();
        return Frames.decode(frames, 1 << 20).stream()
                .map(leaf -> (int) leaf[1])
                .collect(Collectors.toSet());
    }

    @Test
    void concurrent_transfers_all_have_an_outcome_and_the_sums_stay_zero() {
        LedgerClient client = cluster.client();
        long before = balance("n1", "bob");

        List<CompletableFuture<LedgerClient.Outcome>> sent = IntStream.range(0, 500)
                .mapToObj(i ->
                        client.transferAsync(new LedgerClient.Transfer(UUID.randomUUID(), "alice", "bob", 1, "EUR")))
                .toList();

        assertThat(sent).allSatisfy(one -> assertThat(one.join().accepted()).isTrue());
        assertThat(balance("n3", "bob")).isEqualTo(before + 500);
        assertThat(cluster.get("n2", "/v1/sums", READER)
                        .json()
                        .path("sums")
                        .path("EUR")
                        .asLong(-1))
                .isZero();
    }

    @Test
    void the_journal_gives_the_root_that_the_node_signs() {
        String node = cluster.follower();
        List<byte[]> leaves = new ArrayList<>();
        SignedNote note =
                SignedNote.parse(cluster.get(node, "/v1/checkpoint", READER).body());
        String[] lines = note.text().split("\n");
        long size = Long.parseLong(lines[1]);
        while (leaves.size() < size) {
            leaves.addAll(Frames.decode(
                    cluster.get(node, "/v1/journal?from=" + leaves.size() + "&limit=100", READER)
                            .body(),
                    1 << 20));
        }
        MerkleFrontier tree = new MerkleFrontier();
        leaves.subList(0, (int) size).forEach(leaf -> tree.append(MerkleTree.leafHash(leaf)));

        assertThat(lines[0]).isEqualTo("test-ledger");
        assertThat(java.util.Base64.getEncoder().encodeToString(tree.root())).isEqualTo(lines[2]);
        assertThat(note.signatures().get(0).keyName()).isEqualTo("test-ledger/" + node);
    }

    @Test
    void proofs_come_as_base64_hashes_and_only_within_the_journal() {
        Answer proof = cluster.get("n1", "/v1/proofs/inclusion?sequence=1&size=4", READER);
        Answer consistency = cluster.get("n1", "/v1/proofs/consistency?from=2&to=4", READER);
        Answer beyond = cluster.get("n1", "/v1/proofs/inclusion?sequence=4&size=4", READER);

        assertThat(proof.json().path("hashes")).hasSize(2);
        assertThat(consistency.json().path("hashes")).isNotEmpty();
        assertThat(beyond.status()).isEqualTo(400);
        assertThat(beyond.json().path("field").asText()).isEqualTo("sequence");
    }

    @Test
    void an_isolated_node_answers_no_client_until_it_is_admitted_and_the_ledger_guards_its_quorum() {
        String node = cluster.follower();
        String other = cluster.ids().stream()
                .filter(id -> !id.equals(node) && !id.equals(cluster.leader()))
                .findFirst()
                .orElseThrow();

        Answer isolated = cluster.post(
                cluster.leader(),
                "/v1/nodes/" + node + "/isolation",
                HEALER,
                "{\"incidentId\":\"i-1\",\"reason\":\"test\"}");
        Answer second = cluster.post(
                cluster.leader(),
                "/v1/nodes/" + other + "/isolation",
                HEALER,
                "{\"incidentId\":\"i-2\",\"reason\":\"test\"}");

        assertThat(isolated.status()).as(isolated.text()).isEqualTo(200);
        assertThat(second.status()).isEqualTo(409);
        assertThat(second.json().path("reason").asText()).isEqualTo("quorum_at_risk");
        Eventually.holds(
                "the gate is shut",
                PATIENCE,
                () -> cluster.get(node, "/v1/accounts/bob", READER)
                        .json()
                        .path("reason")
                        .asText()
                        .equals("gate_closed"));
        assertThat(cluster.get(node, "/health/ready", null).status()).isEqualTo(503);
        assertThat(cluster.get(node, "/health/live", null).status()).isEqualTo(200);
        assertThat(cluster.control(node, "GET", "/control/status", null)
                        .json()
                        .path("gate")
                        .asText())
                .isEqualTo("fenced");

        Answer admitted = cluster.send(
                cluster.leader(), "DELETE", "/v1/nodes/" + node + "/isolation?incidentId=i-1", HEALER, null);
        assertThat(admitted.status()).as(admitted.text()).isEqualTo(200);
        Eventually.holds("the gate is open", PATIENCE, () -> cluster.node(node).ready());
    }

    @Test
    void leadership_moves_to_the_node_that_is_named() {
        String target = cluster.follower();

        Answer moved = cluster.post("n1", "/v1/leadership", HEALER, "{\"target\":\"" + target + "\"}");

        assertThat(moved.status()).as(moved.text()).isEqualTo(200);
        assertThat(moved.json().path("leader").asText()).isEqualTo(target);
        Eventually.holds("the target leads", PATIENCE, () -> cluster.leader().equals(target));
    }

    @Test
    void a_fenced_leader_gives_leadership_away() {
        String leader = cluster.leader();

        cluster.control(leader, "POST", "/control/fence", "{\"reason\":\"test\"}");

        Eventually.holds("another node leads", PATIENCE, () -> !cluster.leader().equals(leader));
        cluster.control(leader, "POST", "/control/unfence", null);
        Eventually.holds(
                "the gate is open", PATIENCE, () -> cluster.node(leader).ready());
    }

    @Test
    void a_member_is_removed_only_while_a_majority_of_the_genesis_stays() {
        Answer unknown = cluster.send(cluster.leader(), "PUT", "/v1/nodes/n9/membership", HEALER, "{\"member\":false}");
        Answer leader = cluster.send(
                "n1", "PUT", "/v1/nodes/" + cluster.leader() + "/membership", HEALER, "{\"member\":false}");
        Answer already = cluster.send("n1", "PUT", "/v1/nodes/n2/membership", HEALER, "{\"member\":true}");

        assertThat(unknown.status()).isEqualTo(404);
        assertThat(leader.json().path("reason").asText()).isEqualTo("node_leads");
        assertThat(already.json().path("members")).hasSize(3);
    }

    @Test
    void a_recovery_case_and_an_anchor_are_taken_once() {
        String digest = "ab".repeat(32);
        String body = "{\"caseId\":\"recovery:plan-1\",\"payloadDigest\":\"" + digest
                + "\",\"tier\":\"wipe\",\"requester\":\"healer\"}";

        Answer opened = cluster.post("n1", "/v1/cases", HEALER, body);
        Answer approved =
                approve("recovery:plan-1", cluster.approval(opened.json().path("case"), "k-ada", "k-ada", "approve"));
        Answer anchored = cluster.post(
                "n2",
                "/v1/anchors",
                TRAIL,
                "{\"origin\":\"test-ledger/trail\",\"size\":7,\"root\":\"" + digest + "\"}");
        Answer back = cluster.post(
                "n2",
                "/v1/anchors",
                TRAIL,
                "{\"origin\":\"test-ledger/trail\",\"size\":6,\"root\":\"" + digest + "\"}");

        assertThat(opened.json().path("case").path("kind").asText())
                .as(opened.text())
                .isEqualTo("recovery");
        assertThat(approved.json().path("case").path("state").asText())
                .as(approved.text())
                .isEqualTo("approved");
        assertThat(anchored.status()).isEqualTo(200);
        assertThat(back.json().path("reason").asText()).isEqualTo("anchor_goes_back");
    }

    @Test
    void every_node_attests_the_same_digest() {
        Eventually.holds("an attestation of three equal digests", PATIENCE, () -> {
            for (JsonNode attestation :
                    cluster.get("n1", "/v1/attestations", READER).json().path("attestations")) {
                Set<String> digests = new java.util.HashSet<>();
                attestation.path("digests").forEach(digest -> digests.add(digest.asText()));
                if (attestation.path("digests").size() == 3 && digests.size() == 1) {
                    return true;
                }
            }
            return false;
        });
    }

    @Test
    void status_policy_nodes_and_the_contract_are_served() {
        assertThat(cluster.get("n1", "/v1/status", READER)
                        .json()
                        .path("faultHooks")
                        .asBoolean())
                .isTrue();
        assertThat(cluster.get("n2", "/v1/policy", READER).json().path("tiers")).hasSize(2);
        assertThat(cluster.get("n3", "/v1/nodes", READER).json().path("nodes")).hasSize(3);
        assertThat(cluster.get("n1", "/openapi.yaml", null).text()).startsWith("openapi: 3.1");
        assertThat(cluster.get("n1", "/health/started", null).status()).isEqualTo(200);
    }
}
