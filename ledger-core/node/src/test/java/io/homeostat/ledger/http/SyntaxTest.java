package io.homeostat.ledger.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SyntaxTest {
    @Test
    void the_loop_for_account_ids_agrees_with_its_pattern_on_every_character() {
        java.util.regex.Pattern pattern = java.util.regex.Pattern.compile("[A-Za-z0-9:._-]{1,64}");
        for (char c = 0; c < 0x250; c++) {
            String id = "a" + c + "b";
            assertThat(Syntax.ACCOUNT.matches(id))
                    .as("character %d", (int) c)
                    .isEqualTo(pattern.matcher(id).matches());
        }
        assertThat(Syntax.ACCOUNT.matches("")).isFalse();
        assertThat(Syntax.ACCOUNT.matches("a".repeat(64))).isTrue();
        assertThat(Syntax.ACCOUNT.matches("a".repeat(65))).isFalse();
    }

    @Test
    void the_loop_for_assets_agrees_with_its_pattern() {
        java.util.regex.Pattern pattern = java.util.regex.Pattern.compile("[A-Z][A-Z0-9]{2,11}");
        for (char c = 0; c < 0x250; c++) {
            for (String text : new String[] {c + "UR", "E" + c + "R", "EU" + c}) {
                assertThat(Syntax.ASSET.matches(text))
                        .as("character %d", (int) c)
                        .isEqualTo(pattern.matcher(text).matches());
            }
        }
        for (int length = 0; length < 15; length++) {
            String text = "A".repeat(length);
            assertThat(Syntax.ASSET.matches(text))
                    .isEqualTo(pattern.matcher(text).matches());
        }
    }

    @Test
    void a_uuid_has_its_one_full_form_in_either_case() {
        UUID id = UUID.fromString("6f1c2f3e-9a8b-4c7d-8e6f-0123456789ab");

        assertThat(Syntax.uuid(id.toString())).isEqualTo(id);
        assertThat(Syntax.uuid(id.toString().toUpperCase(java.util.Locale.ROOT)))
                .isEqualTo(id);
        assertThat(Syntax.uuid("1-1-1-1-1")).isNull();
        assertThat(Syntax.uuid("6f1c2f3e-9a8b-4c7d-8e6f-0123456789ag")).isNull();
        assertThat(Syntax.uuid("6f1c2f3e+9a8b-4c7d-8e6f-0123456789ab")).isNull();
        assertThat(Syntax.uuid("6f1c2f3e9a8b4c7d8e6f0123456789ab1234")).isNull();
    }
}
