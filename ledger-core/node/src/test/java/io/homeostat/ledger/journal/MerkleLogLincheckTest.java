package io.homeostat.ledger.journal;

import io.homeostat.ledger.testing.MemoryFolder;
import io.homeostat.merkle.MerkleLog;
import io.homeostat.merkle.MerkleLogLimits;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.Proofs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
 * Readers and provers of the journal beside its one writer, over segments so small that files are begun all the time: every
 * answer is one that a plain list would give. All scenarios share one journal on disk; each looks only behind its own beginning.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
public class MerkleLogLincheckTest {
    private static final MerkleLogLimits SMALL = new MerkleLogLimits(512, 64, 128, 100, 4096);

    @TempDir(factory = MemoryFolder.class)
    static Path folder;

    private static MerkleLog log;

    private final long begin = log == null ? 0 : log.size();

    @BeforeAll
    static void open() {
        try {
            log = MerkleLog.open(Files.createDirectory(folder.resolve("journal")), SMALL);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterAll
    static void close() {
        log.close();
    }

    @Operation(nonParallelGroup = "writer")
    public long append(@Param(gen = IntGen.class, conf = "1:9") int value) {
        return log.append(leaf(value)) - begin;
    }

    @Operation(nonParallelGroup = "writer")
    public void sync() {
        log.sync();
    }

    @Operation
    public int read(@Param(gen = IntGen.class, conf = "0:3") int back) {
        long size = log.size();
        long at = size - 1 - back;
        return at < begin ? Integer.MIN_VALUE : value(log.read(at, 1).get(0)) + (int) (size - begin) * 1000;
    }

    /** The newest leaf, proven. */
    @Operation
    public int prove() {
        long size = log.size();
        if (size == begin) {
            return Integer.MIN_VALUE;
        }
        byte[] leaf = log.read(size - 1, 1).get(0);
        boolean holds = Proofs.verifyInclusion(
                size - 1, size, MerkleTree.leafHash(leaf), log.inclusionProof(size - 1, size), log.rootAt(size));
        return holds ? value(leaf) : -1;
    }

    private static byte[] leaf(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    private static int value(byte[] leaf) {
        return ByteBuffer.wrap(leaf).getInt();
    }

    /** The same, as anybody would write it down. */
    public static class PlainList {
        private final List<Integer> values = new ArrayList<>();

        public long append(int value) {
            values.add(value);
            return values.size() - 1;
        }

        public void sync() {
            // A list has no disk.
        }

        public int read(int back) {
            int at = values.size() - 1 - back;
            return at < 0 ? Integer.MIN_VALUE : values.get(at) + values.size() * 1000;
        }

        public int prove() {
            return values.isEmpty() ? Integer.MIN_VALUE : values.get(values.size() - 1);
        }
    }

    @Test
    void readers_beside_the_writer_see_what_a_list_would_show() {
        new StressOptions()
                .iterations(5)
                .invocationsPerIteration(40)
                .threads(3)
                .actorsPerThread(3)
                .sequentialSpecification(PlainList.class)
                .check(MerkleLogLincheckTest.class);
    }
}
