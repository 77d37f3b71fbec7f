package io.homeostat.deploy.screen;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.deploy.rest.Rest;
import io.homeostat.merkle.Digests;
import io.homeostat.merkle.VerdictText;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * A verdict as it is signed: over the evidence's exact bytes, as docs/encoding.md writes the text.
 *
 * @param evidence the record's value; its SHA-256 names the file and stands in the journal
 */
record SealedVerdict(UUID transfer, VerdictText text, byte[] evidence, long dueMicros, long askedMicros) {
    /**
     * Reads a record of the screen.
     *
     * @throws IllegalArgumentException when a field is missing or wrong
     */
    static SealedVerdict read(byte[] evidence) {
        JsonNode json;
        try {
            json = Rest.JSON.readTree(evidence);
        } catch (IOException e) {
            throw new IllegalArgumentException("the verdict is no JSON: " + e.getMessage(), e);
        }
        String verdict = json.path("verdict").asText();
        if (!verdict.equals("clear") && !verdict.equals("odd")) {
            throw new IllegalArgumentException("verdict must be clear or odd but is '" + verdict + "'");
        }
        long due = json.path("dueMicros").asLong();
        if (due <= 0) {
            throw new IllegalArgumentException("dueMicros must be above 0 but is " + due);
        }
        UUID transfer = UUID.fromString(json.path("transfer").asText());
        VerdictText text = new VerdictText(
                "transfer:" + transfer,
                Digests.parse(json.path("payloadDigest").asText(), "payloadDigest"),
                verdict.equals("clear"),
                due,
                sha256(evidence));
        return new SealedVerdict(
                transfer, text, evidence, due, json.path("timeMicros").asLong());
    }

    String evidenceDigest() {
        return Digests.hex(text.evidenceDigest());
    }

    /** The body of {@code POST /v1/transfers/{id}/verdict}. */
    byte[] body(String keyId, PrivateKey key) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("keyId", keyId);
        body.put("verdict", text.clear() ? "clear" : "odd");
        body.put("payloadDigest", Digests.hex(text.payloadDigest()));
        body.put("expiresAtMicros", dueMicros);
        body.put("evidenceDigest", evidenceDigest());
        body.put("signature", Base64.getEncoder().encodeToString(sign(key)));
        try {
            return Rest.JSON.writeValueAsBytes(body);
        } catch (IOException e) {
            throw new IllegalStateException("strings and numbers always encode", e);
        }
    }

    private byte[] sign(PrivateKey key) {
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(key);
            signature.update(text.bytes());
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("signing a verdict", e);
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
