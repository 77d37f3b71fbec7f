package io.homeostat.ledger.state;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.testing.MemoryRowArchive;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;

/**
 * Bytes that claim to be a Raft entry or a snapshot. Only the declared refusal may come; and what is taken must be in the one
 * form that we would write. Regression over the seeds by default; {@code -Pfuzz} looks for more.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class StateFuzzTest {
    private static final Genesis GENESIS =
            new Genesis("fuzzed", List.of(new Genesis.Node("n1", "a", new byte[32])), List.of(), List.of());
    private static final LedgerStateLimits LIMITS =
            new LedgerStateLimits(1000, 1000, 100, 1000, 10, 60, 60, 10, 10, 10, 1_000_000, 4, 8);

    @FuzzTest(maxDuration = "30s")
    void an_entry_is_refused_or_canonical(byte[] bytes) {
        Command.Batch batch;
        try {
            batch = CommandCodec.decode(ByteBuffer.wrap(bytes));
        } catch (IllegalArgumentException declared) {
            return;
        }
        assertThat(CommandCodec.encode(batch)).isEqualTo(bytes);
    }

    @FuzzTest(maxDuration = "30s")
    void a_snapshot_is_refused_or_read(byte[] bytes) throws IOException {
        read(bytes);
    }

    /** Checksums would keep a fuzzer out, so here they are right whatever stands between them. */
    @FuzzTest(maxDuration = "30s")
    void a_snapshot_with_right_checksums_is_refused_or_read(byte[] content) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        SnapshotOutput framed = new SnapshotOutput(file);
        framed.write(new byte[] {0, LedgerSnapshot.VERSION});
        framed.write(GENESIS.digest());
        framed.write(content);
        framed.finish();
        read(file.toByteArray());
    }

    private static void read(byte[] file) throws IOException {
        try {
            LedgerSnapshot.read(GENESIS, LIMITS, 7, new MemoryRowArchive(0), new ByteArrayInputStream(file));
        } catch (SnapshotDamaged declared) {
            // That is how it says no.
        }
    }
}
