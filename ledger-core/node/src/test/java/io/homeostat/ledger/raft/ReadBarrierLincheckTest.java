package io.homeostat.ledger.raft;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/**
 * Reads that share rounds see everything that was written before they began: as if each had looked for itself. A round takes
 * what is written when it begins, and brings it when it ends.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
public class ReadBarrierLincheckTest {
    private final AtomicInteger written = new AtomicInteger();
    private final AtomicInteger applied = new AtomicInteger();
    private final ReadBarrier barrier = new ReadBarrier(() -> {
        int seen = written.get();
        applied.accumulateAndGet(seen, Math::max);
        return CompletableFuture.completedFuture(null);
    });

    @Operation
    public int write() {
        return written.incrementAndGet();
    }

    @Operation
    public int read() {
        barrier.pass().join();
        return applied.get();
    }

    @Test
    void a_read_sees_what_was_written_before_it_began() {
        new ModelCheckingOptions()
                .iterations(8)
                .invocationsPerIteration(60)
                .threads(3)
                .actorsPerThread(2)
                .check(ReadBarrierLincheckTest.class);
    }
}
