package io.homeostat.deploy.chaos;

import io.homeostat.deploy.process.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A switch in this process's network namespace, and one namespace for each node, held by a child that does nothing. Packets
 * are dropped where they come in, so every direction between two nodes is cut by itself; we always reach all of them.
 */
final class ChaosNet implements AutoCloseable {
    private static final String NETWORK = "10.77.0.";
    /** Where this process is reached from all nodes. */
    static final String OUR_ADDRESS = NETWORK + "254";

    private static final Duration HOLDER_WITHIN = Duration.ofSeconds(10);

    private final List<ChildProcess> holders = new ArrayList<>();

    /** Addresses of so many nodes. */
    static List<String> hosts(int nodes) {
        List<String> hosts = new ArrayList<>();
        for (int i = 1; i <= nodes; i++) {
            hosts.add(NETWORK + i);
        }
        return hosts;
    }

    static ChaosNet make(int nodes, Path logs) throws IOException {
        ChaosNet net = new ChaosNet();
        ip("link", "set", "lo", "up");
        ip("link", "add", "chaos0", "type", "bridge");
        ip("addr", "add", OUR_ADDRESS + "/24", "dev", "chaos0");
        ip("link", "set", "chaos0", "up");
        for (int i = 1; i <= nodes; i++) {
            ChildProcess holder = ChildProcess.start(
                    "net-" + i, List.of("unshare", "--net", "cat"), logs.resolve("net-" + i + ".out"));
            net.holders.add(holder);
            awaitOwnNamespace(holder);
            String end = "chaos" + i;
            ip("link", "add", end, "type", "veth", "peer", "name", "eth0", "netns", Long.toString(holder.pid()));
            ip("link", "set", end, "master", "chaos0", "up");
            net.in(i, "ip", "link", "set", "lo", "up");
            net.in(i, "ip", "addr", "add", NETWORK + i + "/24", "dev", "eth0");
            net.in(i, "ip", "link", "set", "eth0", "up");
        }
        return net;
    }

    private static void awaitOwnNamespace(ChildProcess holder) throws IOException {
        Path ours = Files.readSymbolicLink(Path.of("/proc/self/ns/net"));
        Path theirs = Path.of("/proc/" + holder.pid() + "/ns/net");
        long deadline = System.nanoTime() + HOLDER_WITHIN.toNanos();
        while (Files.readSymbolicLink(theirs).equals(ours)) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("expected a network namespace of " + holder.name() + " within "
                        + HOLDER_WITHIN.toSeconds() + " s");
            }
            pause();
        }
    }

    private static void pause() {
        try {
            var unused = new CountDownLatch(1).await(10, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** What to put before a node's command line; nodes count from 1. */
    List<String> enter(int node) {
        return List.of("nsenter", "--net=/proc/" + holders.get(node - 1).pid() + "/ns/net", "--");
    }

    /** The node hears nothing from the other any more. */
    void deaf(int node, int other) {
        in(node, "iptables", "-w", "-A", "INPUT", "-s", NETWORK + other, "-j", "DROP");
    }

    void hearsAgain(int node, int other) {
        in(node, "iptables", "-w", "-D", "INPUT", "-s", NETWORK + other, "-j", "DROP");
    }

    void loses(int node, int percent) {
        in(node, loss("-A", percent));
    }

    void losesNoMore(int node, int percent) {
        in(node, loss("-D", percent));
    }

    /** What the node sends to a port of another comes to a port of ours instead. */
    void redirect(int node, int other, int port, int ourPort) {
        in(
                node,
                "iptables",
                "-w",
                "-t",
                "nat",
                "-A",
                "OUTPUT",
                "-p",
                "tcp",
                "-d",
                NETWORK + other,
                "--dport",
                Integer.toString(port),
                "-j",
                "DNAT",
                "--to-destination",
                OUR_ADDRESS + ":" + ourPort);
    }

    private static String[] loss(String what, int percent) {
        return new String[] {
            "iptables",
            "-w",
            what,
            "INPUT",
            "-i",
            "eth0",
            "-m",
            "statistic",
            "--mode",
            "random",
            "--probability",
            "0." + (percent < 10 ? "0" : "") + percent,
            "-j",
            "DROP"
        };
    }

    private void in(int node, String... command) {
        List<String> all = new ArrayList<>(enter(node));
        all.addAll(List.of(command));
        Toolbox.run(all);
    }

    private static void ip(String... arguments) {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments));
        Toolbox.run(command);
    }

    /** The namespaces go with their holders. */
    @Override
    public void close() {
        holders.forEach(ChildProcess::askToStop);
    }
}
