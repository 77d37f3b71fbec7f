package io.homeostat.ledger.state;

import static io.homeostat.ledger.state.LedgerFixture.SECOND;
import static io.homeostat.ledger.state.LedgerFixture.account;
import static io.homeostat.ledger.state.LedgerFixture.hold;
import static io.homeostat.ledger.state.LedgerFixture.transfer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.ledger.state.LedgerFixture.Replica;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LedgerImageTest {
    @TempDir
    Path directory;

    @Test
    void an_image_written_later_is_the_state_of_its_moment_whatever_was_applied_since() throws IOException {
        Random random = new Random(20261121);
        try (Replica replica = new Replica(directory.resolve("live")).withAccounts()) {
            List<UUID> open = new ArrayList<>();
            for (int round = 0; round < 4; round++) {
                work(replica, random, open, 5_000);
                byte[] expected = LedgerSnapshotTest.snapshot(replica);

                try (LedgerImage image = replica.ledger.freeze()) {
                    assertThat(image.raftIndex()).isEqualTo(replica.index);
                    // Closes holds in every chunk of rows, moves balances, and adds accounts until the columns grow.
                    work(replica, random, open, 5_000);
                    for (int i = 0; i < 600; i++) {
                        replica.apply(account("more-" + round + "-" + i, "EUR", false));
                    }
                    replica.later(2 * SECOND, new Command.Tick());

                    assertThat(written(image)).as("round %d", round).isEqualTo(expected);
                }
                try (Replica again = new Replica(directory.resolve("again-" + round))) {
                    again.ledger.restore(new ByteArrayInputStream(LedgerSnapshotTest.snapshot(replica)));
                    assertThat(again.ledger.sums().sums())
                            .isEqualTo(replica.ledger.sums().sums());
                }
            }
        }
    }

    @Test
    void damage_that_came_before_the_image_is_refused_and_damage_after_it_is_not_in_it() throws IOException {
        try (Replica replica = new Replica(directory.resolve("live")).withAccounts()) {
            replica.fund("ada", 500);
            replica.later(SECOND, new Command.Tick());
            byte[] expected = LedgerSnapshotTest.snapshot(replica);

            try (LedgerImage sound = replica.ledger.freeze()) {
                replica.ledger.faultDrift("ada", 3);
                assertThat(written(sound)).isEqualTo(expected);
            }
            try (LedgerImage bent = replica.ledger.freeze()) {
                assertThatThrownBy(() -> written(bent))
                        .isInstanceOf(InvariantViolation.class)
                        .hasMessageContaining("no snapshot is written");
            }
        }
    }

    @Test
    void a_snapshot_that_the_own_journal_contradicts_is_refused_and_changes_nothing() throws IOException {
        byte[] strange;
        try (Replica other = new Replica(directory.resolve("other")).withAccounts()) {
            other.fund("bob", 7);
            strange = LedgerSnapshotTest.snapshot(other);
        }
        try (Replica replica = new Replica(directory.resolve("live")).withAccounts()) {
            replica.fund("ada", 500);
            byte[] root = replica.ledger.root();

            assertThatThrownBy(() -> replica.ledger.restore(new ByteArrayInputStream(strange), null, true))
                    .isInstanceOf(SnapshotDamaged.class)
                    .hasMessageContaining("another root");
            assertThat(replica.ledger.root()).isEqualTo(root);
        }
    }

    private static void work(Replica replica, Random random, List<UUID> open, int commands) {
        List<Command> batch = new ArrayList<>();
        for (int i = 0; i < commands; i++) {
            UUID id = new UUID(random.nextLong(), random.nextLong());
            int kind = random.nextInt(4);
            if (kind == 0 && !open.isEmpty()) {
                UUID old = open.remove(random.nextInt(open.size()));
                batch.add(
                        random.nextBoolean()
                                ? new Command.PostHold(old, 1, "shop")
                                : new Command.VoidHold(old, "shop"));
            } else if (kind == 1) {
                open.add(id);
                batch.add(hold(id, "bank", "ada", 2, 3600));
            } else {
                batch.add(transfer(id, "bank", random.nextBoolean() ? "ada" : "bob", 1 + random.nextInt(9)));
            }
        }
        replica.applyAll(batch.toArray(Command[]::new));
    }

    private static byte[] written(LedgerImage image) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        image.write(out);
        return out.toByteArray();
    }
}
