package io.homeostat.deploy.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Ports of the loopback address that nobody listens on, below the range from which systems take the ports of outgoing
 * connections: a port that is kept over restarts must not be on loan to somebody's client when it is wanted again.
 */
final class FreePorts {
    /** Linux lends from 32768 on, others from 49152; below 16000 stand the well-known services. */
    private static final int LOWEST = 16_000;

    private static final int BEYOND = 32_000;
    /** Half of all ports of the range taken would be needed to fail so often. */
    private static final int MAX_TRIES = 2_000;

    private FreePorts() {}

    /** Distinct ports that are free now. */
    static List<Integer> choose(int count, RandomGenerator random) {
        Set<Integer> chosen = new LinkedHashSet<>();
        for (int tries = 0; tries < MAX_TRIES && chosen.size() < count; tries++) {
            int port = random.nextInt(LOWEST, BEYOND);
            if (!chosen.contains(port) && free(port)) {
                chosen.add(port);
            }
        }
        if (chosen.size() < count) {
            throw new IllegalStateException("expected " + count + " free ports in " + LOWEST + ".." + BEYOND
                    + " of the loopback address but found " + chosen.size());
        }
        return new ArrayList<>(chosen);
    }

    static boolean free(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            // A listener of the last run leaves connections behind that block nobody who asks like this.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
