package io.homeostat.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.state.Command;
import io.homeostat.ledger.state.Reason;
import io.homeostat.ledger.testing.LocalCluster;
import io.homeostat.merkle.ApprovalText;
import io.homeostat.merkle.Digests;
import io.homeostat.merkle.Es256;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.TransferPayload;
import io.homeostat.merkle.VerificationKey;
import io.homeostat.merkle.WebAuthn;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

/**
 * Statements that must not count, made for a case that still lacks one approval of role {@code risk} and has one of {@code
 * cyd}. Each claims a key of its own, so that the bound of refusals per key hides none.
 */
final class GateLies {
    private static final byte[] REASON = MerkleTree.sha256("looks right".getBytes(StandardCharsets.UTF_8));
    private static final String RP_ID = "bank.example";
    private static final String ORIGIN = "https://approvals.bank.example";
    private static final int PRESENT = 1;
    private static final int VERIFIED = 4;

    private final LocalCluster cluster;
    private final KeyPair passkey = p256();

    /** What an approver hands in. */
    record Statement(
            String caseId,
            String keyId,
            boolean approve,
            byte[] payload,
            long expires,
            byte[] reason,
            byte[] signature) {
        String json() {
            return new ObjectMapper()
                    .createObjectNode()
                    .put("keyId", keyId)
                    .put("decision", approve ? "approve" : "deny")
                    .put("payloadDigest", Digests.hex(payload))
                    .put("expiresAtMicros", expires)
                    .put("reasonDigest", Digests.hex(reason))
                    .put("signature", Base64.getEncoder().encodeToString(signature))
                    .toString();
        }

        Command.Approve command() {
            return new Command.Approve(caseId, payload, approve, keyId, expires, reason, signature);
        }
    }

    /** @param target makes the statement for an open case as {@code GET /v1/cases/ID} shows it */
    record Lie(String name, Reason refusedFor, Function<JsonNode, Statement> target) {}

    /** Before the cluster starts: gives it the persons that the lies are about. */
    GateLies(LocalCluster cluster) {
        this.cluster = cluster;
        for (String person : List.of("fio", "gus", "hal", "ida", "jon", "lee", "dan", "fay", "shop")) {
            cluster.withApprover("k-" + person, person, "risk");
        }
        cluster.withApprover("k-cyd2", "cyd", "risk")
                .withApprover("k-eve", "eve", "operations")
                .withApprover("k-det", "det", Genesis.DETECTOR);
        byte[] point = Es256.uncompressed(((ECPublicKey) passkey.getPublic()).getW());
        for (String person : List.of("web", "win")) {
            // One public key may be registered once: the second passkey is never used honestly.
            byte[] own = person.equals("web") ? point : Es256.uncompressed(((ECPublicKey) p256().getPublic()).getW());
            cluster.withKey(new Genesis.Key(
                    "k-" + person,
                    person,
                    List.of("risk"),
                    new VerificationKey(VerificationKey.Algorithm.WEBAUTHN, own, RP_ID, ORIGIN)));
        }
    }

    List<Lie> all() {
        return List.of(
                lie(
                        "forged: signed by eve in the name of fio",
                        Reason.SIGNATURE_INVALID,
                        c -> signed(c, "k-fio", "k-eve", text(c))),
                lie(
                        "forged: a passkey's assertion by another key",
                        Reason.SIGNATURE_INVALID,
                        c -> passkey(c, "k-win", ORIGIN, PRESENT | VERIFIED)),
                lie(
                        "forged: a passkey's assertion for another origin",
                        Reason.SIGNATURE_INVALID,
                        c -> passkey(c, "k-web", "https://evil.example", PRESENT | VERIFIED)),
                lie(
                        "forged: a passkey whose user was not verified",
                        Reason.SIGNATURE_INVALID,
                        c -> passkey(c, "k-web", ORIGIN, PRESENT)),
                lie(
                        "replayed: from another case of the same payload",
                        Reason.SIGNATURE_INVALID,
                        c -> signed(c, "k-gus", "k-gus", otherCase(c))),
                lie(
                        "replayed: a denial shown as an approval",
                        Reason.SIGNATURE_INVALID,
                        c -> signed(c, "k-jon", "k-jon", denial(c))),
                lie(
                        "replayed: the approval that counted already",
                        Reason.PERSON_HAS_DECIDED,
                        c -> signed(c, "k-cyd", "k-cyd", text(c))),
                lie(
                        "same person: a second key of one who has approved",
                        Reason.PERSON_HAS_DECIDED,
                        c -> signed(c, "k-cyd2", "k-cyd2", text(c))),
                lie(
                        "same person: the requester's own key",
                        Reason.APPROVER_IS_REQUESTER,
                        c -> signed(c, "k-shop", "k-shop", text(c))),
                lie(
                        "expired: a statement of the past",
                        Reason.STATEMENT_EXPIRED,
                        c -> signed(c, "k-hal", "k-hal", expiring(c, 1))),
                lie(
                        "expired: a statement that outlives the case",
                        Reason.STATEMENT_OUTLIVES_CASE,
                        c -> signed(c, "k-lee", "k-lee", expiring(c, expires(c) + 1))),
                lie(
                        "wrong role: a role that nobody asked for",
                        Reason.ROLE_NOT_DEMANDED,
                        c -> signed(c, "k-eve", "k-eve", text(c))),
                lie("wrong role: a detector", Reason.ROLE_NOT_DEMANDED, c -> signed(c, "k-det", "k-det", text(c))),
                lie(
                        "wrong digest: one cent less",
                        Reason.PAYLOAD_DIFFERS,
                        c -> signed(c, "k-ida", "k-ida", oneCentLess(c))),
                lie("stale key: revoked", Reason.KEY_NOT_ACTIVE, c -> signed(c, "k-dan", "k-dan", text(c))),
                lie("stale key: rotated", Reason.KEY_NOT_ACTIVE, c -> signed(c, "k-fay", "k-fay", text(c))),
                lie("unregistered key", Reason.KEY_UNKNOWN, c -> signed(c, "k-nobody", "k-eve", text(c))));
    }

    /** What its owner signs honestly. */
    Statement honest(JsonNode target, String keyId) {
        return signed(target, keyId, keyId, text(target));
    }

    private static Lie lie(String name, Reason refusedFor, Function<JsonNode, Statement> target) {
        return new Lie(name, refusedFor, target);
    }

    /** Signs {@code said}, and hands it in as an approval of the target with what {@code said} has of digest and expiry. */
    private Statement signed(JsonNode target, String claimed, String signer, ApprovalText said) {
        return new Statement(
                target.path("caseId").asText(),
                claimed,
                true,
                said.payloadDigest(),
                said.expiresAtMicros(),
                said.reasonDigest(),
                cluster.approverKeys(signer).sign(said.bytes()));
    }

    private Statement passkey(JsonNode target, String claimed, String origin, int flags) {
        ApprovalText said = text(target);
        String challenge = Base64.getUrlEncoder().withoutPadding().encodeToString(WebAuthn.challenge(said.bytes()));
        byte[] client = ("{\"type\":\"webauthn.get\",\"challenge\":\"" + challenge + "\",\"origin\":\"" + origin
                        + "\",\"crossOrigin\":false}")
                .getBytes(StandardCharsets.UTF_8);
        byte[] data = ByteBuffer.allocate(37)
                .put(MerkleTree.sha256(RP_ID.getBytes(StandardCharsets.UTF_8)))
                .put((byte) flags)
                .putInt(0)
                .array();
        try {
            Signature signer = Signature.getInstance("SHA256withECDSA");
            signer.initSign(passkey.getPrivate());
            signer.update(data);
            signer.update(MerkleTree.sha256(client));
            return new Statement(
                    said.caseId(),
                    claimed,
                    true,
                    said.payloadDigest(),
                    said.expiresAtMicros(),
                    said.reasonDigest(),
                    new WebAuthn.Assertion(data, client, signer.sign()).bytes());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ApprovalText text(JsonNode target) {
        return expiring(target, expires(target));
    }

    private static ApprovalText expiring(JsonNode target, long expires) {
        return new ApprovalText(target.path("caseId").asText(), payload(target), true, expires, REASON);
    }

    private static ApprovalText denial(JsonNode target) {
        return new ApprovalText(target.path("caseId").asText(), payload(target), false, expires(target), REASON);
    }

    private static ApprovalText otherCase(JsonNode target) {
        return new ApprovalText("recovery:of-the-same-payload", payload(target), true, expires(target), REASON);
    }

    private static ApprovalText oneCentLess(JsonNode target) {
        JsonNode transfer = target.path("transfer");
        byte[] digest = new TransferPayload(
                        UUID.fromString(transfer.path("id").asText()),
                        transfer.path("debit").asText(),
                        transfer.path("credit").asText(),
                        transfer.path("asset").asText(),
                        transfer.path("amount").asLong() - 1,
                        target.path("requester").asText())
                .digest();
        return new ApprovalText(target.path("caseId").asText(), digest, true, expires(target), REASON);
    }

    private static byte[] payload(JsonNode target) {
        return Digests.parse(target.path("payloadDigest").asText(), "payloadDigest");
    }

    private static long expires(JsonNode target) {
        return target.path("expiresAtMicros").asLong();
    }

    private static KeyPair p256() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
