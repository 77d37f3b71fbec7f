package io.homeostat.ledger.state;

import io.homeostat.ledger.gate.ApprovalPolicy;
import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.gate.KeyChange;
import io.homeostat.ledger.journal.LedgerEvent.Demand;
import io.homeostat.ledger.state.Command.AccountClass;
import io.homeostat.merkle.ApprovalText;
import io.homeostat.merkle.Ed25519;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.VerdictText;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A ledger of three nodes with fixed keys, and commands in one line each. Time begins at second 1 and moves by hand. */
final class LedgerFixture {
    static final long SECOND = 1_000_000L;
    static final long START = 1_700_000_000L * SECOND;
    static final Map<String, Ed25519.Keys> KEYS = keys();
    static final Genesis GENESIS = genesis();

    private LedgerFixture() {}

    /** A ledger with its own index and clock. */
    static final class Replica implements AutoCloseable {
        final Ledger ledger;
        long index;
        long now = START;

        Replica(Path journal) {
            this(journal, "n1", LedgerStateLimits.defaults());
        }

        Replica(Path journal, String node, LedgerStateLimits limits) {
            ledger = Ledger.open(journal, GENESIS, node, limits);
        }

        Replica begun() {
            apply(new Command.Begin(GENESIS.body()));
            return this;
        }

        /** Two customers of EUR whose debits must not exceed credits, and a settlement account without that limit. */
        Replica withAccounts() {
            begun();
            apply(account("ada", "EUR", true));
            apply(account("bob", "EUR", true));
            apply(account("bank", "EUR", false));
            apply(account("usd", "USD", false));
            return this;
        }

        Command.Outcome apply(Command command) {
            return applyAll(command).get(0);
        }

        List<Command.Outcome> applyAll(Command... commands) {
            return ledger.apply(++index, throughCodec(new Command.Batch(now, Arrays.asList(commands))));
        }

        Command.Outcome later(long micros, Command command) {
            now += micros;
            return apply(command);
        }

        void fund(String account, long amount) {
            for (long left = amount; left > 0; left -= 9_999) {
                apply(transfer(UUID.randomUUID(), "bank", account, Math.min(left, 9_999)));
            }
        }

        @Override
        public void close() {
            ledger.close();
        }
    }

    static Command.Batch throughCodec(Command.Batch batch) {
        return CommandCodec.decode(CommandCodec.encode(batch));
    }

    static Command.CreateAccount account(String id, String asset, boolean flagged) {
        return new Command.CreateAccount(id, asset, 2, AccountClass.CUSTOMER, flagged);
    }

    static Command.CreateTransfer transfer(UUID id, String debit, String credit, long amount) {
        return new Command.CreateTransfer(id, debit, credit, "EUR", amount, false, 0, "shop");
    }

    static Command.CreateTransfer hold(UUID id, String debit, String credit, long amount, int seconds) {
        return new Command.CreateTransfer(id, debit, credit, "EUR", amount, true, seconds, "shop");
    }

    static Command.CreateTransfer by(String principal, UUID id, String debit, String credit, long amount) {
        return new Command.CreateTransfer(id, debit, credit, "EUR", amount, false, 0, principal);
    }

    static Command.Approve approve(CaseView view, String keyId, boolean approve) {
        return approve(view.caseId(), view.payloadDigest(), keyId, approve, view.expiresAtMicros());
    }

    static Command.Approve approve(String caseId, byte[] payload, String keyId, boolean approve, long expires) {
        byte[] reason = sha("because");
        byte[] signature = KEYS.get(keyId).sign(new ApprovalText(caseId, payload, approve, expires, reason).bytes());
        return new Command.Approve(caseId, payload, approve, keyId, expires, reason, signature);
    }

    static Command.OpenRecoveryCase recovery(String name, String requester) {
        return new Command.OpenRecoveryCase("recovery:" + name, sha(name), "wipe", requester);
    }

    static Command.ScreeningVerdict verdict(ScreeningView view, String keyId, boolean clear) {
        return verdict(view.transfer().id(), view.payloadDigest(), keyId, clear, view.dueMicros());
    }

    static Command.ScreeningVerdict verdict(UUID id, byte[] payload, String keyId, boolean clear, long expires) {
        byte[] evidence = sha("window");
        byte[] signature =
                KEYS.get(keyId).sign(new VerdictText("transfer:" + id, payload, clear, expires, evidence).bytes());
        return new Command.ScreeningVerdict(id, payload, clear, keyId, expires, evidence, signature);
    }

    static Command.ProposeChange policy(String name, long base, List<Genesis.Tier> tiers) {
        return new Command.ProposeChange("policy:" + name, base, ApprovalPolicy.body(tiers), "admin");
    }

    static Command.ProposeChange keys(String name, KeyChange change) {
        return new Command.ProposeChange("keys:" + name, 0, change.body(), "admin");
    }

    /** The policy of the fixture with another first tier. */
    static List<Genesis.Tier> tiersFrom(long mid) {
        List<Genesis.Tier> tiers = new ArrayList<>(GENESIS.tiers());
        tiers.set(
                0,
                new Genesis.Tier("mid", Genesis.Kind.TRANSFER, "EUR", mid, 3600, List.of(new Demand("treasury", 1))));
        return tiers;
    }

    static byte[] sha(String text) {
        return MerkleTree.sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Tiers of EUR: from 10 000 one treasury; from 50 000 two treasury and one risk. Persons: t1, t2, t3 in treasury (t3 also
     * in risk), r1 in risk, and a second key of t1. d1 is a detector's. The keys t1c, n1 and d2 are not registered.
     * Transfers of SEK are screened from 1000 on.
     */
    private static Genesis genesis() {
        return new Genesis(
                "test-ledger",
                List.of(node("n1", 1), node("n2", 2), node("n3", 3)),
                List.of(
                        key("t1", "t1", "treasury"),
                        key("t1b", "t1", "treasury"),
                        key("t2", "t2", "treasury"),
                        key("t3", "t3", "treasury", "risk"),
                        key("r1", "r1", "risk"),
                        key("o1", "o1", "operations"),
                        key("d1", "d1", "detector")),
                List.of(
                        new Genesis.Tier(
                                "mid", Genesis.Kind.TRANSFER, "EUR", 10_000, 3600, List.of(new Demand("treasury", 1))),
                        new Genesis.Tier(
                                "high",
                                Genesis.Kind.TRANSFER,
                                "EUR",
                                50_000,
                                7200,
                                List.of(new Demand("treasury", 2), new Demand("risk", 1))),
                        new Genesis.Tier(
                                "wipe", Genesis.Kind.RECOVERY, "", 0, 900, List.of(new Demand("operations", 1))),
                        new Genesis.Tier(
                                "rules",
                                Genesis.Kind.POLICY,
                                "",
                                0,
                                0,
                                3600,
                                0,
                                List.of(new Demand("treasury", 1), new Demand("risk", 1)),
                                600,
                                List.of("operations")),
                        new Genesis.Tier("keys", Genesis.Kind.KEYS, "", 0, 3600, List.of(new Demand("treasury", 2))),
                        new Genesis.Tier(
                                "watch",
                                Genesis.Kind.SCREENING,
                                "SEK",
                                0,
                                1_000,
                                3600,
                                2_000,
                                List.of(new Demand("treasury", 1)),
                                0,
                                List.of())));
    }

    private static Genesis.Node node(String id, int seed) {
        return new Genesis.Node(id, "zone-" + id, seeded(100 + seed).publicKey());
    }

    private static Genesis.Key key(String keyId, String person, String... roles) {
        return new Genesis.Key(keyId, person, List.of(roles), KEYS.get(keyId).publicKey());
    }

    private static Map<String, Ed25519.Keys> keys() {
        Map<String, Ed25519.Keys> keys = new LinkedHashMap<>();
        for (String id : List.of("t1", "t1b", "t2", "t3", "r1", "o1", "t1c", "n1", "d1", "d2")) {
            keys.put(id, seeded(keys.size()));
        }
        return keys;
    }

    static Ed25519.Keys seeded(int number) {
        byte[] seed = new byte[32];
        seed[0] = (byte) number;
        return Ed25519.fromSeed(seed);
    }
}
