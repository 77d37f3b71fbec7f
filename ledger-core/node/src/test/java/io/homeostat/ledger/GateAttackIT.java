package io.homeostat.ledger;

import static io.homeostat.ledger.GateWire.legs;
import static io.homeostat.ledger.GateWire.protobuf;
import static io.homeostat.ledger.GateWire.relay;
import static io.homeostat.ledger.GateWire.relayed;
import static io.homeostat.ledger.testing.LocalCluster.CLIENT;
import static io.homeostat.ledger.testing.LocalCluster.CONTROL;
import static io.homeostat.ledger.testing.LocalCluster.HEALER;
import static io.homeostat.ledger.testing.LocalCluster.INTERNAL;
import static io.homeostat.ledger.testing.LocalCluster.OPERATOR;
import static io.homeostat.ledger.testing.LocalCluster.PATIENCE;
import static io.homeostat.ledger.testing.LocalCluster.READER;
import static io.homeostat.ledger.testing.LocalCluster.TRAIL;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.ledger.GateLies.Lie;
import io.homeostat.ledger.GateLies.Statement;
import io.homeostat.ledger.control.ControlApi;
import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.journal.LedgerEvent.Demand;
import io.homeostat.ledger.raft.RaftOutsider;
import io.homeostat.ledger.state.Command;
import io.homeostat.ledger.state.CommandCodec;
import io.homeostat.ledger.state.Reason;
import io.homeostat.ledger.testing.Eventually;
import io.homeostat.ledger.testing.LocalCluster;
import io.homeostat.ledger.testing.LocalCluster.Answer;
import io.homeostat.merkle.Checkpoint;
import io.homeostat.merkle.Ed25519;
import io.homeostat.merkle.Frames;
import io.homeostat.merkle.SignedNote;
import io.homeostat.merkle.bundle.BundleVerifier;
import io.homeostat.merkle.bundle.BundleWriter;
import io.homeostat.merkle.bundle.Leaf;
import io.homeostat.merkle.bundle.LeafDecoder;
import io.homeostat.merkle.bundle.Verdict;
import io.homeostat.merkle.bundle.VerificationReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three real nodes, and somebody who knows every route and every token but holds no approver's key: nothing that people must
 * approve is posted, whichever way it is tried, and what reached the gate is in the journal. The routes are taken from the
 * contract: a new one that changes something and has no attack here fails the test.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GateAttackIT {
    private static final long GATED = 2_000_000;
    private static final String PROTOBUF = "application/x-protobuf";
    private static final String RELAY = "application/vnd.homeostat.relay";
    private static final int PAGE = 60_000;

    @TempDir
    static Path dir;

    private static LocalCluster cluster;
    private static GateLies lies;
    private static final List<String> lines = new ArrayList<>();
    private static final Set<String> triedRoutes = new TreeSet<>();
    private static String leader;
    private static String follower;
    private static int attempts;
    private static int leavesExpected;

    /** A way in for whoever holds {@code token}, which is the right one for it. */
    private record Door(String method, String path, String token) {}

    @BeforeAll
    static void start() {
        cluster = new LocalCluster(dir, 3);
        lies = new GateLies(cluster);
        cluster.withTier(tier("keys", Genesis.Kind.KEYS, "treasury"))
                .withTier(tier("policy", Genesis.Kind.POLICY, "treasury", "risk"))
                .startAll();
        leader = cluster.leader();
        follower = cluster.follower();
        Answer made = cluster.post(cluster.leader(), "/v1/accounts", OPERATOR, """
                {"accounts":[
                 {"id":"world","asset":"EUR","exponent":2,"class":"external","debitsMustNotExceedCredits":false},
                 {"id":"alice","asset":"EUR","exponent":2,"class":"customer","debitsMustNotExceedCredits":true}]}""");
        assertThat(made.status()).as(made.text()).isEqualTo(200);
        changeKeys("keys:revoke-dan", "\"change\":\"revoke\",\"keyId\":\"k-dan\"");
        changeKeys(
                "keys:rotate-fay",
                "\"change\":\"rotate\",\"keyId\":\"k-fay\",\"newKeyId\":\"k-fay2\",\"algorithm\":\"Ed25519\",\"publicKey\":\""
                        + Base64.getEncoder().encodeToString(Ed25519.generate().publicKey()) + "\"");
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void no_attack_over_any_entry_point_posts_anything() throws Exception {
        attackEverything("as started");

        String next = cluster.follower();
        assertThat(cluster.post(cluster.leader(), "/v1/leadership", HEALER, "{\"target\":\"" + next + "\"}")
                        .status())
                .isEqualTo(200);
        Eventually.holds(next + " leads", PATIENCE, () -> cluster.leader().equals(next));
        attackEverything("after a leader change");

        List<String> ids = cluster.ids();
        for (String id : ids) {
            assertThat(cluster.control(id, "POST", "/control/snapshot", null).status())
                    .isEqualTo(200);
        }
        ids.forEach(cluster::stop);
        ids.forEach(id -> cluster.start(id, false, false));
        cluster.awaitReady();
        attackEverything("after a restart from a snapshot");

        JsonNode last = heldTransfer();
        approveHonestly(last, "k-cyd");
        approveHonestly(last, "k-bob");
        assertThat(posted()).as("what two people do approve is posted").isEqualTo(GATED);

        assertThat(triedRoutes)
                .as("routes that change something, and were attacked")
                .isEqualTo(routesThatChange());
        int found = verifiedOffline();
        lines.forEach(System.out::println);
        System.out.printf(
                "gate attacks: %d attempts, 0 posted, %d refused statements in the journal, completeness pass%n",
                attempts, found);
    }

    private void attackEverything(String when) throws Exception {
        leader = cluster.leader();
        follower = cluster.follower();
        lines.add("");
        lines.add("== " + when + ", leader " + leader);
        statements(when);
        // Every body on both nodes once; later, when the leader is another, where it has to be taken to the leader.
        otherDoors(triedRoutes.size() == 1 ? List.of(leader, follower) : List.of(follower));
        controlDoors();
        outsideRaft();
    }

    /** Every lie over the approvals route of every node, and as a command that a member puts into the log itself. */
    private void statements(String when) throws Exception {
        Map<String, List<String>> table = new LinkedHashMap<>();
        lies.all().forEach(lie -> table.put(lie.name(), new ArrayList<>()));
        List<String> entries = new ArrayList<>(cluster.ids());
        entries.add("raft");
        for (String entry : entries) {
            JsonNode target = heldTransfer();
            approveHonestly(target, "k-cyd");
            for (Lie lie : lies.all()) {
                Statement statement = lie.target().apply(target);
                String reason = entry.equals("raft") ? inTheLog(statement) : overHttp(entry, statement);
                table.get(lie.name()).add(reason);
                attempts++;
                leavesExpected++;
                assertThat(reason)
                        .as("%s over %s %s", lie.name(), entry, when)
                        .isEqualTo(lie.refusedFor().wireName());
            }
            assertThat(posted()).as("over %s %s", entry, when).isZero();
            List<String> refused = refusalsIn(target);
            for (Lie lie : lies.all()) {
                assertThat(refused)
                        .as("%s over %s %s is a leaf", lie.name(), entry, when)
                        .contains(lie.target().apply(target).keyId() + " "
                                + lie.refusedFor().number());
            }
            assertUntouched(target);
        }
        triedRoutes.add("POST /v1/cases/{caseId}/approvals");
        lines.add(String.format("%-52s %s", "statement", String.join(" ", entries)));
        table.forEach((name, reasons) -> lines.add(String.format("%-52s %s", name, String.join(" ", reasons))));
    }

    private static String overHttp(String node, Statement statement) {
        Answer answer = cluster.post(node, "/v1/cases/" + statement.caseId() + "/approvals", READER, statement.json());
        assertThat(answer.status()).as(answer.text()).isEqualTo(403);
        return answer.json().path("reason").asText();
    }

    private static String inTheLog(Statement statement) throws Exception {
        return inTheLog(statement.command());
    }

    /** A member whose API was gone round writes the command itself; all replicas decide. */
    private static String inTheLog(Command command) throws Exception {
        return cluster.node(leader)
                .replica()
                .propose(List.of(command))
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .outcomes()
                .get(0)
                .reason()
                .wireName();
    }

    /** Every other route that changes something: without a token, with a wrong one, with each lie, and with its own trick. */
    private void otherDoors(List<String> nodes) throws Exception {
        JsonNode target = heldTransfer();
        approveHonestly(target, "k-cyd");
        String id = target.path("transfer").path("id").asText();
        lines.add(String.format("%-44s %-9s %-9s %-18s %s", "route", "no token", "reader", "lies", "its own tricks"));
        for (Map.Entry<String, Door> each : doors(id).entrySet()) {
            String route = each.getKey();
            Door door = each.getValue();
            triedRoutes.add(route);
            Map<Integer, Integer> answers = new TreeMap<>();
            Set<Integer> without = new TreeSet<>();
            Set<Integer> wrong = new TreeSet<>();
            List<String> tricks = new ArrayList<>();
            for (String node : nodes) {
                without.add(sent(node, door, null, lies.honest(target, "k-cyd").json()));
                if (!route.endsWith("/verdict")) {
                    wrong.add(sent(
                            node, door, READER, lies.honest(target, "k-cyd").json()));
                }
                for (Lie lie : lies.all()) {
                    String body = lie.target().apply(target).json();
                    answers.merge(sent(node, door, door.token(), body), 1, Integer::sum);
                }
                tricks.addAll(tricks(route, node, target, id));
            }
            assertThat(without).as(route + " without a token").containsExactly(401);
            assertThat(wrong).as(route + " with a token of another role").isSubsetOf(Set.of(403));
            assertThat(answers.keySet()).as(route + " with lies").allMatch(status -> status >= 400 && status < 500);
            lines.add(String.format("%-44s %-9s %-9s %-18s %s", route, without, wrong, answers, tricks));
            assertUntouched(target);
            assertThat(posted()).as(route).isZero();
        }
        assertThat(inTheLog(new Command.PostHold(UUID.fromString(id), 0, "shop")))
                .isEqualTo("gated");
        assertThat(inTheLog(new Command.VoidHold(UUID.fromString(id), "shop"))).isEqualTo("gated");
        assertThat(inTheLog(new Command.CreateTransfer(
                        UUID.fromString(id), "world", "alice", "EUR", GATED, false, 0, "k-bob")))
                .isEqualTo("id_conflict");
        attempts += 3;
        assertUntouched(target);
        assertThat(refusedReleases(id))
                .as("releases of the gated hold, refused, in the journal")
                .isGreaterThanOrEqualTo(2);
    }

    private static int sent(String node, Door door, String token, String body) {
        attempts++;
        boolean bodiless = door.method().equals("DELETE");
        return cluster.send(node, door.method(), door.path(), token, bodiless ? null : body)
                .status();
    }

    /** Routes of the contract that change something, but for approvals, each with the token that opens it. */
    private static Map<String, Door> doors(String id) {
        Map<String, Door> doors = new LinkedHashMap<>();
        doors.put("POST /v1/accounts", new Door("POST", "/v1/accounts", OPERATOR));
        doors.put("POST /v1/transfers", new Door("POST", "/v1/transfers", CLIENT));
        doors.put("POST /v1/transfers/batch", new Door("POST", "/v1/transfers/batch", CLIENT));
        doors.put("POST /v1/transfers/{id}/post", new Door("POST", "/v1/transfers/" + id + "/post", CLIENT));
        doors.put("POST /v1/transfers/{id}/void", new Door("POST", "/v1/transfers/" + id + "/void", CLIENT));
        doors.put("POST /v1/transfers/{id}/reverse", new Door("POST", "/v1/transfers/" + id + "/reverse", CLIENT));
        doors.put("POST /v1/transfers/{id}/verdict", new Door("POST", "/v1/transfers/" + id + "/verdict", READER));
        doors.put("POST /v1/cases", new Door("POST", "/v1/cases", HEALER));
        doors.put("POST /v1/policy/changes", new Door("POST", "/v1/policy/changes", OPERATOR));
        doors.put("POST /v1/keys/changes", new Door("POST", "/v1/keys/changes", OPERATOR));
        doors.put("POST /v1/anchors", new Door("POST", "/v1/anchors", TRAIL));
        doors.put("POST /v1/nodes/{id}/isolation", new Door("POST", "/v1/nodes/n1/isolation", HEALER));
        doors.put("DELETE /v1/nodes/{id}/isolation", new Door("DELETE", "/v1/nodes/n1/isolation?incidentId=x", HEALER));
        doors.put("PUT /v1/nodes/{id}/membership", new Door("PUT", "/v1/nodes/n1/membership", HEALER));
        doors.put("POST /v1/leadership", new Door("POST", "/v1/leadership", HEALER));
        doors.put("POST /v1/maintenance", new Door("POST", "/v1/maintenance", OPERATOR));
        doors.put("DELETE /v1/maintenance", new Door("DELETE", "/v1/maintenance", OPERATOR));
        doors.put("POST /internal/attestations", new Door("POST", "/internal/attestations", INTERNAL));
        doors.put("POST /internal/relay", new Door("POST", "/internal/relay", INTERNAL));
        return doors;
    }

    /** What would move the held money if it could, in the words of the route; each answer in short. */
    private static List<String> tricks(String route, String node, JsonNode target, String id) throws Exception {
        String smaller =
                "{\"id\":\"" + id + "\",\"debit\":\"world\",\"credit\":\"alice\",\"amount\":1,\"asset\":\"EUR\"}";
        String again = smaller.replace("\"amount\":1,", "\"amount\":" + GATED + ",");
        return switch (route) {
            case "POST /v1/transfers" ->
                List.of(
                        reason(cluster.post(node, "/v1/transfers", CLIENT, smaller)),
                        status(cluster.post(node, "/v1/transfers", CLIENT, again)),
                        reason(cluster.post(node, "/v1/transfers", CLIENT, legs(id, GATED))),
                        reason(cluster.post(
                                node,
                                "/v1/transfers",
                                CLIENT,
                                legs(UUID.randomUUID().toString(), GATED))));
            case "POST /v1/transfers/batch" ->
                List.of(
                        status(cluster.post(
                                        node,
                                        "/v1/transfers/batch",
                                        CLIENT,
                                        "{\"transfers\":[" + smaller + "," + again + "]}")
                                .json()
                                .path("results")
                                .path(0)),
                        "protobuf "
                                + cluster.post(node, "/v1/transfers/batch", CLIENT, protobuf(id, 1, GATED), PROTOBUF)
                                        .status());
            case "POST /v1/transfers/{id}/post" ->
                List.of(
                        reason(cluster.post(node, "/v1/transfers/" + id + "/post", CLIENT, "{}")),
                        reason(cluster.post(node, "/v1/transfers/" + id + "/post", CLIENT, "{\"amount\":1}")));
            case "POST /v1/transfers/{id}/void" ->
                List.of(reason(cluster.post(node, "/v1/transfers/" + id + "/void", CLIENT, "{}")));
            case "POST /v1/transfers/{id}/reverse" ->
                List.of(reason(cluster.post(
                        node,
                        "/v1/transfers/" + id + "/reverse",
                        CLIENT,
                        "{\"id\":\"" + UUID.randomUUID() + "\",\"reason\":\"mistake\"}")));
            case "POST /v1/transfers/{id}/verdict" ->
                List.of(reason(cluster.post(
                        node,
                        "/v1/transfers/" + id + "/verdict",
                        READER,
                        lies.honest(target, "k-det")
                                .json()
                                .replace("\"decision\":\"approve\"", "\"verdict\":\"clear\"")
                                .replace("reasonDigest", "evidenceDigest"))));
            case "POST /v1/cases" ->
                List.of(reason(cluster.post(
                        node,
                        "/v1/cases",
                        HEALER,
                        "{\"caseId\":\"transfer:" + id + "\",\"payloadDigest\":\""
                                + target.path("payloadDigest").asText()
                                + "\",\"tier\":\"wipe\",\"requester\":\"healer\"}")));
            case "POST /v1/policy/changes" ->
                List.of(status(cluster.post(
                        node,
                        "/v1/policy/changes",
                        OPERATOR,
                        "{\"caseId\":\"policy:low-" + node
                                + target.path("openedIndex").asLong() + "\",\"baseVersion\":1,\"tiers\":[]}")));
            case "POST /v1/keys/changes" ->
                List.of(status(cluster.post(
                        node,
                        "/v1/keys/changes",
                        OPERATOR,
                        "{\"caseId\":\"keys:mine-" + node
                                + target.path("openedIndex").asLong()
                                + "\",\"change\":\"roles\",\"person\":\"eve\",\"roles\":[\"risk\"]}")));
            case "POST /internal/relay" ->
                List.of(
                        "client's token "
                                + cluster.post(node, "/internal/relay", CLIENT, relay(CLIENT, smaller), RELAY)
                                        .status(),
                        "reader within "
                                + relayed(cluster.post(node, "/internal/relay", INTERNAL, relay(READER, again), RELAY)),
                        "client within "
                                + relayed(cluster.post(
                                        node, "/internal/relay", INTERNAL, relay(CLIENT, smaller), RELAY)));
            default -> List.of();
        };
    }

    /** The control API of each node: no token and no other token opens it, and with its own it moves no money. */
    private static void controlDoors() {
        for (String node : cluster.ids()) {
            for (String route : ControlApi.ROUTES) {
                String[] parts = route.split(" ");
                for (String token : new String[] {null, CLIENT, OPERATOR, INTERNAL, READER}) {
                    Answer answer =
                            cluster.control(node, parts[0], parts[1], token, parts[0].equals("GET") ? null : "{}");
                    attempts++;
                    assertThat(answer.status()).as(route).isEqualTo(401);
                }
            }
            assertThat(cluster.control(node, "POST", "/control/faults/drift", CONTROL, "{\"caseId\":\"x\"}")
                            .status())
                    .isEqualTo(400);
            assertThat(cluster.control(node, "POST", "/control/post", CONTROL, "{}")
                            .status())
                    .isEqualTo(404);
            assertThat(cluster.send(node, "GET", "/v1/status", CONTROL, null).status())
                    .as("the control token opens no public route")
                    .isEqualTo(401);
        }
        lines.add(ControlApi.ROUTES.size() + " control routes x 3 nodes: 401 without the node's control token");
    }

    /** Somebody who speaks Ratis' client protocol to the Raft ports. */
    private void outsideRaft() throws Exception {
        JsonNode target = heldTransfer();
        approveHonestly(target, "k-cyd");
        byte[] entry = CommandCodec.encode(new Command.Batch(
                System.currentTimeMillis() * 1000,
                List.of(lies.honest(target, "k-bob").command())));
        List<String> said = new ArrayList<>();
        for (String node : cluster.ids()) {
            said.add(RaftOutsider.submit(
                    cluster.config(node, false, false), cluster.genesis().ledger(), entry));
            attempts++;
        }
        assertThat(said).allMatch(word -> word.contains("PERMISSION_DENIED"));
        // Even a statement that would count: it did not come in by the door.
        assertUntouched(target);
        lines.add("Ratis client on " + said.size() + " Raft ports: PERMISSION_DENIED");
    }

    private static JsonNode heldTransfer() {
        UUID id = UUID.randomUUID();
        Answer held = cluster.post(
                leader,
                "/v1/transfers",
                CLIENT,
                "{\"id\":\"" + id + "\",\"debit\":\"world\",\"credit\":\"alice\",\"amount\":" + GATED
                        + ",\"asset\":\"EUR\"}");
        assertThat(held.json().path("status").asText()).as(held.text()).isEqualTo("held");
        return caseOf("transfer:" + id);
    }

    private static JsonNode caseOf(String caseId) {
        return cluster.get(leader, "/v1/cases/" + caseId, READER).json();
    }

    private static void approveHonestly(JsonNode target, String keyId) {
        Answer answer = cluster.post(
                follower,
                "/v1/cases/" + target.path("caseId").asText() + "/approvals",
                READER,
                lies.honest(target, keyId).json());
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }

    private static void changeKeys(String caseId, String change) {
        Answer proposed =
                cluster.post(leader, "/v1/keys/changes", OPERATOR, "{\"caseId\":\"" + caseId + "\"," + change + "}");
        assertThat(proposed.status()).as(proposed.text()).isEqualTo(200);
        approveHonestly(proposed.json().path("case"), "k-ada");
        assertThat(caseOf(caseId).path("state").asText()).isEqualTo("approved");
    }

    private static void assertUntouched(JsonNode target) {
        JsonNode now = caseOf(target.path("caseId").asText());
        assertThat(now.path("state").asText()).isEqualTo("open");
        assertThat(now.path("approvals")).hasSize(1);
        String id = target.path("transfer").path("id").asText();
        assertThat(cluster.get(leader, "/v1/transfers/" + id, READER)
                        .json()
                        .path("status")
                        .asText())
                .isEqualTo("held");
    }

    private static long posted() {
        return cluster.get(leader, "/v1/accounts/alice", READER)
                .json()
                .path("balance")
                .asLong(-1);
    }

    private static List<Leaf> journal() {
        List<Leaf> leaves = new ArrayList<>();
        rawJournal(0, PAGE).forEach(leaf -> leaves.add(LeafDecoder.decode(leaf)));
        return leaves;
    }

    private static List<byte[]> rawJournal(long from, int limit) {
        byte[] frames = cluster.get(leader, "/v1/journal?from=" + from + "&limit=" + limit, READER)
                .body();
        return Frames.decode(frames, 1 << 16);
    }

    /** {@code key reason} of each refused statement about the case. */
    private static List<String> refusalsIn(JsonNode target) {
        String caseId = target.path("caseId").asText();
        return journal().stream()
                .filter(Leaf.ApprovalRefused.class::isInstance)
                .map(Leaf.ApprovalRefused.class::cast)
                .filter(leaf -> leaf.caseId().equals(caseId))
                .map(leaf -> leaf.keyId() + " " + leaf.reasonCode())
                .toList();
    }

    private static long refusedReleases(String id) {
        return journal().stream()
                .filter(leaf -> leaf instanceof Leaf.Refused refused
                        && refused.subject().equals(id)
                        && refused.reasonCode() == Reason.GATED.number())
                .count();
    }

    /** An auditor's own code replays the journal of the attacked ledger; gives the number of refused statements. */
    private static int verifiedOffline() throws Exception {
        SignedNote note =
                SignedNote.parse(cluster.get(leader, "/v1/checkpoint", READER).body());
        long size = Checkpoint.parse(note.text()).size();
        Path bundle = dir.resolve("attacked.bundle");
        Path genesis = dir.resolve("genesis.leaf");
        Files.write(genesis, rawJournal(0, 1).get(0));
        BundleWriter.write(
                bundle,
                new BundleWriter.Content(
                        Instant.EPOCH,
                        "attacks",
                        note,
                        GateAttackIT::rawJournal,
                        BundleWriter.LeafSource.none(),
                        List.of("looks right")));
        VerificationReport report = BundleVerifier.verify(bundle, Optional.of(genesis));
        assertThat(report.completeness()).as(report.toText()).isEqualTo(Verdict.PASS);
        assertThat(report.verdicts().values()).as(report.toText()).doesNotContain(Verdict.FAIL);
        int refused = (int) journal().stream()
                .filter(Leaf.ApprovalRefused.class::isInstance)
                .count();
        assertThat(refused).isGreaterThanOrEqualTo(leavesExpected);
        assertThat(size).isPositive();
        return refused;
    }

    /** Paths stand at two spaces and methods at four in the contract that a node serves. */
    private static Set<String> routesThatChange() {
        Set<String> routes = new TreeSet<>();
        String path = "";
        for (String line : cluster.get(leader, "/openapi.yaml", null).text().split("\n")) {
            if (line.startsWith("  /")) {
                path = line.strip().replaceAll(":$", "");
            } else if (line.matches("    (post|put|delete|patch):")) {
                routes.add(line.strip().replace(":", "").toUpperCase(java.util.Locale.ROOT) + " " + path);
            }
        }
        return routes;
    }

    private static Genesis.Tier tier(String name, Genesis.Kind kind, String... roles) {
        List<Demand> demands =
                java.util.Arrays.stream(roles).map(role -> new Demand(role, 1)).toList();
        return new Genesis.Tier(name, kind, "", 0, 3600, demands);
    }

    private static String status(Answer answer) {
        String status = answer.json().path("status").asText();
        return status.isEmpty() ? Integer.toString(answer.status()) : status(answer.json());
    }

    private static String status(JsonNode json) {
        String reason = json.path("reason").asText();
        return json.path("status").asText() + (reason.isEmpty() ? "" : " " + reason);
    }

    private static String reason(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isBetween(400, 499);
        String reason = answer.json().path("reason").asText();
        return reason.isEmpty() ? answer.json().path("type").asText().replaceAll(".*/", "") : reason;
    }
}
