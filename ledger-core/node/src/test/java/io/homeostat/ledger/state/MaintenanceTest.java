package io.homeostat.ledger.state;

import static io.homeostat.ledger.state.LedgerFixture.SECOND;
import static io.homeostat.ledger.state.LedgerFixture.approve;
import static io.homeostat.ledger.state.LedgerFixture.transfer;
import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.state.LedgerFixture.Replica;
import io.homeostat.merkle.bundle.Leaf;
import io.homeostat.merkle.bundle.LeafDecoder;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class MaintenanceTest {
    private static final Command.SetMaintenance STOP = new Command.SetMaintenance("new disks", 60, "ops");
    private static final Command.SetMaintenance LIFT = new Command.SetMaintenance("lifted", 0, "ops");
    private static final UUID HOLD = new UUID(9, 9);

    @TempDir
    Path journal;

    private Replica replica;

    @BeforeEach
    void open() {
        replica = new Replica(journal).withAccounts();
        replica.fund("ada", 5_000);
        replica.apply(new Command.CreateTransfer(HOLD, "ada", "bob", "EUR", 100, true, 30, "shop"));
    }

    @AfterEach
    void close() {
        replica.close();
    }

    @Test
    void every_write_of_money_is_refused_and_can_be_sent_again_when_it_is_over() {
        UUID id = UUID.randomUUID();
        assertThat(replica.apply(STOP).reason()).isEqualTo(Reason.OK);

        for (Command write : List.of(
                transfer(id, "ada", "bob", 10),
                LedgerFixture.account("new", "EUR", true),
                new Command.PostHold(HOLD, 0, "shop"),
                new Command.VoidHold(HOLD, "shop"))) {
            assertThat(replica.apply(write).reason())
                    .as(write.getClass().getSimpleName())
                    .isEqualTo(Reason.MAINTENANCE);
        }
        assertThat(replica.ledger.transfer(id)).isEmpty();
        assertThat(replica.apply(LIFT).reason()).isEqualTo(Reason.OK);
        assertThat(replica.apply(transfer(id, "ada", "bob", 10)).reason()).isEqualTo(Reason.OK);
        assertThat(replica.apply(new Command.PostHold(HOLD, 0, "shop")).reason())
                .isEqualTo(Reason.OK);
    }

    @Test
    void what_was_decided_before_is_still_told() {
        UUID id = UUID.randomUUID();
        replica.apply(transfer(id, "ada", "bob", 10));
        replica.apply(STOP);

        assertThat(replica.apply(transfer(id, "ada", "bob", 10)).reason()).isEqualTo(Reason.DUPLICATE);
    }

    @Test
    void the_last_approval_of_held_money_waits_and_decisions_on_recovery_do_not() {
        UUID big = new UUID(7, 7);
        replica.fund("ada", 20_000);
        assertThat(replica.apply(transfer(big, "ada", "bob", 15_000)).status()).isEqualTo("held");
        CaseView money = replica.ledger.caseOf("transfer:" + big).orElseThrow();
        replica.apply(STOP);

        for (String key : LedgerFixture.KEYS.keySet()) {
            assertThat(replica.apply(approve(money, key, true)).reason())
                    .as(key)
                    .isEqualTo(Reason.MAINTENANCE);
        }
        assertThat(replica.ledger.transfer(big).orElseThrow().status()).isEqualTo("held");
        Command.OpenRecoveryCase open = new Command.OpenRecoveryCase("recovery:plan", new byte[32], "wipe", "healer");
        assertThat(replica.apply(open).reason()).isNotEqualTo(Reason.MAINTENANCE);
        assertThat(replica.apply(new Command.IsolateNode("n3", "inc-1", "drift"))
                        .reason())
                .isEqualTo(Reason.OK);
        assertThat(replica.apply(new Command.AdmitNode("n3", "inc-1")).reason()).isEqualTo(Reason.OK);
        assertThat(replica.apply(new Command.Tick()).reason()).isEqualTo(Reason.OK);
    }

    @Test
    void it_ends_by_itself_at_its_time_and_not_before() {
        replica.apply(STOP);
        long until = replica.ledger.maintenance().orElseThrow().untilMicros();

        replica.now = until - 1;
        assertThat(replica.apply(transfer(UUID.randomUUID(), "ada", "bob", 1)).reason())
                .isEqualTo(Reason.MAINTENANCE);
        replica.now = until;
        assertThat(replica.apply(transfer(UUID.randomUUID(), "ada", "bob", 1)).reason())
                .isEqualTo(Reason.OK);
        assertThat(replica.ledger.maintenance()).isEmpty();
    }

    @Test
    void holds_expire_meanwhile_because_their_end_was_promised() {
        replica.apply(STOP);

        replica.later(40 * SECOND, new Command.Tick());

        assertThat(replica.ledger.transfer(HOLD).orElseThrow().status()).isEqualTo("expired");
        assertThat(replica.ledger.maintenance()).isPresent();
    }

    @Test
    void an_order_given_again_prolongs_it_and_there_is_nothing_to_lift_when_it_is_over() {
        replica.apply(STOP);
        long first = replica.ledger.maintenance().orElseThrow().untilMicros();
        replica.later(SECOND, STOP);

        assertThat(replica.ledger.maintenance().orElseThrow().untilMicros()).isGreaterThan(first);
        assertThat(replica.apply(LIFT).reason()).isEqualTo(Reason.OK);
        assertThat(replica.apply(LIFT).reason()).isEqualTo(Reason.NOT_IN_MAINTENANCE);
    }

    @Test
    void a_week_is_the_longest() {
        long most = Maintenance.MAX_SECONDS;
        assertThat(replica.apply(new Command.SetMaintenance("x", most + 1, "ops"))
                        .reason())
                .isEqualTo(Reason.MAINTENANCE_OUT_OF_RANGE);
        assertThat(replica.apply(new Command.SetMaintenance("x", Long.MAX_VALUE, "ops"))
                        .reason())
                .isEqualTo(Reason.MAINTENANCE_OUT_OF_RANGE);
        assertThat(replica.apply(new Command.SetMaintenance("x", most, "ops")).reason())
                .isEqualTo(Reason.OK);
    }

    @Test
    void begin_and_end_stand_in_the_journal_with_who_and_why() {
        replica.apply(STOP);
        replica.later(61 * SECOND, new Command.Tick());

        List<Leaf.MaintenanceSet> leaves = replica.ledger.readJournal(0, 10_000, 1 << 20).stream()
                .map(LeafDecoder::decode)
                .filter(Leaf.MaintenanceSet.class::isInstance)
                .map(Leaf.MaintenanceSet.class::cast)
                .toList();
        assertThat(leaves).hasSize(2);
        assertThat(leaves.get(0).by()).isEqualTo("ops");
        assertThat(leaves.get(0).reason()).isEqualTo("new disks");
        assertThat(leaves.get(0).untilMicros()).isPositive();
        assertThat(leaves.get(1).by()).isEmpty();
        assertThat(leaves.get(1).untilMicros()).isZero();
    }
}
