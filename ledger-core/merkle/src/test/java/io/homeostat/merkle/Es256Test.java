package io.homeostat.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** ES256 against the figures of RFC 6979, A.2.5 (P-256, SHA-256), and WebAuthn assertions made here. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class Es256Test {
    private static final byte[] POINT = HexFormat.of()
            .parseHex("04"
                    + "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
                    + "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299");
    private static final byte[] SAMPLE = "sample".getBytes(StandardCharsets.US_ASCII);
    private static final String R = "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716";
    private static final String S = "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8";
    private static final BigInteger N =
            new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);
    private static final String RP = "bank.example";
    private static final String ORIGIN = "https://bank.example";
    private static final byte[] TEXT = "homeostat approval v1\n".getBytes(StandardCharsets.US_ASCII);
    private static final KeyPair PAIR = pair();
    private static final VerificationKey KEY = new VerificationKey(
            VerificationKey.Algorithm.WEBAUTHN,
            Es256.uncompressed(((ECPublicKey) PAIR.getPublic()).getW()),
            RP,
            ORIGIN);

    @Test
    void the_published_signatures_verify() {
        assertThat(Es256.verify(POINT, SAMPLE, raw(R, S))).isTrue();
        assertThat(Es256.verify(
                        POINT,
                        "test".getBytes(StandardCharsets.US_ASCII),
                        raw(
                                "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367",
                                "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083")))
                .isTrue();
    }

    @Test
    void what_is_not_that_signature_is_refused() {
        assertThat(Es256.verify(POINT, "Sample".getBytes(StandardCharsets.US_ASCII), raw(R, S)))
                .isFalse();
        assertThat(Es256.verify(POINT, SAMPLE, raw(S, R))).isFalse();
        String zero = "0".repeat(64);
        String order = N.toString(16);
        assertThat(Es256.verify(POINT, SAMPLE, raw(zero, zero))).as("r = s = 0").isFalse();
        assertThat(Es256.verify(POINT, SAMPLE, raw(R, zero))).isFalse();
        assertThat(Es256.verify(POINT, SAMPLE, raw(order, S))).as("r = n").isFalse();
        assertThat(Es256.verify(POINT, SAMPLE, raw(R, order))).as("s = n").isFalse();
        assertThat(Es256.verify(POINT, SAMPLE, Arrays.copyOf(raw(R, S), 63))).isFalse();
    }

    @Test
    void a_key_that_is_no_point_of_the_curve_is_refused() {
        byte[] off = POINT.clone();
        off[64] ^= 1;
        assertThatThrownBy(() -> Es256.requirePublicKey(off)).hasMessageContaining("no point of the curve");
        byte[] compressed = Arrays.copyOf(POINT, 33);
        compressed[0] = 3;
        assertThatThrownBy(() -> Es256.requirePublicKey(compressed)).hasMessageContaining("65 bytes");
        byte[] large = new byte[65];
        Arrays.fill(large, (byte) 0xff);
        large[0] = 4;
        assertThatThrownBy(() -> Es256.requirePublicKey(large)).hasMessageContaining("below the field's prime");
        assertThatThrownBy(() -> Es256.requirePublicKey(new byte[65])).hasMessageContaining("begins with 4");
    }

    @Test
    void der_is_taken_in_its_one_minimal_form_only() {
        byte[] der = HexFormat.of().parseHex("3046022100" + R + "022100" + S);

        assertThat(Es256.fromDer(der)).isEqualTo(raw(R, S));
        assertThat(Es256.verifyDer(POINT, SAMPLE, der)).isTrue();
        assertThat(Es256.fromDer(Arrays.copyOf(der, der.length + 1))).isEmpty();
        assertThat(Es256.fromDer(Arrays.copyOf(der, der.length - 1))).isEmpty();
        assertThat(Es256.fromDer(HexFormat.of().parseHex("30440220" + R + "0220" + S)))
                .as("negative integers")
                .isEmpty();
        assertThat(Es256.fromDer(HexFormat.of().parseHex("3048022200" + "00" + R + "02220000" + S)))
                .as("padded twice")
                .isEmpty();
        assertThat(Es256.fromDer(HexFormat.of().parseHex("3006020100020100")))
                .as("zero")
                .isEmpty();
        for (int length = 0; length < der.length; length++) {
            assertThat(Es256.fromDer(Arrays.copyOf(der, length))).isEmpty();
        }
    }

    @Test
    void an_assertion_of_the_key_over_the_text_verifies() {
        assertThat(KEY.verifies(TEXT, assertion(client(), data(0x05, 7)))).isTrue();
        assertThat(WebAuthn.parse(assertion(client(), data(0x05, 7)))
                        .orElseThrow()
                        .signCount())
                .isEqualTo(7);
        String chrome = client().replace("}", ",\"other_keys_can_be_added_here\":\"do not compare\"}");
        assertThat(KEY.verifies(TEXT, assertion(chrome, data(0x1d, 0)))).isTrue();
    }

    @Test
    void an_assertion_that_says_anything_else_is_refused() {
        assertThat(KEY.verifies("other".getBytes(StandardCharsets.US_ASCII), assertion(client(), data(5, 0))))
                .as("another text")
                .isFalse();
        refused("type", c -> c.replace("webauthn.get", "webauthn.create"), 0x05);
        refused("origin", c -> c.replace("https://bank", "https://evil"), 0x05);
        refused("cross origin", c -> c.replace("false", "true"), 0x05);
        refused("top origin", c -> c.replace("}", ",\"topOrigin\":\"https://evil.example\"}"), 0x05);
        refused("user not present", c -> c, 0x04);
        refused("user not verified", c -> c, 0x01);
        refused("attested credential", c -> c, 0x45);
        refused("extensions without any", c -> c, 0x85);
        refused("a member twice", c -> c.replace("}", ",\"type\":\"webauthn.get\"}"), 0x05);
        refused("something behind", c -> c + "{}", 0x05);
        refused("nested values", c -> c.replace("}", ",\"a\":{}}"), 0x05);
        refused("half a surrogate", c -> c.replace("}", ",\"a\":\"\\ud800\"}"), 0x05);
        refused("a control character", c -> c.replace("}", ",\"a\":\"\n\"}"), 0x05);
        refused("too large", c -> c.replace("}", ",\"a\":\"" + "x".repeat(1000) + "\"}"), 0x05);
        byte[] otherRp = data(0x05, 0);
        otherRp[0] ^= 1;
        assertThat(KEY.verifies(TEXT, assertion(client(), otherRp)))
                .as("rpIdHash")
                .isFalse();
        byte[] whole = assertion(client(), data(0x05, 0));
        for (int i = 0; i < whole.length; i += 3) {
            byte[] flipped = whole.clone();
            flipped[i] ^= 0x40;
            assertThat(KEY.verifies(TEXT, flipped)).as("byte %d", i).isFalse();
        }
        for (int length = 0; length < whole.length; length += 7) {
            assertThat(KEY.verifies(TEXT, Arrays.copyOf(whole, length))).isFalse();
        }
    }

    private static void refused(String what, UnaryOperator<String> change, int flags) {
        String client = change.apply(client());
        boolean verifies = client.length() <= WebAuthn.MAX_CLIENT_DATA_BYTES
                && KEY.verifies(TEXT, assertion(client, data(flags, 0)));
        assertThat(verifies).as(what).isFalse();
    }

    private static String client() {
        String challenge = Base64.getUrlEncoder().withoutPadding().encodeToString(WebAuthn.challenge(TEXT));
        return "{\"type\":\"webauthn.get\",\"challenge\":\"" + challenge + "\",\"origin\":\"" + ORIGIN
                + "\",\"crossOrigin\":false}";
    }

    private static byte[] data(int flags, int count) {
        return ByteBuffer.allocate(37)
                .put(MerkleTree.sha256(RP.getBytes(StandardCharsets.UTF_8)))
                .put((byte) flags)
                .putInt(count)
                .array();
    }

    private static byte[] assertion(String clientData, byte[] data) {
        byte[] client = clientData.getBytes(StandardCharsets.UTF_8);
        byte[] signed = ByteBuffer.allocate(data.length + 32)
                .put(data)
                .put(MerkleTree.sha256(client))
                .array();
        return new WebAuthn.Assertion(data, client, der(PAIR.getPrivate(), signed)).bytes();
    }

    private static byte[] der(PrivateKey key, byte[] message) {
        try {
            java.security.Signature signature = java.security.Signature.getInstance("SHA256withECDSA");
            signature.initSign(key);
            signature.update(message);
            return signature.sign();
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] raw(String r, String s) {
        return HexFormat.of().parseHex(r + s);
    }

    private static KeyPair pair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
