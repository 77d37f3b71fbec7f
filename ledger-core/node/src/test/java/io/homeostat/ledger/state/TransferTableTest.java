package io.homeostat.ledger.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.state.TransferTable.Status;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TransferTableTest {
    @Test
    void a_hundred_thousand_ids_are_found_again_whatever_their_pattern() {
        TransferTable table = new TransferTable(3);
        Map<UUID, Integer> model = new HashMap<>();
        Random random = new Random(5);

        for (int i = 0; i < 100_000; i++) {
            UUID id = switch (i % 4) {
                case 0 -> new UUID(0, i);
                case 1 -> new UUID(i, 0);
                case 2 -> new UUID(i, i);
                default -> new UUID(random.nextLong(), random.nextLong());
            };
            if (model.containsKey(id)) {
                continue;
            }
            assertThat(table.find(id)).isEqualTo(TransferTable.NONE);
            int row = table.add(id.getMostSignificantBits(), id.getLeastSignificantBits(), i, 0);
            table.set(row, Status.HELD, i, -1, -i, TransferTable.HOLD, i + 1L);
            model.put(id, row);
        }

        model.forEach((id, row) -> {
            assertThat(table.find(id)).isEqualTo(row);
            assertThat(table.id(row)).isEqualTo(id);
            assertThat(table.amount(row)).isEqualTo(-table.fingerprint(row));
            assertThat(table.sequence(row)).isEqualTo(table.fingerprint(row) + 1);
            assertThat(table.wasHold(row)).isTrue();
            assertThat(table.gated(row)).isFalse();
        });
        assertThat(table.rows()).isEqualTo(model.size());
        assertThat(table.find(new UUID(-1, -1))).isEqualTo(TransferTable.NONE);
    }
}
