package io.homeostat.merkle;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;

/**
 * Measures what proofs of a long journal cost. A main class, because figures of a loaded build machine are no test:
 *
 * <pre>
 * java -Xmx64m -cp ledger-core/merkle/target/classes:ledger-core/merkle/target/test-classes \
 *     io.homeostat.merkle.ProofBenchmark DIRECTORY [leaves = 10000000] [proofs = 20000]
 * </pre>
 *
 * DIRECTORY keeps the log; a second run over it measures the opening and the proofs only.
 */
final class ProofBenchmark {
    private static final int LEAF_BYTES = 66;
    private static final int SYNC_EVERY = 100_000;

    private ProofBenchmark() {}

    public static void main(String[] args) throws IOException {
        if (args.length < 1 || args.length > 3) {
            System.err.println("usage: ProofBenchmark DIRECTORY [leaves] [proofs]");
            System.exit(2);
        }
        Path directory = Path.of(args[0]);
        long leaves = args.length > 1 ? Long.parseLong(args[1]) : 10_000_000;
        int proofs = args.length > 2 ? Integer.parseInt(args[2]) : 20_000;
        build(directory, leaves);
        long started = System.nanoTime();
        try (MerkleLog log = MerkleLog.open(directory)) {
            print(
                    "open leaves=%d ms=%d rehashed=%d",
                    log.size(),
                    (System.nanoTime() - started) / 1_000_000,
                    log.recovery().rehashedLeaves());
            sizes(directory);
            // Heads of any size are asked for, and leaves of any place; the seed makes the run repeatable.
            Random random = new Random(7);
            long[] inclusion = new long[proofs];
            long[] consistency = new long[proofs];
            int longest = 0;
            for (int i = 0; i < proofs; i++) {
                long size = 1 + (long) (random.nextDouble() * log.size());
                long leaf = (long) (random.nextDouble() * size);
                long from = (long) (random.nextDouble() * size);
                long begin = System.nanoTime();
                longest = Math.max(longest, log.inclusionProof(leaf, size).size());
                inclusion[i] = System.nanoTime() - begin;
                begin = System.nanoTime();
                longest = Math.max(longest, log.consistencyProof(from, size).size());
                consistency[i] = System.nanoTime() - begin;
            }
            latencies("inclusion", inclusion);
            latencies("consistency", consistency);
            System.gc();
            long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
            print("heap used_bytes=%d longest_proof_hashes=%d", heap, longest);
        }
    }

    private static void build(Path directory, long leaves) throws IOException {
        try (MerkleLog log = MerkleLog.open(directory)) {
            byte[] leaf = new byte[LEAF_BYTES];
            long before = log.size();
            var threads = ManagementFactory.getThreadMXBean();
            long cpu = threads.getCurrentThreadCpuTime();
            long started = System.nanoTime();
            long syncNanos = 0;
            while (log.size() < leaves) {
                ByteBuffer.wrap(leaf).putLong(log.size()).putLong(log.size() * 0x9E3779B97F4A7C15L);
                log.append(leaf);
                if (log.size() % SYNC_EVERY == 0) {
                    long begin = System.nanoTime();
                    log.sync();
                    syncNanos += System.nanoTime() - begin;
                }
            }
            long appended = log.size() - before;
            if (appended > 0) {
                print(
                        "append leaves=%d leaf_bytes=%d cpu_us/leaf=%.3f wall_us/leaf=%.3f sync_wall_us/leaf=%.3f sync_every=%d",
                        appended,
                        LEAF_BYTES,
                        (threads.getCurrentThreadCpuTime() - cpu) / 1e3 / appended,
                        (System.nanoTime() - started - syncNanos) / 1e3 / appended,
                        syncNanos / 1e3 / appended,
                        SYNC_EVERY);
            }
        }
    }

    private static void sizes(Path directory) throws IOException {
        long segments = 0;
        long segmentBytes = 0;
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                if (file.toString().endsWith(LeafSegment.SUFFIX)) {
                    segments++;
                    segmentBytes += Files.size(file);
                }
            }
        }
        print(
                "files segments=%d segment_bytes=%d tree_bytes=%d",
                segments, segmentBytes, Files.size(directory.resolve(TreeFile.NAME)));
    }

    private static void latencies(String what, long[] nanos) {
        Arrays.sort(nanos);
        print(
                "proof kind=%s count=%d p50us=%.1f p99us=%.1f maxms=%.3f",
                what,
                nanos.length,
                nanos[nanos.length / 2] / 1e3,
                nanos[(int) (nanos.length * 0.99)] / 1e3,
                nanos[nanos.length - 1] / 1e6);
    }

    private static void print(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
