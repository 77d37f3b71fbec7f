package io.homeostat.deploy.bench;

import io.homeostat.deploy.process.Role;
import java.util.ArrayList;
import java.util.List;

/**
 * What is measured, on what.
 *
 * @param batch transfers in a request
 * @param inFlight requests at once
 * @param seconds of each measurement
 * @param zipf exponent of the accounts' popularity, 0 for uniform
 * @param hot every transfer credits one and the same account
 * @param warmUp seconds of load before the measurement
 * @param telemetry false: the nodes report nothing
 * @param tls between nodes and towards clients; off, because the systems it is compared with run without
 * @param heapMib of each node; 0 for what a node has everywhere else
 */
public record BenchOptions(
        int batch,
        int inFlight,
        int nodes,
        int seconds,
        int accounts,
        double zipf,
        boolean hot,
        int warmUp,
        boolean telemetry,
        boolean tls,
        int heapMib) {
    public BenchOptions {
        within("--batch", batch, 1, 8190);
        within("--in-flight", inFlight, 1, 16_384);
        within("--secs", seconds, 1, 3600);
        within("--accounts", accounts, 2, 1_000_000);
        within("--warm-up", warmUp, 0, 600);
        if (!(zipf >= 0 && zipf <= 4)) {
            throw new IllegalArgumentException("--zipf must be in 0..4 but is " + zipf);
        }
        if (nodes != 3 && nodes != 5 && nodes != 7 && nodes != 9) {
            throw new IllegalArgumentException("--nodes must be 3, 5, 7 or 9 but is " + nodes);
        }
        if (heapMib != 0) {
            within("--heap", heapMib, 128, 16_384);
        }
    }

    BenchOptions withTelemetry(boolean on) {
        return new BenchOptions(batch, inFlight, nodes, seconds, accounts, zipf, hot, warmUp, on, tls, heapMib);
    }

    /** What a node's JVM is told beside the flags of its role. */
    List<String> jvmFlags() {
        List<String> flags = new ArrayList<>();
        if (heapMib > 0) {
            flags.addAll(Role.heapFlags(heapMib));
        }
        return flags;
    }

    static void within(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " must be in " + least + ".." + most + " but is " + value);
        }
    }
}
