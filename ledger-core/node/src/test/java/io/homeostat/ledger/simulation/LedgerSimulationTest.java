package io.homeostat.ledger.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.ledger.journal.LeafEncoder;
import io.homeostat.ledger.journal.LedgerEvent;
import io.homeostat.ledger.simulation.Replica.Mistake;
import io.homeostat.ledger.simulation.Simulation.Report;
import io.homeostat.ledger.testing.MemoryFolder;
import io.homeostat.merkle.bundle.Leaf;
import io.homeostat.merkle.bundle.LeafDecoder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * {@code -Dsimulation.seeds=N} as many seeds, {@code -Dsimulation.seed=N} that one alone, {@code -Dsimulation.trace=true}
 * prints what happens. {@code ./mvnw -Psimulation} runs 10,000.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LedgerSimulationTest {
    private static final int SEEDS = Integer.getInteger("simulation.seeds", 200);
    private static final int FIRST = Integer.getInteger("simulation.first", 1);
    private static final int ENTRIES = Integer.getInteger("simulation.entries", 80);
    /** A planted mistake must show within so many seeds. */
    private static final int PATIENCE = 20;

    private static final UUID ID = new UUID(1, 1);

    /** Leaves that the audits are about, and the two ways in which gated money is released. */
    private static final List<String> EVERYTHING = List.of(
            "TransferPosted",
            "TransferHeld",
            "HoldPosted",
            "HoldVoided",
            "HoldExpired",
            "LegsPosted",
            "TransferTerms",
            "CaseOpened",
            "ApprovalRecorded",
            "ApprovalRefused",
            "CaseDecided",
            "Refused",
            "ChangeProposed",
            "PolicyChanged",
            "KeysChanged",
            "ScreeningBegun",
            "VerdictRecorded",
            "ScreeningLapsed",
            "MaintenanceSet",
            "Attested",
            "NodeDiverged",
            "posted by people",
            "posted by verdict");

    /** In memory when there is such a file system: nothing here needs a real disk. */
    @TempDir(factory = MemoryFolder.class)
    private Path base;

    @Test
    void replicas_agree_under_every_seed() {
        Map<Fault, Integer> faults = new TreeMap<>();
        long micros = 0;
        long entries = 0;
        long leaves = 0;
        Map<String, Long> happened = new TreeMap<>();
        int seeds = 0;
        Long only = Long.getLong("simulation.seed");
        long first = only == null ? FIRST : only;
        long last = only == null ? FIRST + SEEDS - 1L : only;
        // A seed shares nothing with another: each runs on one thread, and as many at once as there are cores.
        List<Report> reports = LongStream.rangeClosed(first, last)
                .parallel()
                .mapToObj(seed -> new Simulation(seed, Mistake.NONE, ENTRIES, base).run())
                .toList();
        for (Report report : reports) {
            report.faults().forEach((fault, count) -> faults.merge(fault, count, Integer::sum));
            micros += report.simulatedMicros();
            entries += report.entries();
            leaves += report.leaves();
            report.happened().forEach((what, count) -> happened.merge(what, count, Long::sum));
            seeds++;
        }
        System.out.println("simulation: " + seeds + " seeds, " + entries + " entries, " + leaves + " leaves, "
                + micros / 3_600_000_000L + " simulated hours, "
                + faults.values().stream().mapToInt(Integer::intValue).sum() + " faults " + faults + ", written "
                + happened);
        if (only == null && SEEDS >= 100) {
            assertThat(faults.keySet())
                    .as("seeds are worth something only if they meet everything")
                    .contains(Fault.values());
            assertThat(happened.keySet())
                    .as("and if clients got to do everything")
                    .containsAll(EVERYTHING);
        }
    }

    @Test
    void one_seed_replays_everything() {
        for (long seed = 1; seed <= 5; seed++) {
            Report once = new Simulation(seed, Mistake.NONE, 60, base).run();
            Report again = new Simulation(seed, Mistake.NONE, 60, base).run();

            assertThat(again).isEqualTo(once);
        }
    }

    @ParameterizedTest
    @EnumSource(value = Mistake.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void a_planted_mistake_is_noticed(Mistake mistake) {
        assertThatThrownBy(() -> {
                    for (long seed = 1; seed <= PATIENCE; seed++) {
                        new Simulation(seed, mistake, ENTRIES, base).run();
                    }
                })
                .isInstanceOf(SimulationFailed.class)
                .hasMessageContaining("n2")
                .hasMessageContaining("-Dsimulation.seed=");
    }

    @Test
    void the_audit_of_the_gate_knows_a_posting_without_approvals() {
        GateAudit audit = audited(SimGenesis.HIGH);

        assertThatThrownBy(() -> audit.read(new Leaf.HoldPosted(4, 6, ID, SimGenesis.HIGH)))
                .isInstanceOf(SimulationFailed.class)
                .hasMessageContaining("without its approvals");
    }

    @Test
    void the_audit_of_the_gate_knows_a_transfer_that_passed_a_tier_unseen() {
        GateAudit audit = audited(SimGenesis.HIGH);

        audit.read(new Leaf.TransferPosted(4, 6, new UUID(1, 2), 0, 1, SimGenesis.SCREENED - 1));
        assertThatThrownBy(() -> audit.read(new Leaf.TransferPosted(5, 7, new UUID(1, 3), 0, 1, SimGenesis.SCREENED)))
                .isInstanceOf(SimulationFailed.class)
                .hasMessageContaining("though a tier is about it");
    }

    @Test
    void the_audit_of_the_gate_knows_a_change_without_approvals() {
        GateAudit audit = audited(SimGenesis.HIGH);

        assertThatThrownBy(() -> audit.read(new Leaf.KeysChanged(4, 6, "keys:k1")))
                .isInstanceOf(SimulationFailed.class)
                .hasMessageContaining("took effect without approval");
    }

    @Test
    void the_audit_of_the_gate_knows_a_time_that_goes_back() {
        GateAudit audit = audited(SimGenesis.HIGH);

        assertThatThrownBy(() -> audit.read(new Leaf.TransferPosted(4, 4, new UUID(1, 2), 0, 1, 7)))
                .isInstanceOf(SimulationFailed.class)
                .hasMessageContaining("has time 4 after 5");
    }

    @Test
    void the_audit_of_money_knows_a_second_posting_of_a_hold_and_a_second_reversal() {
        MoneyAudit audit = money();
        audit.read(new Leaf.TransferHeld(3, 5, ID, 0, 1, 100, 90, "shop", false));
        audit.read(new Leaf.HoldPosted(4, 6, ID, 40));
        audit.read(reversalOf(ID, 5, new UUID(1, 2)));
        audit.read(new Leaf.TransferPosted(6, 7, new UUID(1, 2), 1, 0, 40));

        assertThatThrownBy(() -> audit.read(new Leaf.HoldPosted(7, 8, ID, 40)))
                .isInstanceOf(SimulationFailed.class)
                .hasMessageContaining("no open hold");
        audit.read(reversalOf(ID, 7, new UUID(1, 3)));
        assertThatThrownBy(() -> audit.read(new Leaf.TransferPosted(8, 8, new UUID(1, 3), 1, 0, 40)))
                .isInstanceOf(SimulationFailed.class)
                .hasMessageContaining("second time");
    }

    @Test
    void the_audit_of_money_knows_what_moved_while_writes_were_stopped() {
        MoneyAudit audit = money();
        audit.read(new Leaf.MaintenanceSet(3, 5, "o1", "works", 99));

        assertThatThrownBy(() -> audit.read(new Leaf.TransferPosted(4, 6, ID, 0, 1, 7)))
                .isInstanceOf(SimulationFailed.class)
                .hasMessageContaining("writes were stopped");
    }

    private static Leaf reversalOf(UUID target, long sequence, UUID id) {
        return new Leaf.TransferTerms(sequence, 7, id, OptionalInt.empty(), Optional.of(target), 1);
    }

    private static MoneyAudit money() {
        MoneyAudit audit = new MoneyAudit();
        audit.read(new Leaf.AccountCreated(1, 1, 0, "a", "EUR", 2, 3, false));
        audit.read(new Leaf.AccountCreated(2, 1, 1, "b", "EUR", 2, 3, false));
        return audit;
    }

    /** An audit that read the genesis, two accounts, and a gated transfer that waits. */
    private static GateAudit audited(long amount) {
        GateAudit audit = new GateAudit(Map.of());
        byte[] leaf =
                new LeafEncoder().encode(new LedgerEvent.Begun(SimGenesis.of(3).body()), 0, 1);
        audit.read(LeafDecoder.decode(leaf));
        audit.read(new Leaf.AccountCreated(1, 1, 0, "a", "EUR", 2, 3, false));
        audit.read(new Leaf.AccountCreated(2, 1, 1, "b", "EUR", 2, 3, false));
        audit.read(new Leaf.TransferHeld(3, 5, ID, 0, 1, amount, 9, "shop", true));
        return audit;
    }
}
