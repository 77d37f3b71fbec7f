package io.homeostat.approvals.passkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.merkle.Es256;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.VerificationKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class PasskeyRegistrationTest {
    private static final String ORIGIN = "https://approvals.bank.example:8443";
    private static final String RP_ID = "approvals.bank.example";
    private static final byte[] CHALLENGE = MerkleTree.sha256(new byte[] {1});
    private static final byte[] CREDENTIAL = {9, 8, 7};
    private static final int SOUND = 0x45;

    private static byte[] point;

    @BeforeAll
    static void a_key() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        point = Es256.uncompressed(((ECPublicKey) generator.generateKeyPair().getPublic()).getW());
    }

    @Test
    void a_sound_registration_gives_the_key_bound_to_its_page() {
        PasskeyRegistration made = register(client("webauthn.create", CHALLENGE, ORIGIN), data(RP_ID, SOUND));

        assertThat(made.key()).isEqualTo(new VerificationKey(VerificationKey.Algorithm.WEBAUTHN, point, RP_ID, ORIGIN));
        assertThat(made.keyId()).matches("olga-[0-9a-f]{16}");
    }

    @ParameterizedTest
    @CsvSource({
        "webauthn.get, https://approvals.bank.example:8443, not of a registration",
        "webauthn.create, https://evil.example, another page",
        "webauthn.create, https://approvals.bank.example, another page"
    })
    void what_was_made_elsewhere_is_refused(String type, String origin, String why) {
        assertThatThrownBy(() -> register(client(type, CHALLENGE, origin), data(RP_ID, SOUND)))
                .hasMessageContaining(why);
    }

    @Test
    void another_sessions_challenge_and_another_site_are_refused() {
        assertThatThrownBy(() -> register(client("webauthn.create", new byte[32], ORIGIN), data(RP_ID, SOUND)))
                .hasMessageContaining("not of this session");
        assertThatThrownBy(() -> register(client("webauthn.create", CHALLENGE, ORIGIN), data("bank.example", SOUND)))
                .hasMessageContaining("another site");
    }

    @ParameterizedTest
    @CsvSource({"0x44, without a user present", "0x41, without verifying the user", "0x05, holds no new key"})
    void a_missing_flag_is_refused(String flags, String why) {
        assertThatThrownBy(() ->
                        register(client("webauthn.create", CHALLENGE, ORIGIN), data(RP_ID, Integer.decode(flags))))
                .hasMessageContaining(why);
    }

    @Test
    void another_algorithm_a_cut_and_a_point_beside_the_curve_are_refused() {
        byte[] client = client("webauthn.create", CHALLENGE, ORIGIN);
        byte[] sound = data(RP_ID, SOUND);
        for (int length = 0; length < sound.length; length++) {
            byte[] cut = Arrays.copyOf(sound, length);
            assertThatThrownBy(() -> register(client, cut)).isInstanceOf(IllegalArgumentException.class);
        }
        byte[] eddsa = sound.clone();
        eddsa[37 + 16 + 2 + CREDENTIAL.length + 4] = 0x27;
        assertThatThrownBy(() -> register(client, eddsa)).hasMessageContaining("must be ES256");
        byte[] beside = sound.clone();
        beside[beside.length - 1] ^= 1;
        assertThatThrownBy(() -> register(client, beside)).hasMessageContaining("no point of the curve");
    }

    private static PasskeyRegistration register(byte[] client, byte[] data) {
        return PasskeyRegistration.of("olga", CHALLENGE, ORIGIN, client, data);
    }

    private static byte[] client(String type, byte[] challenge, String origin) {
        return ("{\"type\":\"" + type + "\",\"challenge\":\""
                        + Base64.getUrlEncoder().withoutPadding().encodeToString(challenge) + "\",\"origin\":\""
                        + origin + "\",\"crossOrigin\":false}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] data(String rpId, int flags) {
        ByteBuffer out = ByteBuffer.allocate(37 + 16 + 2 + CREDENTIAL.length + 77);
        out.put(MerkleTree.sha256(rpId.getBytes(StandardCharsets.UTF_8)))
                .put((byte) flags)
                .putInt(0);
        out.put(new byte[16]).putShort((short) CREDENTIAL.length).put(CREDENTIAL);
        out.put(HexFormat.of().parseHex("a5010203262001215820")).put(point, 1, 32);
        out.put(HexFormat.of().parseHex("225820")).put(point, 33, 32);
        return out.array();
    }
}
