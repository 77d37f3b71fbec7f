package io.homeostat.deploy.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TransferSourceTest {
    private static final List<String> ACCOUNTS = List.of("a", "b", "c");

    @Test
    void the_same_seed_gives_the_same_transfers_and_another_seed_others() {
        assertThat(first(TransferSource.seeded(7, ACCOUNTS, "EUR")))
                .isEqualTo(first(TransferSource.seeded(7, ACCOUNTS, "EUR")))
                .isNotEqualTo(first(TransferSource.seeded(8, ACCOUNTS, "EUR")));
    }

    @Test
    void nobody_pays_himself_and_amounts_stay_within_their_bounds() {
        assertThat(first(TransferSource.seeded(7, ACCOUNTS, "EUR"))).allSatisfy(row -> {
            assertThat(row.from()).isNotEqualTo(row.to());
            assertThat(row.amountMinor()).isBetween(100L, 25_000L);
        });
    }

    @Test
    void the_second_source_begins_where_the_first_ends() {
        TransferRow only = new TransferRow("x", "y", 1, "EUR");
        boolean[] given = new boolean[1];
        TransferSource one = () -> {
            boolean first = !given[0];
            given[0] = true;
            return first ? Optional.of(only) : Optional.empty();
        };

        TransferSource both = TransferSource.inOrder(one, TransferSource.seeded(7, ACCOUNTS, "EUR"));

        assertThat(both.next()).contains(only);
        assertThat(both.next())
                .isEqualTo(TransferSource.seeded(7, ACCOUNTS, "EUR").next());
    }

    private static List<TransferRow> first(TransferSource source) {
        return Stream.generate(() -> source.next().orElseThrow()).limit(1000).toList();
    }
}
