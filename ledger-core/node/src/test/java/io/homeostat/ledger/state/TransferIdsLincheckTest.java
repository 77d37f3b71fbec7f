package io.homeostat.ledger.state;

import static io.homeostat.ledger.state.LedgerFixture.transfer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that ask for ids of 128 bits beside the one thread that applies, over a window so small that ids leave the table in
 * memory for the index on disk all the time: every answer is one that a plain set would give. All scenarios share one ledger;
 * each has ids of its own.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
public class TransferIdsLincheckTest {
    private static final int WINDOW = 16;
    private static final AtomicLong SCENARIOS = new AtomicLong();

    @TempDir
    static Path folder;

    private static LedgerFixture.Replica replica;

    private final long scenario = SCENARIOS.incrementAndGet();
    private long fillers;

    @BeforeAll
    static void open() {
        try {
            replica = new LedgerFixture.Replica(
                            Files.createDirectory(folder.resolve("journal")),
                            "n1",
                            LedgerStateLimits.defaults().withRecentTransfers(WINDOW))
                    .withAccounts();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterAll
    static void close() {
        replica.close();
    }

    /** True for a new id, and pushes older ones out of the window. */
    @Operation(nonParallelGroup = "writer")
    public boolean post(@Param(gen = IntGen.class, conf = "1:4") int id) {
        boolean isNew = replica.apply(transfer(new UUID(scenario, id), "bank", "ada", 1))
                        .reason()
                == Reason.OK;
        for (int i = 0; i < WINDOW; i++) {
            replica.apply(transfer(new UUID(-scenario, ++fillers), "bank", "bob", 1));
        }
        return isNew;
    }

    @Operation
    public boolean known(@Param(gen = IntGen.class, conf = "1:4") int id) {
        return replica.ledger.transfer(new UUID(scenario, id)).isPresent();
    }

    /** The same, as anybody would write it down. */
    public static class PlainSet {
        private final Set<Integer> ids = new HashSet<>();

        public boolean post(int id) {
            return ids.add(id);
        }

        public boolean known(int id) {
            return ids.contains(id);
        }
    }

    @Test
    void readers_beside_the_writer_see_what_a_set_would_show() {
        new StressOptions()
                .iterations(4)
                .invocationsPerIteration(25)
                .threads(3)
                .actorsPerThread(3)
                .actorsBefore(2)
                .actorsAfter(2)
                .sequentialSpecification(PlainSet.class)
                .check(TransferIdsLincheckTest.class);
    }
}
