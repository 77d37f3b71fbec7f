package io.homeostat.ledger.simulation;

import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.gate.Genesis.Kind;
import io.homeostat.ledger.gate.Genesis.Tier;
import io.homeostat.ledger.journal.LedgerEvent.Demand;
import io.homeostat.merkle.Ed25519;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A small bank: tiers of money, of changes and of screening; persons with one or two roles, one with two keys; a detector. */
final class SimGenesis {
    static final long MID = 10_000;
    static final long HIGH = 50_000;
    static final long SCREENED = 7_000;
    /** Fees move little, and what moves there is looked at early. */
    static final long FEES = 4_000;

    static final String DETECTOR = "d1";
    /** Of the first keys, and of those that a seed may register later. */
    static final Map<String, Ed25519.Keys> KEYS = keys();

    private SimGenesis() {}

    static Genesis of(int nodes) {
        List<Genesis.Node> members = new ArrayList<>();
        for (int i = 1; i <= nodes; i++) {
            members.add(
                    new Genesis.Node("n" + i, "zone-" + (i % 3), seeded(100 + i).publicKey()));
        }
        return new Genesis(
                "simulated",
                members,
                List.of(
                        key("t1", "t1", "treasury"),
                        key("t1b", "t1", "treasury"),
                        key("t2", "t2", "treasury"),
                        key("t3", "t3", "treasury", "risk"),
                        key("r1", "r1", "risk"),
                        key("o1", "o1", "operations"),
                        key("b1", "b1", "board"),
                        key("b2", "b2", "board"),
                        key("b3", "b3", "board"),
                        key(DETECTOR, DETECTOR, Genesis.DETECTOR)),
                tiers(MID, HIGH, SCREENED));
    }

    static List<Tier> tiers(long mid, long high, long screened) {
        return List.of(
                new Tier("mid", Kind.TRANSFER, "EUR", mid, 3600, List.of(new Demand("treasury", 1))),
                new Tier(
                        "high",
                        Kind.TRANSFER,
                        "EUR",
                        0,
                        high,
                        7200,
                        0,
                        List.of(new Demand("treasury", 2), new Demand("risk", 1)),
                        1800,
                        List.of("board")),
                new Tier("fees", Kind.TRANSFER, "EUR", 4, FEES, 1800, 0, List.of(new Demand("risk", 1)), 0, List.of()),
                new Tier(
                        "looked-at",
                        Kind.SCREENING,
                        "EUR",
                        0,
                        screened,
                        1800,
                        5_000,
                        List.of(new Demand("treasury", 1)),
                        600,
                        List.of("risk")),
                new Tier("wipe", Kind.RECOVERY, "", 0, 900, List.of(new Demand("operations", 1))),
                new Tier(
                        "rules",
                        Kind.POLICY,
                        "",
                        0,
                        0,
                        7200,
                        0,
                        List.of(new Demand("board", 2)),
                        600,
                        List.of("operations")),
                new Tier("register", Kind.KEYS, "", 0, 7200, List.of(new Demand("board", 1))));
    }

    static Genesis.Key key(String keyId, String person, String... roles) {
        return new Genesis.Key(keyId, person, List.of(roles), KEYS.get(keyId).publicKey());
    }

    private static Map<String, Ed25519.Keys> keys() {
        Map<String, Ed25519.Keys> keys = new LinkedHashMap<>();
        for (String id : List.of(
                "t1", "t1b", "t2", "t3", "r1", "o1", "b1", "b2", "b3", DETECTOR, "s1", "s2", "s3", "s4", "s5", "s6")) {
            keys.put(id, seeded(keys.size() + 1));
        }
        return keys;
    }

    private static Ed25519.Keys seeded(int number) {
        byte[] seed = new byte[32];
        seed[0] = (byte) number;
        return Ed25519.fromSeed(seed);
    }
}
