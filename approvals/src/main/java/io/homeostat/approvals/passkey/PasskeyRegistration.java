package io.homeostat.approvals.passkey;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.homeostat.merkle.Digests;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.VerificationKey;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * What {@code navigator.credentials.create} gave, checked (W3C Web Authentication Level 3, section 7.1, attestation "none"):
 * made on this page for this session, by a user who was present and verified, with an ES256 key of this site. Whose it is, the
 * approvers of the registration decide; no maker of authenticators is asked.
 *
 * <pre>
 * authenticatorData = 32 bytes SHA-256(rpId) | u8 flags | u32 signCount | 16 bytes AAGUID | u16 length | credential id | key
 * key = a5 01 02 03 26 20 01 21 5820 x 22 5820 y   COSE EC2, ES256, P-256, in CTAP2's canonical CBOR; extensions may follow
 * </pre>
 *
 * @param keyId under which the ledger will know the key
 */
public record PasskeyRegistration(String keyId, VerificationKey key) {
    private static final int MAX_BYTES = 2048;
    private static final int HASH = 32;
    private static final int FIXED = 37 + 16 + 2;
    private static final int USER_PRESENT = 0x01;
    private static final int USER_VERIFIED = 0x04;
    private static final int ATTESTED_CREDENTIAL = 0x40;
    private static final byte[] BEFORE_X = {(byte) 0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 0x20};
    private static final byte[] BEFORE_Y = {0x22, 0x58, 0x20};
    private static final int ID_DIGITS = 16;
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * @param person who registers it; the key id begins with it
     * @param challenge that this session was given
     * @param origin of the page that the session is on, {@code https://host[:port]}
     * @throws IllegalArgumentException with what is wrong
     */
    public static PasskeyRegistration of(
            String person, byte[] challenge, String origin, byte[] clientDataJson, byte[] authenticatorData) {
        String rpId = URI.create(origin).getHost();
        requireClientData(clientDataJson, challenge, origin);
        require(
                authenticatorData.length >= FIXED && authenticatorData.length <= MAX_BYTES,
                "authenticatorData must have " + FIXED + " to " + MAX_BYTES + " bytes but has "
                        + authenticatorData.length);
        ByteBuffer data = ByteBuffer.wrap(authenticatorData);
        byte[] rpIdHash = new byte[HASH];
        data.get(rpIdHash);
        require(
                Arrays.equals(rpIdHash, MerkleTree.sha256(rpId.getBytes(StandardCharsets.UTF_8))),
                "the passkey was made for another site than " + rpId);
        int flags = data.get();
        require((flags & USER_PRESENT) != 0, "the passkey was made without a user present");
        require((flags & USER_VERIFIED) != 0, "the passkey was made without verifying the user by PIN, finger or face");
        require((flags & ATTESTED_CREDENTIAL) != 0, "authenticatorData holds no new key");
        data.position(37 + 16);
        int length = Short.toUnsignedInt(data.getShort());
        require(length > 0 && length <= data.remaining(), "the credential id is cut off");
        byte[] credentialId = new byte[length];
        data.get(credentialId);
        byte[] point = new byte[1 + 2 * HASH];
        point[0] = 4;
        expect(data, BEFORE_X);
        require(data.remaining() >= HASH, "the passkey's public key is cut off");
        data.get(point, 1, HASH);
        expect(data, BEFORE_Y);
        require(data.remaining() >= HASH, "the passkey's public key is cut off");
        data.get(point, 1 + HASH, HASH);
        return new PasskeyRegistration(
                keyId(person, credentialId),
                new VerificationKey(VerificationKey.Algorithm.WEBAUTHN, point, rpId, origin));
    }

    /** The same in the browser: person, and the first digits of the credential id's SHA-256. */
    static String keyId(String person, byte[] credentialId) {
        return person + "-" + Digests.hex(MerkleTree.sha256(credentialId)).substring(0, ID_DIGITS);
    }

    private static void requireClientData(byte[] clientDataJson, byte[] challenge, String origin) {
        require(clientDataJson.length <= MAX_BYTES, "clientDataJSON has at most " + MAX_BYTES + " bytes");
        JsonNode client;
        try {
            client = JSON.readTree(clientDataJson);
        } catch (IOException e) {
            throw new IllegalArgumentException("clientDataJSON is not JSON", e);
        }
        require(client.path("type").asText().equals("webauthn.create"), "clientDataJSON is not of a registration");
        require(
                client.path("challenge")
                        .asText()
                        .equals(Base64.getUrlEncoder().withoutPadding().encodeToString(challenge)),
                "the registration is not of this session: load the page again");
        require(
                client.path("origin").asText().equals(origin),
                "the registration was made on another page than " + origin);
        require(
                !client.path("crossOrigin").asBoolean(false) && !client.has("topOrigin"),
                "the registration was made in a frame");
    }

    private static void expect(ByteBuffer data, byte[] bytes) {
        for (byte expected : bytes) {
            require(
                    data.hasRemaining() && data.get() == expected,
                    "the passkey's public key must be ES256 on P-256: use another device or key");
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
