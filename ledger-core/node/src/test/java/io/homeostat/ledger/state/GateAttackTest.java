package io.homeostat.ledger.state;

import static io.homeostat.ledger.state.LedgerFixture.approve;
import static io.homeostat.ledger.state.LedgerFixture.keys;
import static io.homeostat.ledger.state.LedgerFixture.policy;
import static io.homeostat.ledger.state.LedgerFixture.sha;
import static io.homeostat.ledger.state.LedgerFixture.tiersFrom;
import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.gate.KeyChange;
import io.homeostat.ledger.state.LedgerFixture.Replica;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.TransferPayload;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever may put any command into the log still posts nothing that people must approve. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GateAttackTest {
    private static final UUID ID = new UUID(6, 6);
    private static final Map<String, String> PERSONS =
            Map.of("t1", "t1", "t1b", "t1", "t2", "t2", "t3", "t3", "r1", "r1", "o1", "o1");
    private static final Map<String, Set<String>> ROLES = Map.of(
            "t1", Set.of("treasury"),
            "t2", Set.of("treasury"),
            "t3", Set.of("treasury", "risk"),
            "r1", Set.of("risk"),
            "o1", Set.of("operations"));

    @TempDir
    Path directory;

    @Test
    void none_of_the_known_attacks_posts_anything() throws Exception {
        try (Replica replica = new Replica(directory.resolve("a")).withAccounts()) {
            replica.apply(LedgerFixture.by("t1", ID, "bank", "ada", 50_000));
            UUID otherId = new UUID(6, 7);
            replica.apply(LedgerFixture.by("eve", otherId, "bank", "ada", 50_000));
            CaseView target = replica.ledger.caseOf("transfer:" + ID).orElseThrow();
            CaseView other = replica.ledger.caseOf("transfer:" + otherId).orElseThrow();
            Command.Approve honest = approve(other, "t2", true);
            byte[] oneCentLess = new TransferPayload(ID, "bank", "ada", "EUR", 49_999, "t1").digest();
            Map<String, Command> attacks = new LinkedHashMap<>();
            attacks.put("forged", as(approve(target, "o1", true), "t2", target));
            attacks.put("replayed from another case", as(honest, "t2", target));
            attacks.put("expired", approve(target.caseId(), target.payloadDigest(), "t2", true, replica.now - 1));
            attacks.put("requester", approve(target, "t1", true));
            attacks.put("requester with a second key", approve(target, "t1b", true));
            attacks.put("wrong role", approve(target, "o1", true));
            attacks.put(
                    "one cent changed", approve(target.caseId(), oneCentLess, "t2", true, target.expiresAtMicros()));
            attacks.put("unregistered key", approve(target, "n1", true));
            attacks.put("detector", approve(target, "d1", true));
            attacks.put(
                    "verdict", LedgerFixture.verdict(ID, target.payloadDigest(), "d1", true, target.expiresAtMicros()));
            attacks.put("post", new Command.PostHold(ID, 0, "t1"));
            attacks.put("part post", new Command.PostHold(ID, 1, "t1"));
            attacks.put("void", new Command.VoidHold(ID, "t1"));
            attacks.put("policy lowered", policy("low", 1, tiersFrom(40_000)));
            attacks.put(
                    "key slipped in",
                    keys(
                            "mine",
                            new KeyChange.Rotate(
                                    "t2",
                                    "n1",
                                    io.homeostat.merkle.VerificationKey.ed25519(
                                            LedgerFixture.KEYS.get("n1").publicKey()))));

            attacks.forEach((name, attack) -> {
                replica.apply(attack);
                assertThat(posted(replica.ledger)).as(name).isZero();
            });
            List<Command> again = new ArrayList<>(attacks.values());
            again.addAll(attacks.values());
            replica.applyAll(again.toArray(Command[]::new));
            assertThat(posted(replica.ledger)).as("all in one entry, twice").isZero();
            replica.apply(approve(target, "t2", true));
            replica.apply(approve(target, "t2", true));
            assertThat(posted(replica.ledger)).as("the same approval twice").isZero();

            ByteArrayOutputStream snapshot = new ByteArrayOutputStream();
            replica.ledger.writeSnapshot(snapshot);
            try (Replica restored = new Replica(directory.resolve("b"))) {
                restored.ledger.restore(new ByteArrayInputStream(snapshot.toByteArray()));
                restored.ledger.backfill(replica.ledger.readJournal(0, 100_000, 1 << 26));
                restored.index = replica.index;
                restored.now = replica.now;
                restored.applyAll(again.toArray(Command[]::new));
                assertThat(posted(restored.ledger)).as("after a snapshot").isZero();
                restored.apply(approve(target, "t3", true));
                restored.apply(approve(target, "r1", true));
                assertThat(posted(restored.ledger))
                        .as("what is owed to people stays possible")
                        .isEqualTo(50_000);
            }
        }
    }

    /**
     * Random commands, honest and not. The reference knows of each statement whether it was honestly signed, and asks of each
     * posted transfer whether distinct persons of the demanded roles said yes, by trying all assignments.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
    void no_sequence_of_commands_posts_a_gated_transfer_without_its_approvals(long seed) {
        Random random = new Random(seed);
        try (Replica replica = new Replica(directory.resolve("s" + seed)).withAccounts()) {
            Map<UUID, Long> amounts = new LinkedHashMap<>();
            Map<UUID, String> requesters = new HashMap<>();
            Map<UUID, Set<String>> consent = new HashMap<>();
            List<String> keyIds = List.of("t1", "t1b", "t2", "t3", "r1", "o1", "n1", "d1");
            for (int step = 0; step < 400; step++) {
                replica.now += random.nextInt(3_000_000);
                UUID id = new UUID(seed, random.nextInt(40));
                long amount = List.of(9_999L, 10_000L, 49_999L, 50_000L).get(random.nextInt(4));
                String requester = List.of("eve", "t1", "t2", "r1").get(random.nextInt(4));
                CaseView opened = replica.ledger.caseOf("transfer:" + id).orElse(null);
                String keyId = keyIds.get(random.nextInt(keyIds.size()));
                Command command;
                switch (random.nextInt(opened == null ? 3 : 12)) {
                    case 0, 1 -> {
                        command = LedgerFixture.by(requester, id, "bank", "ada", amount);
                        amounts.putIfAbsent(id, amount);
                        requesters.putIfAbsent(id, requester);
                    }
                    case 2 ->
                        command = random.nextBoolean()
                                ? new Command.PostHold(id, random.nextInt(2), requester)
                                : new Command.VoidHold(new UUID(seed, -1), requester);
                    case 3 ->
                        command = as(approve("transfer:x", sha("y"), keyId, true, replica.now + 9), keyId, opened);
                    case 4 -> command = approve(opened.caseId(), sha("other"), keyId, true, opened.expiresAtMicros());
                    case 5 ->
                        command = approve(
                                opened.caseId(),
                                opened.payloadDigest(),
                                keyId,
                                true,
                                replica.now - 1 - random.nextInt(3));
                    case 6 -> command = policy("p" + step, 1, tiersFrom(1_000_000));
                    case 7 -> {
                        command = approve(opened, keyId, false);
                    }
                    default -> {
                        command = approve(opened, keyId, true);
                        if (PERSONS.containsKey(keyId)) {
                            consent.computeIfAbsent(id, x -> new HashSet<>()).add(PERSONS.get(keyId));
                        }
                    }
                }
                replica.apply(command);
                for (Map.Entry<UUID, Long> each : amounts.entrySet()) {
                    String status =
                            replica.ledger.transfer(each.getKey()).orElseThrow().status();
                    if (status.equals("posted") && each.getValue() >= 10_000) {
                        Set<String> persons = new HashSet<>(consent.getOrDefault(each.getKey(), Set.of()));
                        persons.remove(requesters.get(each.getKey()));
                        List<String> demanded = each.getValue() >= 50_000
                                ? List.of("treasury", "treasury", "risk")
                                : List.of("treasury");
                        assertThat(fillable(demanded, persons))
                                .as("seed %d step %d transfer %s of %d", seed, step, each.getKey(), each.getValue())
                                .isTrue();
                    }
                }
            }
            assertThat(amounts.keySet().stream()
                            .filter(id -> amounts.get(id) >= 10_000)
                            .map(id -> replica.ledger.transfer(id).orElseThrow().status())
                            .filter("posted"::equals))
                    .as("seed %d: some were approved as they should", seed)
                    .isNotEmpty();
        }
    }

    private static boolean fillable(List<String> demanded, Set<String> persons) {
        if (demanded.isEmpty()) {
            return true;
        }
        for (String person : persons) {
            if (ROLES.get(person).contains(demanded.get(0))) {
                Set<String> others = new HashSet<>(persons);
                others.remove(person);
                if (fillable(demanded.subList(1, demanded.size()), others)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The signature of one statement under the name of another. */
    private static Command.Approve as(Command.Approve signed, String keyId, CaseView target) {
        return new Command.Approve(
                target.caseId(),
                target.payloadDigest(),
                true,
                keyId,
                target.expiresAtMicros(),
                MerkleTree.sha256(new byte[0]),
                signed.signature());
    }

    private static long posted(Ledger ledger) {
        return ledger.account("ada").orElseThrow().balance();
    }
}
