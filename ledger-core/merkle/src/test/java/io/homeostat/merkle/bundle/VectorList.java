package io.homeostat.merkle.bundle;

import static io.homeostat.merkle.bundle.TestLedger.HOUR;
import static io.homeostat.merkle.bundle.TestLedger.WATCHED;
import static io.homeostat.merkle.bundle.TestLedger.WATCHED_PAYLOAD;
import static io.homeostat.merkle.bundle.TestLedger.keys;

import io.homeostat.merkle.Frames;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Collects vectors, and begins the ledgers that several of them go on from. */
final class VectorList {
    static final String POLICY = "policy:a";
    static final String KEYS = "keys:a";
    static final long START_OF_CASES = TestLedger.START + 6000;

    private final List<Vectors.Vector> vectors = new ArrayList<>();

    List<Vectors.Vector> all() {
        return List.copyOf(vectors);
    }

    void add(String name, byte[] bundle, String verdicts, String place, String says) {
        vectors.add(new Vectors.Vector(name, bundle, verdicts, place, says));
    }

    void accepted(String name, TestLedger ledger) {
        add(name, ledger.bundle(), "ppp", "", "");
    }

    /** Intact and signed, and wrong all the same. */
    void lie(String name, TestLedger ledger, String place, String says) {
        add(name, ledger.bundle(), "pfp", place, says);
    }

    static TestLedger begun() {
        return new TestLedger().begin();
    }

    static TestLedger waiting() {
        return begun().gatedHold();
    }

    static TestLedger approved() {
        return waiting().approve("k1", "x").approve("k3", "y");
    }

    static TestLedger held(TestLedger ledger, UUID id, long amount, boolean gated) {
        return ledger.held(id, 0, 1, amount, ledger.now + HOUR, "desk", gated);
    }

    static TestLedger plainHold(TestLedger ledger, UUID id, int debit, int credit, long amount) {
        return ledger.held(id, debit, credit, amount, ledger.now + HOUR, "desk", false);
    }

    static TestLedger raised() {
        return raise(begun());
    }

    static TestLedger raise(TestLedger ledger) {
        return ledger.policyCase(POLICY, 1, 200_000)
                .policyApproved(POLICY, 1, 200_000, "k1")
                .policyApproved(POLICY, 1, 200_000, "k3")
                .caseDecided(POLICY, 1)
                .policyChanged(POLICY, 2);
    }

    static TestLedger keysChange(TestLedger ledger, byte[] body, String one, String other) {
        return ledger.keysCase(KEYS, body)
                .keysApproved(KEYS, body, one)
                .keysApproved(KEYS, body, other)
                .caseDecided(KEYS, 1)
                .keysChanged(KEYS);
    }

    static TestLedger screeningAccounts() {
        return begun().account(4, "shop-usd", "USD", 1, 0);
    }

    static TestLedger screening() {
        return screeningAccounts().watched();
    }

    static TestLedger people(TestLedger ledger) {
        String caseId = "transfer:" + WATCHED;
        return ledger.caseOpened(caseId, 1, WATCHED_PAYLOAD, "desk", ledger.now + HOUR / 2, "risk", 1)
                .decision(caseId, WATCHED_PAYLOAD, true, "k3", keys("k3"), ledger.now + HOUR / 4, "looked at")
                .caseDecided(caseId, 1)
                .holdPosted(WATCHED, 160_000);
    }

    static int today() {
        return (int) (TestLedger.START / 86_400_000_000L);
    }

    static List<TestLedger.Section> sections(TestLedger ledger) {
        return List.of(
                new TestLedger.Section("manifest", ledger.manifest().getBytes(StandardCharsets.UTF_8)),
                new TestLedger.Section("genesis", ledger.leaves.get(0)),
                new TestLedger.Section("checkpoint", ledger.checkpoint()),
                new TestLedger.Section("journal", Frames.encode(ledger.leaves)),
                new TestLedger.Section("trail", Frames.encode(ledger.trail)),
                new TestLedger.Section("texts", Frames.encode(ledger.sortedTexts())));
    }
}
