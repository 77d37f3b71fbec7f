package io.homeostat.ledger.check;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.ledger.gate.GateJson;
import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.gate.KeyRegister;
import io.homeostat.ledger.state.PolicyView;
import io.homeostat.merkle.Digests;
import io.homeostat.merkle.bundle.PolicyTier;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Nodes, keys and tiers that the journal gives against those that a node was given, keeps or shows, one line each. */
final class Policies {
    private Policies() {}

    /** The genesis file is the beginning only: what changed since is not in it. */
    static void compareGenesis(
            Differences differences, String where, io.homeostat.merkle.bundle.Genesis replayed, Genesis file) {
        differences.same(where, "ledger", 0, replayed.ledgerName(), file.ledger());
        Map<String, String> expected = nodes(replayed);
        replayed.keys().forEach(key -> expected.put(subject(key), line(key)));
        replayed.policy().tiers().forEach(tier -> expected.put(subject(tier), line(tier)));
        compare(differences, where, 0, expected, found(file, file.keys(), file.tiers()));
    }

    /** What a snapshot keeps. */
    static void compareView(Differences differences, String where, long at, Recount recount, PolicyView view) {
        List<Genesis.Key> active = view.keys().stream()
                .filter(entry -> entry.status() == KeyRegister.Status.ACTIVE)
                .map(KeyRegister.Entry::key)
                .toList();
        differences.same(
                where,
                "policy version",
                at,
                recount.policyVersion(),
                view.policy().version());
        compare(
                differences,
                where,
                at,
                expected(recount),
                found(view.genesis(), active, view.policy().tiers()));
    }

    /** What {@code GET /v1/policy} shows. */
    static void compareShown(Differences differences, String where, long at, Recount recount, JsonNode shown) {
        Map<String, String> found = new TreeMap<>();
        shown.path("nodes")
                .forEach(node -> found.put(
                        "node " + node.path("id").asText(),
                        Digests.hex(java.util.Base64.getDecoder()
                                .decode(node.path("checkpointKey").asText()))));
        shown.path("keys").forEach(key -> add(found, GateJson.key(key)));
        GateJson.tiers(shown).forEach(tier -> add(found, tier));
        differences.same(
                where,
                "policy version",
                at,
                recount.policyVersion(),
                shown.path("version").asLong(-1));
        compare(differences, where, at, expected(recount), found);
    }

    private static Map<String, String> expected(Recount recount) {
        Map<String, String> expected = nodes(recount.genesis().genesis());
        recount.activeKeys().forEach(key -> expected.put(subject(key), line(key)));
        recount.policy().tiers().forEach(tier -> expected.put(subject(tier), line(tier)));
        return expected;
    }

    private static Map<String, String> nodes(io.homeostat.merkle.bundle.Genesis genesis) {
        Map<String, String> nodes = new TreeMap<>();
        genesis.nodes().forEach(node -> nodes.put("node " + node.id(), Digests.hex(node.checkpointKey())));
        return nodes;
    }

    private static Map<String, String> found(Genesis genesis, List<Genesis.Key> keys, List<Genesis.Tier> tiers) {
        Map<String, String> found = new TreeMap<>();
        genesis.nodes().forEach(node -> found.put("node " + node.id(), Digests.hex(node.checkpointKey())));
        keys.forEach(key -> add(found, key));
        tiers.forEach(tier -> add(found, tier));
        return found;
    }

    private static void add(Map<String, String> lines, Genesis.Key key) {
        lines.put(
                "key " + key.keyId(), line(key.person(), key.roles(), key.key().publicKey()));
    }

    private static void add(Map<String, String> lines, Genesis.Tier tier) {
        lines.put(
                "tier " + tier.name(),
                line(
                        tier.kind().name(),
                        tier.asset(),
                        tier.accountClass(),
                        tier.fromAmount(),
                        tier.expirySeconds(),
                        tier.screenMillis(),
                        tier.demands().stream()
                                .map(demand -> demand.role() + " x " + demand.count())
                                .toList(),
                        tier.escalateAfterSeconds(),
                        tier.escalationRoles()));
    }

    private static String subject(io.homeostat.merkle.bundle.Genesis.Key key) {
        return "key " + key.keyId();
    }

    private static String line(io.homeostat.merkle.bundle.Genesis.Key key) {
        return line(key.person(), key.roles(), key.key().publicKey());
    }

    private static String line(String person, List<String> roles, byte[] publicKey) {
        return person + " " + roles + " " + Digests.hex(publicKey);
    }

    private static String subject(PolicyTier tier) {
        return "tier " + tier.name();
    }

    private static String line(PolicyTier tier) {
        return line(
                tier.kind().name(),
                tier.asset(),
                tier.accountClass(),
                tier.fromAmount(),
                tier.expirySeconds(),
                tier.screenMillis(),
                tier.demands().stream()
                        .map(demand -> demand.role() + " x " + demand.count())
                        .toList(),
                tier.escalateAfterSeconds(),
                tier.escalationRoles());
    }

    private static String line(
            String kind,
            String asset,
            int accountClass,
            long fromAmount,
            long expirySeconds,
            long screenMillis,
            Collection<String> demands,
            long escalateAfterSeconds,
            Collection<String> escalationRoles) {
        return kind + " " + asset + " class " + accountClass + " from " + fromAmount + " for " + expirySeconds
                + " s, screened " + screenMillis + " ms: " + demands + ", after " + escalateAfterSeconds + " s also "
                + escalationRoles;
    }

    private static void compare(
            Differences differences, String where, long at, Map<String, String> expected, Map<String, String> found) {
        TreeSet<String> subjects = new TreeSet<>(expected.keySet());
        subjects.addAll(found.keySet());
        for (String subject : subjects) {
            differences.same(
                    where,
                    "policy " + subject,
                    at,
                    expected.getOrDefault(subject, "nothing"),
                    found.getOrDefault(subject, "nothing"));
        }
    }
}
