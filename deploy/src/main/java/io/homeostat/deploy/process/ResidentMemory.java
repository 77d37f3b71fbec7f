package io.homeostat.deploy.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * Highest sum of resident memory (VmRSS, so that shared pages count in each process) of this process and all below it,
 * sampled from {@code /proc}; -1 where there is none. Thread-safe.
 */
public final class ResidentMemory implements AutoCloseable {
    private static final Path PROC = Path.of("/proc/self/status");

    private final AtomicLong peakKib = new AtomicLong(-1);
    private final ScheduledExecutorService sampler = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "resident-memory");
        thread.setDaemon(true);
        return thread;
    });

    private ResidentMemory() {}

    public static ResidentMemory sampling(Duration every) {
        ResidentMemory memory = new ResidentMemory();
        if (Files.isReadable(PROC)) {
            memory.sampler.scheduleAtFixedRate(memory::sample, 0, every.toMillis(), TimeUnit.MILLISECONDS);
        }
        return memory;
    }

    /** In MiB, rounded up; -1 when it is not known on this system. */
    public long peakMib() {
        long kib = peakKib.get();
        return kib < 0 ? -1 : (kib + 1023) / 1024;
    }

    private void sample() {
        try (Stream<ProcessHandle> below = ProcessHandle.current().descendants()) {
            long sum = residentKib(ProcessHandle.current().pid());
            sum += below.mapToLong(child -> residentKib(child.pid())).sum();
            peakKib.accumulateAndGet(sum, Math::max);
        }
    }

    /** 0 for a process that has ended meanwhile. */
    public static long residentKib(long pid) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException | java.io.UncheckedIOException e) {
            // The process ended between the listing and the reading.
            return 0;
        }
    }

    @Override
    public void close() {
        sampler.shutdownNow();
    }
}
