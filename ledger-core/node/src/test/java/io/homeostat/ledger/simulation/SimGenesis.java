package io.homeostat.ledger.simulation;

import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.journal.LedgerEvent.Demand;
import io.homeostat.merkle.Ed25519;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A small bank: two tiers, persons with one or two roles, one with two keys. */
final class SimGenesis {
    static final long MID = 10_000;
    static final long HIGH = 50_000;
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
                        key("o1", "o1", "operations")),
                List.of(
                        new Genesis.Tier(
                                "mid", Genesis.Kind.TRANSFER, "EUR", MID, 3600, List.of(new Demand("treasury", 1))),
                        new Genesis.Tier(
                                "high",
                                Genesis.Kind.TRANSFER,
                                "EUR",
                                HIGH,
                                7200,
                                List.of(new Demand("treasury", 2), new Demand("risk", 1))),
                        new Genesis.Tier(
                                "wipe", Genesis.Kind.RECOVERY, "", 0, 900, List.of(new Demand("operations", 1)))));
    }

    private static Genesis.Key key(String keyId, String person, String... roles) {
        return new Genesis.Key(keyId, person, List.of(roles), KEYS.get(keyId).publicKey());
    }

    private static Map<String, Ed25519.Keys> keys() {
        Map<String, Ed25519.Keys> keys = new LinkedHashMap<>();
        for (String id : List.of("t1", "t1b", "t2", "t3", "r1", "o1")) {
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
