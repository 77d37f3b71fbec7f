package io.homeostat.ledger.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.ledger.simulation.Replica.Mistake;
import io.homeostat.ledger.simulation.Simulation.Fault;
import io.homeostat.ledger.simulation.Simulation.Report;
import io.homeostat.merkle.bundle.Leaf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
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

    private Path base;

    /** In memory when there is such a file system: nothing here needs a real disk. */
    @BeforeEach
    void a_folder() throws IOException {
        Path memory = Path.of("/dev/shm");
        base = Files.isWritable(memory)
                ? Files.createTempDirectory(memory, "ledger-simulation-")
                : Files.createTempDirectory("ledger-simulation-");
    }

    @AfterEach
    void removed() {
        SimDisk.delete(base);
    }

    @Test
    void replicas_agree_under_every_seed() {
        Map<Fault, Integer> faults = new TreeMap<>();
        long micros = 0;
        long entries = 0;
        int approved = 0;
        int seeds = 0;
        Long only = Long.getLong("simulation.seed");
        long first = only == null ? FIRST : only;
        long last = only == null ? FIRST + SEEDS - 1L : only;
        for (long seed = first; seed <= last; seed++) {
            Report report = new Simulation(seed, Mistake.NONE, ENTRIES, base).run();
            report.faults().forEach((fault, count) -> faults.merge(fault, count, Integer::sum));
            micros += report.simulatedMicros();
            entries += report.entries();
            approved += report.approved();
            seeds++;
        }
        System.out.println("simulation: " + seeds + " seeds, " + entries + " entries, " + micros / 3_600_000_000L
                + " simulated hours, "
                + faults.values().stream().mapToInt(Integer::intValue).sum() + " faults " + faults + ", " + approved
                + " gated transfers posted with their approvals");
        if (only == null && SEEDS >= 100) {
            assertThat(faults.keySet())
                    .as("seeds are worth something only if they meet everything")
                    .contains(Fault.values());
            assertThat(approved).isPositive();
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
        GateAudit audit = new GateAudit(SimGenesis.of(3), java.util.Set.of());
        java.util.UUID id = new java.util.UUID(1, 1);
        Leaf.TransferHeld held = new Leaf.TransferHeld(1, 5, id, 0, 1, SimGenesis.HIGH, 9, "shop", true);
        audit.read(held);

        assertThatThrownBy(() -> audit.read(new Leaf.HoldPosted(2, 6, id, SimGenesis.HIGH)))
                .isInstanceOf(SimulationFailed.class)
                .hasMessageContaining("without its approvals");
    }

    @Test
    void the_audit_of_the_gate_knows_a_time_that_goes_back() {
        GateAudit audit = new GateAudit(SimGenesis.of(3), java.util.Set.of());
        java.util.UUID id = new java.util.UUID(1, 1);
        audit.read(new Leaf.TransferPosted(1, 5, id, 0, 1, 7));

        assertThatThrownBy(() -> audit.read(new Leaf.TransferPosted(2, 4, id, 0, 1, 7)))
                .isInstanceOf(SimulationFailed.class)
                .hasMessageContaining("has time 4 after 5");
    }
}
