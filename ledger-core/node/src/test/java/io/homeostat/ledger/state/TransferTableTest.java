package io.homeostat.ledger.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.state.TransferTable.Status;
import io.homeostat.ledger.testing.MemoryRowArchive;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TransferTableTest {
    @ParameterizedTest
    @CsvSource({"262144,0", "70000,2", "1000,1", "8,3", "1,0"})
    void a_hundred_thousand_ids_are_found_again_whatever_their_pattern(int recent, int waiting) {
        TransferTable table = new TransferTable(3, recent, new MemoryRowArchive(waiting));
        Map<UUID, Long> model = new LinkedHashMap<>();
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
            assertThat(table.find(id)).isNull();
            long row = table.add(id.getMostSignificantBits(), id.getLeastSignificantBits(), i, 0);
            table.set(row, Status.POSTED, i, -1, -i, TransferTable.HOLD, i + 1L);
            model.put(id, row);
        }

        model.forEach((id, number) -> {
            TransferRow row = table.find(id);
            assertThat(row.number()).isEqualTo(number);
            assertThat(row.id()).isEqualTo(id);
            assertThat(row.amount()).isEqualTo(-row.fingerprint());
            assertThat(row.sequence()).isEqualTo(row.fingerprint() + 1);
            assertThat(row.wasHold()).isTrue();
            assertThat(row.gated()).isFalse();
        });
        assertThat(table.rows()).isEqualTo(model.size());
        assertThat(table.find(new UUID(-1, -1))).isNull();
        assertThat(table.rows() - table.handedOver()).isLessThan(2L * Math.max(recent, 8));
    }

    @ParameterizedTest
    @CsvSource({"1,8,2", "2,8,0", "3,1,1", "4,64,3", "5,100000,0"})
    void holds_that_close_late_and_pages_of_holds_are_as_if_all_were_in_memory(int seed, int recent, int waiting) {
        Random random = new Random(seed);
        MemoryRowArchive archive = new MemoryRowArchive(waiting);
        TransferTable table = new TransferTable(7, recent, archive);
        List<TransferRow> model = new ArrayList<>();
        List<TransferRow> open = new ArrayList<>();

        for (int i = 0; i < 3_000; i++) {
            if (random.nextInt(3) == 0 && !open.isEmpty()) {
                TransferRow hold = open.remove(random.nextInt(3) == 0 ? 0 : random.nextInt(open.size()));
                table.close(hold.id(), hold.number(), Status.VOIDED, hold.amount(), i);
                model.set((int) hold.number(), hold.closed(Status.VOIDED, hold.amount(), i));
            } else {
                UUID id = new UUID(random.nextLong(), random.nextLong());
                boolean hold = random.nextInt(3) == 0;
                long row = table.add(id.getMostSignificantBits(), id.getLeastSignificantBits(), random.nextLong(), i);
                table.set(row, hold ? Status.HELD : Status.POSTED, 1, 2, i, hold ? TransferTable.HOLD : 0, i);
                TransferRow added = table.find(id);
                assertThat(added.number()).isEqualTo(row);
                model.add(added);
                if (hold) {
                    open.add(added);
                }
            }
            if (random.nextInt(100) == 0) {
                table = restarted(table, recent, archive);
            }
        }

        for (TransferRow row : model) {
            assertThat(table.find(row.id())).isEqualTo(row);
        }
        List<TransferRow> paged = new ArrayList<>();
        for (long next = Long.MAX_VALUE; next > 0; ) {
            int want = paged.size() + 1 + random.nextInt(20);
            next = table.holdsBefore(next, 50, row -> {
                paged.add(row);
                return paged.size() < want;
            });
        }
        List<TransferRow> holds =
                new ArrayList<>(model.stream().filter(TransferRow::wasHold).toList());
        java.util.Collections.reverse(holds);
        assertThat(paged).isEqualTo(holds);
    }

    /** What is on disk is not taken back: it is ahead of what is restored, as after a crash. */
    private static TransferTable restarted(TransferTable table, int recent, MemoryRowArchive archive) {
        TransferTable.Frozen frozen = table.freeze();
        archive.await(frozen.handedOver());
        TransferTable again = new TransferTable(11, recent, archive);
        again.beginAt(frozen.handedOver(), (int) (frozen.rows() - frozen.handedOver()));
        frozen.late().forEach(again::restoreLate);
        for (long row = frozen.handedOver(); row < frozen.rows(); row++) {
            again.restore(frozen.row(row));
        }
        table.thaw();
        return again;
    }

    @Test
    void ids_that_leave_the_table_leave_no_trace_in_it() {
        long[][] ids = new long[4096][2];
        RecentIds table = new RecentIds((position, high, low) -> ids[position][0] == high && ids[position][1] == low);
        Random random = new Random(3);
        boolean[] there = new boolean[ids.length];

        for (int i = 0; i < 200_000; i++) {
            int at = random.nextInt(ids.length);
            // Few hashes, so that long runs of slots form, over the end of the table too.
            if (there[at]) {
                assertThat(table.find(hash(ids[at]), ids[at][0], ids[at][1])).isEqualTo(at);
                table.remove(hash(ids[at]), at);
            } else {
                ids[at][0] = random.nextInt(64);
                ids[at][1] = (long) i << 16 | at;
                assertThat(table.find(hash(ids[at]), ids[at][0], ids[at][1])).isEqualTo(RecentIds.NONE);
                table.add(hash(ids[at]), at);
            }
            there[at] = !there[at];
        }
        for (int at = 0; at < ids.length; at++) {
            assertThat(table.find(hash(ids[at]), ids[at][0], ids[at][1])).isEqualTo(there[at] ? at : RecentIds.NONE);
        }
    }

    private static long hash(long[] id) {
        return id[0] * 251 - 40;
    }
}
