package io.homeostat.merkle;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/**
 * WebAuthn assertions as approvals (W3C Web Authentication Level 3, section 7.2), with the JDK alone. The challenge that the
 * authenticator signs is the SHA-256 of the approval's text, so the assertion says what was approved and not only who was
 * there.
 *
 * <pre>
 * assertion = u16 length | authenticatorData | u16 length | clientDataJSON | signature in DER, to the end
 * authenticatorData = 32 bytes SHA-256(rpId) | u8 flags | u32 signCount | extensions when flag ED is set
 * signed by the authenticator: authenticatorData | SHA-256(clientDataJSON)
 * </pre>
 *
 * <p>An assertion verifies when: type is {@code webauthn.get}; the challenge is ours; the origin is the key's; it was not made
 * in a frame of another origin; rpIdHash is that of the key's rpId; user present (UP) and user verified (UV) are set; no
 * attested credential (AT) is in it; and the ES256 signature holds. The signature counter is the caller's to judge, because
 * it needs a memory. Thread-safe.
 */
public final class WebAuthn {
    /** Most bytes of authenticatorData: 37, and some extension outputs. */
    public static final int MAX_AUTHENTICATOR_DATA_BYTES = 512;

    /** Most bytes of clientDataJSON; browsers write about 150 to 300. */
    public static final int MAX_CLIENT_DATA_BYTES = 1024;

    /** Most bytes of a whole assertion. */
    public static final int MAX_ASSERTION_BYTES =
            2 * Short.BYTES + MAX_AUTHENTICATOR_DATA_BYTES + MAX_CLIENT_DATA_BYTES + Es256.MAX_DER_BYTES;

    private static final int HASH_BYTES = 32;
    private static final int FLAGS_OFFSET = 32;
    private static final int COUNT_OFFSET = 33;
    private static final int LEAST_AUTHENTICATOR_DATA_BYTES = 37;
    private static final int USER_PRESENT = 0x01;
    private static final int USER_VERIFIED = 0x04;
    private static final int ATTESTED_CREDENTIAL = 0x40;
    private static final int EXTENSIONS = 0x80;

    private WebAuthn() {}

    /** The three parts of an assertion, each within its bounds. */
    public record Assertion(byte[] authenticatorData, byte[] clientDataJson, byte[] signature) {
        public Assertion {
            requireSize(
                    "authenticatorData",
                    authenticatorData,
                    LEAST_AUTHENTICATOR_DATA_BYTES,
                    MAX_AUTHENTICATOR_DATA_BYTES);
            requireSize("clientDataJSON", clientDataJson, 2, MAX_CLIENT_DATA_BYTES);
            requireSize("signature", signature, 8, Es256.MAX_DER_BYTES);
            authenticatorData = authenticatorData.clone();
            clientDataJson = clientDataJson.clone();
            signature = signature.clone();
        }

        /** As it stands in an approval's signature field. */
        public byte[] bytes() {
            return ByteBuffer.allocate(
                            2 * Short.BYTES + authenticatorData.length + clientDataJson.length + signature.length)
                    .putShort((short) authenticatorData.length)
                    .put(authenticatorData)
                    .putShort((short) clientDataJson.length)
                    .put(clientDataJson)
                    .put(signature)
                    .array();
        }

        /** The authenticator's count of its signatures, unsigned; 0 when it keeps none. */
        public long signCount() {
            return Integer.toUnsignedLong(ByteBuffer.wrap(authenticatorData).getInt(COUNT_OFFSET));
        }

        private int flags() {
            return authenticatorData[FLAGS_OFFSET];
        }

        private static void requireSize(String what, byte[] value, int least, int most) {
            if (value.length < least || value.length > most) {
                throw new IllegalArgumentException(
                        what + " must have " + least + ".." + most + " bytes but has " + value.length);
            }
        }
    }

    /** The assertion in a signature field; empty when the bytes are none. */
    public static Optional<Assertion> parse(byte[] signature) {
        if (signature.length > MAX_ASSERTION_BYTES) {
            return Optional.empty();
        }
        ByteBuffer in = ByteBuffer.wrap(signature);
        byte[][] parts = new byte[2][];
        for (int i = 0; i < parts.length; i++) {
            if (in.remaining() < Short.BYTES) {
                return Optional.empty();
            }
            int length = Short.toUnsignedInt(in.getShort());
            if (length > in.remaining()) {
                return Optional.empty();
            }
            parts[i] = new byte[length];
            in.get(parts[i]);
        }
        byte[] der = new byte[in.remaining()];
        in.get(der);
        try {
            return Optional.of(new Assertion(parts[0], parts[1], der));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The challenge for a text: what a browser passes to {@code navigator.credentials.get}. */
    public static byte[] challenge(byte[] text) {
        return MerkleTree.sha256(text);
    }

    /** True when the signature field holds an assertion of {@code key} over {@code text}. */
    public static boolean verify(VerificationKey key, byte[] text, byte[] signatureField) {
        return parse(signatureField)
                .filter(assertion -> verify(key, text, assertion))
                .isPresent();
    }

    private static boolean verify(VerificationKey key, byte[] text, Assertion assertion) {
        ClientData client;
        try {
            client = ClientData.parse(assertion.clientDataJson);
        } catch (IllegalArgumentException e) {
            return false;
        }
        String challenge = Base64.getUrlEncoder().withoutPadding().encodeToString(challenge(text));
        if (!client.type().equals("webauthn.get")
                || !client.challenge().equals(challenge)
                || !client.origin().equals(key.origin())
                || client.crossOrigin()) {
            return false;
        }
        byte[] data = assertion.authenticatorData;
        byte[] rpIdHash = MerkleTree.sha256(key.rpId().getBytes(StandardCharsets.UTF_8));
        int flags = assertion.flags();
        boolean extended = (flags & EXTENSIONS) != 0;
        if (!Arrays.equals(data, 0, HASH_BYTES, rpIdHash, 0, HASH_BYTES)
                || (flags & USER_PRESENT) == 0
                || (flags & USER_VERIFIED) == 0
                || (flags & ATTESTED_CREDENTIAL) != 0
                || extended == (data.length == LEAST_AUTHENTICATOR_DATA_BYTES)) {
            return false;
        }
        byte[] clientHash = MerkleTree.sha256(assertion.clientDataJson);
        byte[] signed = ByteBuffer.allocate(data.length + clientHash.length)
                .put(data)
                .put(clientHash)
                .array();
        return Es256.verifyDer(key.publicKey(), signed, assertion.signature);
    }
}
