package io.homeostat.ledger.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.merkle.Digests;
import io.homeostat.merkle.MerkleTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TokensTest {
    private static final String INTERNAL = "internal-secret-000001";

    @TempDir
    Path dir;

    private Tokens tokens(String json) throws IOException {
        return Tokens.read(Files.writeString(dir.resolve("tokens.json"), json), INTERNAL);
    }

    private static String line(String principal, String token) {
        String digest = Digests.hex(MerkleTree.sha256(token.getBytes(StandardCharsets.UTF_8)));
        return "{\"principal\":\"" + principal + "\",\"roles\":[\"reader\"],\"sha256\":\"" + digest + "\"}";
    }

    @Test
    void a_token_stands_for_its_principal_and_nothing_else_does() throws IOException {
        Tokens tokens = tokens("[" + line("ada", "secret-of-ada") + "]");

        assertThat(tokens.principal("Bearer secret-of-ada").name()).isEqualTo("ada");
        assertThat(tokens.principal("bearer secret-of-ada").roles()).containsExactly("reader");
        assertThat(tokens.principal("Bearer secret-of-adA")).isNull();
        assertThat(tokens.principal("Basic secret-of-ada")).isNull();
        assertThat(tokens.principal("secret-of-ada")).isNull();
        assertThat(tokens.principal("Bearer ")).isNull();
        assertThat(tokens.principal(null)).isNull();
    }

    @Test
    void the_nodes_own_token_reads_and_attests_and_writes_nothing_else() throws IOException {
        assertThat(tokens("[]").principal("Bearer " + INTERNAL).roles()).containsExactlyInAnyOrder("reader", "node");
    }

    @Test
    void a_file_with_unknown_or_missing_fields_or_bad_digests_is_refused() {
        assertThatThrownBy(() -> tokens("{}")).hasMessageContaining("JSON list");
        assertThatThrownBy(() -> tokens("[{\"principal\":\"a\",\"roles\":[],\"sha256\":\"zz\"}]"))
                .hasMessageContaining("SHA-256");
        assertThatThrownBy(() -> tokens("[{\"principal\":\"a\",\"roles\":[]}]")).hasMessageContaining("sha256");
        assertThatThrownBy(() -> tokens("[" + line("a", "x").replace("}", ",\"admin\":true}") + "]"))
                .hasMessageContaining("admin");
    }

    @Test
    void a_secret_of_one_token_is_compared_whole_and_must_not_be_short() throws IOException {
        Path file = Files.writeString(dir.resolve("c.token"), "0123456789abcdef\n");

        assertThat(Tokens.carries("Bearer 0123456789abcdef", Tokens.secret(file)))
                .isTrue();
        assertThat(Tokens.carries("Bearer 0123456789abcde", Tokens.secret(file)))
                .isFalse();
        assertThat(Tokens.carries(null, Tokens.secret(file))).isFalse();
        Files.writeString(file, "0123456789abcde");
        assertThatThrownBy(() -> Tokens.secret(file)).hasMessageContaining("at least 16");
    }
}
