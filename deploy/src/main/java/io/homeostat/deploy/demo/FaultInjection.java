package io.homeostat.deploy.demo;

import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.cluster.Topology;
import io.homeostat.deploy.rest.Rest;
import io.homeostat.events.NodeProbe;
import io.homeostat.events.SidecarStatus;
import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Puts a real fault into a follower. Stateless. */
final class FaultInjection {
    /** Minor units by which drift falsifies a balance: one cent is enough. */
    private static final long DRIFT_MINOR = 1;

    private FaultInjection() {}

    /** @param at just before the fault took hold */
    record Injected(FaultKind fault, String node, Instant at, String detail) {}

    static Injected inject(ClusterDirectory cluster, FaultKind fault, String account) throws IOException {
        Topology.Node victim = follower(cluster);
        switch (fault) {
            case DRIFT -> {
                Instant at = Instant.now();
                control(cluster, victim)
                        .post("/control/faults/drift", Map.of("account", account, "delta", DRIFT_MINOR))
                        .orFail();
                return new Injected(
                        fault, victim.id(), at, "balance of " + account + " off by " + DRIFT_MINOR + " minor unit");
            }
            case KILL -> {
                long pid = nodePid(cluster, victim);
                Instant at = Instant.now();
                signal("KILL", pid);
                return new Injected(fault, victim.id(), at, "kill -KILL " + pid);
            }
            case PAUSE -> {
                long pid = nodePid(cluster, victim);
                Instant at = Instant.now();
                signal("STOP", pid);
                return new Injected(fault, victim.id(), at, "kill -STOP " + pid);
            }
        }
        throw new IllegalStateException("every fault has its way: " + fault);
    }

    /** The last node that says it is a follower: the leader stays, so that the ledger goes on without an election. */
    private static Topology.Node follower(ClusterDirectory cluster) throws IOException {
        Topology.Node found = null;
        for (Topology.Node node : cluster.topology().nodes()) {
            NodeProbe probe = EventCodec.read(
                    control(cluster, node).get("/control/status").orFail().body(), NodeProbe.class);
            if (probe.role().equals("follower") && probe.ready()) {
                found = node;
            }
        }
        if (found == null) {
            throw new IllegalStateException(
                    "expected a ready follower among " + cluster.topology().nodes() + "; see " + cluster.logs());
        }
        return found;
    }

    private static long nodePid(ClusterDirectory cluster, Topology.Node node) throws IOException {
        Rest sidecar =
                Rest.of(cluster.http(), node.sidecarUrl(), ClusterDirectory.readSecret(cluster.agentTokenFile()));
        SidecarStatus status =
                EventCodec.read(sidecar.get("/v1/status").orFail().body(), SidecarStatus.class);
        if (status.pid() <= 0) {
            throw new IllegalStateException(
                    "expected a running process of " + node.id() + " but its sidecar says " + status.process());
        }
        return status.pid();
    }

    private static Rest control(ClusterDirectory cluster, Topology.Node node) {
        return Rest.of(
                cluster.http(), node.controlUrl(), ClusterDirectory.readSecret(cluster.controlTokenFile(node.id())));
    }

    /** Through kill(1), because Java sends no SIGSTOP. */
    private static void signal(String name, long pid) throws IOException {
        Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(pid))
                .redirectErrorStream(true)
                .start();
        try {
            if (!kill.waitFor(5, TimeUnit.SECONDS) || kill.exitValue() != 0) {
                throw new IOException("kill -" + name + " " + pid + " failed: "
                        + new String(kill.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while sending " + name + " to " + pid, e);
        }
    }
}
