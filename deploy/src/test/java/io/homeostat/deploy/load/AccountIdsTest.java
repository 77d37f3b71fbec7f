package io.homeostat.deploy.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class AccountIdsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"A2378", "CASH", "BANK:UROK", "KL:10603589", "a b", "_", "a_b", "Žofie", "100%", "\u20ac", "_20"
            })
    void every_text_comes_back_from_its_id(String text) {
        String id = AccountIds.toId(text);

        assertThat(id).matches("[A-Za-z0-9:._-]{1,64}");
        assertThat(AccountIds.toText(id)).isEqualTo(text);
    }

    @Test
    void two_texts_never_share_an_id() {
        assertThat(AccountIds.toId(" ")).isEqualTo("_20").isNotEqualTo(AccountIds.toId("_20"));
    }

    @Test
    void an_id_has_at_most_64_characters() {
        assertThat(AccountIds.toId("a".repeat(64))).hasSize(64);
        assertThatThrownBy(() -> AccountIds.toId("a".repeat(65))).hasMessageContaining("at most 64");
        assertThatThrownBy(() -> AccountIds.toId("a".repeat(62) + " ")).hasMessageContaining("65");
        assertThatThrownBy(() -> AccountIds.toId("")).hasMessageContaining("empty");
    }

    @ParameterizedTest
    @ValueSource(strings = {"CASH", "BANK:UROK", "YZ:unknown"})
    void the_world_outside_the_bank_is_external(String id) {
        assertThat(AccountIds.external(id)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"A1", "19999", "CASHIER"})
    void customers_are_not_external(String id) {
        assertThat(AccountIds.external(id)).isFalse();
    }
}
