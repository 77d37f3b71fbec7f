package io.homeostat.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class Ed25519Test {
    @ParameterizedTest
    @CsvSource({
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60,d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a,"
                + "'',e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb,3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c,"
                + "72,92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    })
    void the_vectors_of_rfc_8032_come_out(String seed, String publicKey, String message, String signature) {
        Ed25519.Keys keys = Ed25519.fromSeed(hex(seed));

        assertThat(Digests.hex(keys.publicKey())).isEqualTo(publicKey);
        assertThat(Digests.hex(keys.sign(hex(message)))).isEqualTo(signature);
        assertThat(Ed25519.verify(hex(publicKey), hex(message), hex(signature))).isTrue();
    }

    @Test
    void anything_changed_does_not_verify() {
        Ed25519.Keys keys = Ed25519.generate();
        byte[] message = "message".getBytes(StandardCharsets.UTF_8);
        byte[] signature = keys.sign(message);

        assertThat(Ed25519.verify(keys.publicKey(), message, signature)).isTrue();
        for (int i = 0; i < 64; i += 7) {
            byte[] flipped = signature.clone();
            flipped[i] ^= 8;
            assertThat(Ed25519.verify(keys.publicKey(), message, flipped)).isFalse();
        }
        assertThat(Ed25519.verify(Ed25519.generate().publicKey(), message, signature))
                .isFalse();
        assertThat(Ed25519.verify(keys.publicKey(), new byte[0], signature)).isFalse();
        assertThat(Ed25519.verify(keys.publicKey(), message, new byte[63])).isFalse();
        assertThat(Ed25519.verify(new byte[31], message, signature)).isFalse();
        byte[] noPoint = new byte[32];
        java.util.Arrays.fill(noPoint, (byte) 0xff);
        assertThat(Ed25519.verify(noPoint, message, signature)).isFalse();
    }

    @Test
    void a_key_goes_through_its_pem_file_which_only_its_owner_may_read(@TempDir Path directory) throws IOException {
        Ed25519.Keys keys = Ed25519.generate();
        Path file = directory.resolve("key.pem");

        Ed25519.writePem(file, keys.privateKey());
        Ed25519.Keys back = Ed25519.readPem(file);

        assertThat(back).isEqualTo(keys);
        assertThat(back.sign(new byte[] {1})).isEqualTo(keys.sign(new byte[] {1}));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThatThrownBy(() -> Ed25519.writePem(file, keys.privateKey()))
                .isInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    void a_pem_key_of_openssl_is_read() {
        // openssl genpkey -algorithm ed25519, RFC 8410, section 10.3.
        Ed25519.Keys keys = Ed25519.fromPem("""
                -----BEGIN PRIVATE KEY-----
                MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
                -----END PRIVATE KEY-----
                """);

        assertThat(java.util.Base64.getEncoder().encodeToString(Ed25519.toSubjectPublicKeyInfo(keys.publicKey())))
                .isEqualTo("MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=");
    }

    @Test
    void what_is_no_key_is_refused_and_never_shown() {
        assertThatThrownBy(() -> Ed25519.fromPem("secret stuff"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> Ed25519.fromPem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(Ed25519.fromSeed(new byte[32]).toString()).doesNotContain("AAAA");
    }

    @Test
    void a_raw_key_goes_to_subject_public_key_info_and_back() {
        byte[] raw = Ed25519.generate().publicKey();

        assertThat(Ed25519.fromSubjectPublicKeyInfo(Ed25519.toSubjectPublicKeyInfo(raw)))
                .isEqualTo(raw);
        assertThat(Ed25519.publicKey(raw).getEncoded()).isEqualTo(Ed25519.toSubjectPublicKeyInfo(raw));
        assertThatThrownBy(() -> Ed25519.fromSubjectPublicKeyInfo(new byte[44]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}
