package io.homeostat.merkle.bundle;

import io.homeostat.merkle.ApprovalText;
import io.homeostat.merkle.ChangePayload;
import io.homeostat.merkle.CheckpointSigner;
import io.homeostat.merkle.Ed25519;
import io.homeostat.merkle.Frames;
import io.homeostat.merkle.MerkleFrontier;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.TransferPayload;
import io.homeostat.merkle.VerdictText;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A ledger that writes whatever a test tells it to, also what no honest ledger would: the leaf encoder and the bundle packer
 * of the tests, written from docs/encoding.md and apart from the code under test. Everything follows from fixed seeds.
 */
final class TestLedger {
    static final String NAME = "demo-ledger";
    static final long START = 1_795_182_000_000_000L;
    static final long HOUR = 3_600_000_000L;
    static final UUID SMALL = uuid(1);
    static final UUID LARGE = uuid(2);

    private static final Map<String, Ed25519.Keys> KEYS = new ConcurrentHashMap<>();

    static final Ed25519.Keys NODE_1 = keys("node n1");
    static final Ed25519.Keys NODE_2 = keys("node n2");
    static final Ed25519.Keys NODE_3 = keys("node n3");

    final List<byte[]> leaves = new ArrayList<>();
    final List<byte[]> trail = new ArrayList<>();
    final List<String> texts = new ArrayList<>();
    String subject = "incident-7";
    long now = START;

    interface Body {
        void write(DataOutputStream out) throws IOException;
    }

    static Ed25519.Keys keys(String name) {
        return KEYS.computeIfAbsent(name, n -> Ed25519.fromSeed(MerkleTree.sha256(n.getBytes(StandardCharsets.UTF_8))));
    }

    static UUID uuid(int n) {
        return new UUID(0x6f1c2f3e00004000L, 0x8000000000000000L + n);
    }

    // ---- leaves

    TestLedger leaf(int type, Body body) {
        leaves.add(encode(type, leaves.size(), now, body));
        now += 1000;
        return this;
    }

    static byte[] encode(int type, long sequence, long time, Body body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(1);
            out.writeByte(type);
            out.writeLong(sequence);
            out.writeLong(time);
            body.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static void str(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeShort(utf8.length);
        out.write(utf8);
    }

    static void uuid(DataOutputStream out, UUID id) throws IOException {
        out.writeLong(id.getMostSignificantBits());
        out.writeLong(id.getLeastSignificantBits());
    }

    static void bytes(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    /**
     * Three nodes; a transfer of 100000 EUR cents or more needs a treasurer and a risk officer, of 1000000 two treasurers
     * and a risk officer; a recovery needs two operators. Person p1 has two keys.
     */
    static void genesisBody(DataOutputStream out) throws IOException {
        str(out, NAME);
        out.writeShort(3);
        node(out, "n1", "zone-a", NODE_1);
        node(out, "n2", "zone-b", NODE_2);
        node(out, "n3", "zone-c", NODE_3);
        out.writeShort(7);
        key(out, "d1", "d1", "detector");
        key(out, "k1", "p1", "treasury");
        key(out, "k1-spare", "p1", "treasury", "risk");
        key(out, "k2", "p2", "treasury", "risk");
        key(out, "k3", "p3", "risk");
        key(out, "k4", "p4", "operations");
        key(out, "k5", "p5", "operations");
        tiers(out, 100_000);
    }

    /** The policy of genesis, with another limit of the lower tier when a test wants one. */
    static void tiers(DataOutputStream out, long large) throws IOException {
        out.writeShort(6);
        tier(out, "large", 1, "EUR", large, 3600, "treasury", 1, "risk", 1);
        tier(out, "huge", 1, "EUR", 1_000_000, 7200, "treasury", 2, "risk", 1);
        tier(out, "rebuild", 2, "", 0, 3600, "operations", 2);
        tier(out, "rules", 3, "", 0, 3600, "treasury", 1, "risk", 1);
        tier(out, "keys", 4, "", 0, 3600, "risk", 2);
        tier(out, "watch", 5, "USD", 150_000, 3600, "risk", 1);
    }

    private static void node(DataOutputStream out, String id, String zone, Ed25519.Keys keys) throws IOException {
        str(out, id);
        str(out, zone);
        bytes(out, keys.publicKey());
    }

    private static void key(DataOutputStream out, String keyId, String person, String... roles) throws IOException {
        str(out, keyId);
        str(out, person);
        out.writeByte(roles.length);
        for (String role : roles) {
            str(out, role);
        }
        out.writeByte(1);
        bytes(out, keys(keyId).publicKey());
    }

    private static void tier(
            DataOutputStream out, String name, int kind, String asset, long from, int expiry, Object... demands)
            throws IOException {
        str(out, name);
        out.writeByte(kind);
        str(out, asset);
        out.writeByte(0);
        out.writeLong(from);
        out.writeInt(expiry);
        out.writeInt(kind == 5 ? 2000 : 0);
        demands(out, demands);
        out.writeInt(0);
        out.writeByte(0);
    }

    static void demands(DataOutputStream out, Object... demands) throws IOException {
        out.writeByte(demands.length / 2);
        for (int i = 0; i < demands.length; i += 2) {
            str(out, (String) demands[i]);
            out.writeByte((Integer) demands[i + 1]);
        }
    }

    TestLedger genesis() {
        return leaf(1, TestLedger::genesisBody);
    }

    TestLedger account(int ordinal, String id, String asset, int accountClass, int flags) {
        return leaf(2, out -> {
            out.writeInt(ordinal);
            str(out, id);
            str(out, asset);
            out.writeByte(2);
            out.writeByte(accountClass);
            out.writeByte(flags);
        });
    }

    TestLedger posted(UUID id, int debit, int credit, long amount) {
        return leaf(3, out -> {
            uuid(out, id);
            out.writeInt(debit);
            out.writeInt(credit);
            out.writeLong(amount);
        });
    }

    /** @param legs account and amount, again and again */
    TestLedger legs(UUID id, long... legs) {
        return leaf(30, out -> {
            uuid(out, id);
            out.writeByte(legs.length / 2);
            for (int i = 0; i < legs.length; i += 2) {
                out.writeInt((int) legs[i]);
                out.writeLong(legs[i + 1]);
            }
        });
    }

    TestLedger terms(
            UUID id,
            @org.jspecify.annotations.Nullable Integer day,
            @org.jspecify.annotations.Nullable UUID reverses,
            int reason) {
        return leaf(31, out -> {
            uuid(out, id);
            out.writeByte((day == null ? 0 : 1) | (reverses == null ? 0 : 2));
            if (day != null) {
                out.writeInt(day);
            }
            if (reverses != null) {
                uuid(out, reverses);
                out.writeByte(reason);
            }
        });
    }

    TestLedger held(UUID id, int debit, int credit, long amount, long expires, String requester, boolean gated) {
        return leaf(4, out -> {
            uuid(out, id);
            out.writeInt(debit);
            out.writeInt(credit);
            out.writeLong(amount);
            out.writeLong(expires);
            str(out, requester);
            out.writeByte(gated ? 1 : 0);
        });
    }

    TestLedger holdPosted(UUID id, long amount) {
        return leaf(5, out -> {
            uuid(out, id);
            out.writeLong(amount);
        });
    }

    TestLedger holdVoided(UUID id, int by) {
        return leaf(6, out -> {
            uuid(out, id);
            out.writeByte(by);
        });
    }

    TestLedger holdExpired(UUID id) {
        return leaf(7, out -> uuid(out, id));
    }

    TestLedger caseOpened(String caseId, int kind, byte[] payload, String requester, long expires, Object... demands) {
        return leaf(8, out -> {
            str(out, caseId);
            out.writeByte(kind);
            out.write(payload);
            str(out, requester);
            out.writeLong(expires);
            demands(out, demands);
            out.writeLong(0);
            out.writeByte(0);
        });
    }

    TestLedger proposed(String caseId, long base, byte[] body) {
        return leaf(50, out -> {
            str(out, caseId);
            out.writeLong(base);
            bytes(out, body);
        });
    }

    TestLedger approvalRefused(String caseId, String keyId, int reason) {
        return leaf(56, out -> {
            out.writeByte(1);
            str(out, caseId);
            str(out, keyId);
            out.writeShort(reason);
            out.write(sha("signature"));
            out.write(sha("command"));
        });
    }

    TestLedger refusalsCounted(String scope, long count) {
        return leaf(57, out -> {
            str(out, scope);
            out.writeLong(count);
        });
    }

    TestLedger screeningBegun(UUID id, byte[] payload, long due, Object... demands) {
        return leaf(53, out -> {
            uuid(out, id);
            out.write(payload);
            out.writeLong(due);
            demands(out, demands);
            out.writeInt(0);
            out.writeByte(0);
        });
    }

    TestLedger verdict(UUID id, byte[] payload, boolean clear, String keyId, long expires) {
        byte[] evidence = sha("evidence");
        byte[] signature =
                keys(keyId).sign(new VerdictText("transfer:" + id, payload, clear, expires, evidence).bytes());
        return leaf(54, out -> {
            uuid(out, id);
            out.write(payload);
            out.writeByte(clear ? 1 : 2);
            str(out, keyId);
            out.writeLong(expires);
            out.write(evidence);
            bytes(out, signature);
        });
    }

    TestLedger screeningLapsed(UUID id) {
        return leaf(55, out -> uuid(out, id));
    }

    /** A transfer of 160000 from the dollar side is watched for two seconds. */
    TestLedger watched() {
        return held(WATCHED, 3, 4, 160_000, now + 2_000_000 + HOUR, "desk", true)
                .screeningBegun(WATCHED, WATCHED_PAYLOAD, now + 2_000_000, "risk", 1);
    }

    static final UUID WATCHED = uuid(40);
    static final byte[] WATCHED_PAYLOAD =
            new TransferPayload(WATCHED, "bank-usd", "shop-usd", "USD", 160_000, "desk").digest();

    TestLedger policyChanged(String caseId, long version) {
        return leaf(51, out -> {
            str(out, caseId);
            out.writeLong(version);
        });
    }

    TestLedger keysChanged(String caseId) {
        return leaf(52, out -> str(out, caseId));
    }

    static byte[] body(Body body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            body.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static byte[] registration(String keyId, String person, String... roles) {
        return body(out -> {
            out.writeByte(1);
            key(out, keyId, person, roles);
        });
    }

    static byte[] rotation(String keyId, String newKeyId) {
        return body(out -> {
            out.writeByte(2);
            str(out, keyId);
            str(out, newKeyId);
            out.writeByte(1);
            bytes(out, keys(newKeyId).publicKey());
        });
    }

    static byte[] revocation(String keyId) {
        return body(out -> {
            out.writeByte(3);
            str(out, keyId);
        });
    }

    /** The case of a policy whose lower tier begins at {@code large}. */
    TestLedger policyCase(String caseId, long base, long large) {
        byte[] body = body(out -> tiers(out, large));
        return caseOpened(
                        caseId, 3, ChangePayload.policyDigest(base, body), "desk", now + HOUR, "treasury", 1, "risk", 1)
                .proposed(caseId, base, body);
    }

    TestLedger policyApproved(String caseId, long base, long large, String keyId) {
        byte[] payload = ChangePayload.policyDigest(base, body(out -> tiers(out, large)));
        return decision(caseId, payload, true, keyId, keys(keyId), now + HOUR / 2, "policy checked");
    }

    TestLedger keysCase(String caseId, byte[] body) {
        return caseOpened(caseId, 4, ChangePayload.keysDigest(body), "desk", now + HOUR, "risk", 2)
                .proposed(caseId, 0, body);
    }

    TestLedger keysApproved(String caseId, byte[] body, String keyId) {
        return decision(
                caseId, ChangePayload.keysDigest(body), true, keyId, keys(keyId), now + HOUR / 2, "person checked");
    }

    TestLedger decision(
            String caseId,
            byte[] payload,
            boolean approve,
            String keyId,
            Ed25519.Keys signer,
            long expires,
            String reason) {
        byte[] digest = sha(reason);
        byte[] signature = signer.sign(new ApprovalText(caseId, payload, approve, expires, digest).bytes());
        if (!texts.contains(reason)) {
            texts.add(reason);
        }
        return leaf(9, out -> {
            str(out, caseId);
            out.write(payload);
            out.writeByte(approve ? 1 : 2);
            str(out, keyId);
            out.writeLong(expires);
            out.write(digest);
            bytes(out, signature);
        });
    }

    TestLedger caseDecided(String caseId, int outcome) {
        return leaf(10, out -> {
            str(out, caseId);
            out.writeByte(outcome);
        });
    }

    TestLedger refused(int command, String subject, int reason, String by, byte[] digest) {
        return leaf(11, out -> {
            out.writeByte(command);
            str(out, subject);
            out.writeShort(reason);
            str(out, by);
            out.write(digest);
        });
    }

    TestLedger isolated(String node, String incident, String reason) {
        return leaf(12, out -> {
            str(out, node);
            str(out, incident);
            str(out, reason);
        });
    }

    TestLedger admitted(String node, String incident) {
        return leaf(13, out -> {
            str(out, node);
            str(out, incident);
        });
    }

    TestLedger attested(String node, long index, byte[] digest) {
        return leaf(14, out -> {
            str(out, node);
            out.writeLong(index);
            out.write(digest);
        });
    }

    TestLedger diverged(String node, long index, byte[] expected, byte[] found) {
        return leaf(15, out -> {
            str(out, node);
            out.writeLong(index);
            out.write(expected);
            out.write(found);
        });
    }

    TestLedger anchored(String origin, long size, byte[] root) {
        return leaf(16, out -> {
            str(out, origin);
            out.writeLong(size);
            out.write(root);
        });
    }

    TestLedger maintenance(String by, String reason, long until) {
        return leaf(70, out -> {
            str(out, by);
            str(out, reason);
            out.writeLong(until);
        });
    }

    TestLedger anchorTrail() {
        return anchored(NAME + "/trail", trail.size(), root(trail));
    }

    // ---- the story

    static final String CASE = "transfer:" + LARGE;
    static final String RECOVERY = "recovery:plan-1";
    static final String PLAN = "{\"actions\":[\"REMOVE_MEMBER\"],\"node\":\"n2\"}";
    static final byte[] PAYLOAD = new TransferPayload(LARGE, "bank", "customer", "EUR", 250_000, "desk").digest();

    /** Accounts 0 bank (external), 1 customer and 2 saver (must not go below zero), 3 dollars; a first small transfer. */
    TestLedger begin() {
        return genesis()
                .account(0, "bank", "EUR", 3, 0)
                .account(1, "customer", "EUR", 1, 1)
                .account(2, "saver", "EUR", 1, 1)
                .account(3, "bank-usd", "USD", 3, 0)
                .posted(SMALL, 0, 1, 99_999);
    }

    /** A transfer of 250000 is held for two persons. */
    TestLedger gatedHold() {
        long expires = now + HOUR;
        return held(LARGE, 0, 1, 250_000, expires, "desk", true)
                .caseOpened(CASE, 1, PAYLOAD, "desk", expires, "treasury", 1, "risk", 1);
    }

    long caseExpires() {
        // The case is opened in the second of two leaves, and both name the same end.
        return START + 6 * 1000 + HOUR;
    }

    TestLedger approve(String keyId, String reason) {
        return decision(CASE, PAYLOAD, true, keyId, keys(keyId), caseExpires(), reason);
    }

    TestLedger release() {
        return caseDecided(CASE, 1).holdPosted(LARGE, 250_000);
    }

    TestLedger attestations() {
        return attested("n1", 100, sha("state"))
                .attested("n3", 100, sha("state"))
                .attested("n2", 100, sha("drift"));
    }

    /** n2 drifts, is isolated, is rebuilt with two operators' consent, comes back; the trail is anchored. */
    TestLedger healing() {
        trail.add("{\"kind\":\"IncidentOpened\",\"incidentId\":\"incident-7\",\"node\":\"n2\"}"
                .getBytes(StandardCharsets.UTF_8));
        trail.add(
                ("{\"kind\":\"ExplanationWritten\",\"responseDigest\":\"" + hex(sha("n2 drifted at index 100")) + "\"}")
                        .getBytes(StandardCharsets.UTF_8));
        texts.add("n2 drifted at index 100");
        texts.add(PLAN);
        attestations()
                .diverged("n2", 100, sha("state"), sha("drift"))
                .isolated("n2", "incident-7", "state digest differs")
                .anchorTrail();
        long expires = now + HOUR;
        caseOpened(RECOVERY, 2, sha(PLAN), "healer", expires, "operations", 2)
                .decision(RECOVERY, sha(PLAN), true, "k4", keys("k4"), expires, "rebuild it")
                .decision(RECOVERY, sha(PLAN), true, "k5", keys("k5"), expires, "agreed")
                .caseDecided(RECOVERY, 1)
                .admitted("n2", "incident-7");
        trail.add("{\"kind\":\"IncidentClosed\",\"incidentId\":\"incident-7\"}".getBytes(StandardCharsets.UTF_8));
        return anchorTrail();
    }

    /** A plain hold that is posted in part, one that is voided, one that expires, and a case that is denied. */
    TestLedger holds() {
        held(uuid(10), 1, 2, 5_000, now + HOUR, "desk", false).holdPosted(uuid(10), 3_000);
        held(uuid(11), 1, 2, 5_000, now + HOUR, "desk", false).holdVoided(uuid(11), 1);
        held(uuid(12), 1, 2, 5_000, now + 500, "desk", false).holdExpired(uuid(12));
        UUID denied = uuid(13);
        long expires = now + HOUR;
        byte[] payload = new TransferPayload(denied, "bank", "saver", "EUR", 1_000_000, "desk").digest();
        return held(denied, 0, 2, 1_000_000, expires, "desk", true)
                .caseOpened("transfer:" + denied, 1, payload, "desk", expires, "treasury", 2, "risk", 1)
                .refused(2, denied.toString(), 26, "desk", sha("release"))
                .decision("transfer:" + denied, payload, false, "k3", keys("k3"), expires, "unknown payee")
                .caseDecided("transfer:" + denied, 2)
                .holdVoided(denied, 2);
    }

    static TestLedger sound() {
        return new TestLedger()
                .begin()
                .gatedHold()
                .approve("k1", "invoice 7 checked")
                .approve("k3", "limits checked")
                .release()
                .holds()
                .healing();
    }

    /** A little of everything that a bundle can hold. */
    static TestLedger small() {
        TestLedger ledger = new TestLedger().begin().gatedHold().approve("k1", "invoice checked");
        ledger.approve("k3", "limits checked").release();
        ledger.trail.add("{\"kind\":\"IncidentOpened\"}".getBytes(StandardCharsets.UTF_8));
        return ledger.anchorTrail();
    }

    // ---- the bundle

    byte[] checkpoint() {
        return checkpoint("n1", NODE_1);
    }

    byte[] checkpoint(String node, Ed25519.Keys keys) {
        return new CheckpointSigner(NAME, node, keys)
                .sign(leaves.size(), root(leaves), now)
                .encode();
    }

    byte[] bundle() {
        return bundle(checkpoint());
    }

    byte[] bundle(byte[] checkpoint) {
        return pack(manifest(), leaves.get(0), checkpoint, leaves, trail, sortedTexts());
    }

    String manifest() {
        return manifest(leaves.size(), trail.size());
    }

    String manifest(int journalSize, int trailSize) {
        return "created=" + Instant.parse("2026-11-20T12:00:00Z") + "\njournal_size=" + journalSize + "\nledger=" + NAME
                + "\nsubject=" + subject + "\ntrail_size=" + trailSize + "\n";
    }

    List<byte[]> sortedTexts() {
        TreeMap<String, byte[]> sorted = new TreeMap<>();
        texts.forEach(t -> sorted.put(hex(sha(t)), t.getBytes(StandardCharsets.UTF_8)));
        return new ArrayList<>(sorted.values());
    }

    static byte[] pack(
            String manifest,
            byte[] genesis,
            byte[] checkpoint,
            List<byte[]> journal,
            List<byte[]> trail,
            List<byte[]> texts) {
        return packSections(List.of(
                new Section("manifest", manifest.getBytes(StandardCharsets.UTF_8)),
                new Section("genesis", genesis),
                new Section("checkpoint", checkpoint),
                new Section("journal", Frames.encode(journal)),
                new Section("trail", Frames.encode(trail)),
                new Section("texts", Frames.encode(texts))));
    }

    record Section(String name, byte[] content) {}

    static byte[] packSections(List<Section> sections) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes("homeostat-bundle/1\n".getBytes(StandardCharsets.US_ASCII));
        for (Section section : sections) {
            String header = "section " + section.name + " " + section.content.length + " "
                    + hex(MerkleTree.sha256(section.content)) + "\n";
            out.writeBytes(header.getBytes(StandardCharsets.US_ASCII));
            out.writeBytes(section.content);
            out.write('\n');
        }
        String end = "end " + sections.size() + " " + hex(MerkleTree.sha256(out.toByteArray())) + "\n";
        out.writeBytes(end.getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    static byte[] root(List<byte[]> leaves) {
        MerkleFrontier frontier = new MerkleFrontier();
        leaves.forEach(l -> frontier.append(MerkleTree.leafHash(l)));
        return frontier.root();
    }

    static byte[] sha(String text) {
        return MerkleTree.sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    static String hex(byte[] bytes) {
        return java.util.HexFormat.of().formatHex(bytes);
    }

    static byte[] flip(byte[] bytes, int at) {
        byte[] flipped = Arrays.copyOf(bytes, bytes.length);
        flipped[at] ^= 1;
        return flipped;
    }
}
