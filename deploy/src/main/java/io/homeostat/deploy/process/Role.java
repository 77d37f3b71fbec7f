package io.homeostat.deploy.process;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The roles of a process, each with the JVM that suits it: together they stay below 2 GB on two cores. Where metaspace begins
 * is above what a role needs to start: below that mark the collector would stop the world at 21, 35 and 58 MB of classes.
 */
public enum Role {
    /**
     * Vert.x, Ratis and the state: 120 k transfers of 20 k accounts live in 50 MB. Compiled by both tiers: it is the hot path.
     * The second tier begins eight times later than usual: what runs once per transfer gets there within a second all the same,
     * and what runs once per entry or request, which is most of the code, does not keep the compiler busy for minutes. What
     * survives two young collections is a row or an entry of the log and stays: it is not copied any further.
     */
    NODE(
            "-Xms32m",
            "-Xmx256m",
            "-XX:MaxNewSize=24m",
            "-XX:MaxTenuringThreshold=2",
            "-XX:Tier4InvocationThreshold=40000",
            "-XX:Tier4MinInvocationThreshold=4800",
            "-XX:Tier4CompileThreshold=120000",
            "-XX:Tier4BackEdgeThreshold=320000",
            "-XX:MetaspaceSize=80m",
            "-XX:MaxMetaspaceSize=128m",
            // A limit, not a use: the filter of old transfer ids grows to 53 MB with 27 M of them.
            "-XX:MaxDirectMemorySize=192m",
            "-Xss512k"),
    /** Forwards telemetry of one node: a few MB a second at most. The first compiler tier is enough and small. */
    SIDECAR(
            "-Xms12m",
            "-Xmx64m",
            "-XX:MaxNewSize=8m",
            "-XX:TieredStopAtLevel=1",
            "-XX:MetaspaceSize=64m",
            "-XX:MaxMetaspaceSize=96m",
            "-XX:MaxDirectMemorySize=48m",
            "-XX:ReservedCodeCacheSize=32m",
            "-Xss512k"),
    /**
     * Kafka broker, Flink mini cluster, Camunda and the web UI in one heap. The first compiler tier alone takes 8.4 s of CPU
     * to start instead of 14.6 s and 50 MB less; verdicts on a few nodes need no more.
     */
    PLATFORM(
            "-Xms96m",
            "-Xmx448m",
            "-XX:MaxNewSize=64m",
            "-XX:TieredStopAtLevel=1",
            "-XX:ReservedCodeCacheSize=96m",
            "-XX:MetaspaceSize=192m",
            "-XX:MaxMetaspaceSize=256m",
            "-XX:MaxDirectMemorySize=128m",
            "-Xss512k"),
    /** A Flink mini cluster with one job, and profiles of 20,000 accounts. */
    SCREENER(
            "-Xms48m",
            "-Xmx192m",
            "-XX:MaxNewSize=32m",
            "-XX:TieredStopAtLevel=1",
            "-XX:ReservedCodeCacheSize=64m",
            "-XX:MetaspaceSize=128m",
            "-XX:MaxMetaspaceSize=160m",
            "-XX:MaxDirectMemorySize=64m",
            "-Xss512k");

    /** Environment: MiB of heap of a node instead of the 256 that let a whole cluster run in 2 GB. */
    public static final String NODE_HEAP = "HOMEOSTAT_NODE_HEAP";

    private static final int LEAST_HEAP_MIB = 128;
    private static final int MOST_HEAP_MIB = 65_536;

    private final List<String> flags;

    Role(String... flags) {
        this.flags = List.of(flags);
    }

    /** Name of the command that runs the role, for example {@code node}. */
    public String command() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Another heap than the role's: of it a third may be young, so that what an entry leaves behind is seldom copied. */
    public static List<String> heapFlags(int mib) {
        if (mib < LEAST_HEAP_MIB || mib > MOST_HEAP_MIB) {
            throw new IllegalArgumentException("the heap of a node must be in " + LEAST_HEAP_MIB + ".." + MOST_HEAP_MIB
                    + " MiB but is " + mib + " (" + NODE_HEAP + ", or --heap of bench)");
        }
        return List.of("-Xmx" + mib + "m", "-XX:MaxNewSize=" + mib / 3 + "m");
    }

    /** What the environment says of a node's heap; nothing when it says nothing. */
    static List<String> heapFlags(@Nullable String environment) {
        if (environment == null || environment.isBlank()) {
            return List.of();
        }
        try {
            return heapFlags(Integer.parseInt(environment.strip()));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    NODE_HEAP + " must be a whole number of MiB but is '" + environment + "'", e);
        }
    }

    List<String> flags(int javaFeature) {
        List<String> all = new ArrayList<>(flags);
        if (this == NODE) {
            all.addAll(heapFlags(System.getenv(NODE_HEAP)));
        }
        all.add("-XX:+UseSerialGC");
        // Gives memory back after a burst: seven JVMs share what one machine has.
        all.add("-XX:MinHeapFreeRatio=10");
        all.add("-XX:MaxHeapFreeRatio=25");
        // A process that ran out of memory is a crashed process, and crashed processes are what sidecars restart.
        all.add("-XX:+ExitOnOutOfMemoryError");
        // Perf data files are mapped and written in the temp directory, which may be slow or full.
        all.add("-XX:-UsePerfData");
        all.add("-Djava.awt.headless=true");
        // Kafka brings log4j's API without an implementation; it would say so on every start.
        all.add("-Dlog4j2.loggerContextFactory=org.apache.logging.log4j.simple.SimpleLoggerContextFactory");
        // Netty otherwise reserves an arena per core and thread.
        all.add("-Dio.netty.allocator.numDirectArenas=2");
        all.add("-Dio.netty.allocator.numHeapArenas=1");
        if (javaFeature >= 24) {
            all.add("--enable-native-access=ALL-UNNAMED");
            all.add("--sun-misc-unsafe-memory-access=allow");
        }
        return List.copyOf(all);
    }
}
