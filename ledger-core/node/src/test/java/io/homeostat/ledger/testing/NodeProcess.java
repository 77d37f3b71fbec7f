package io.homeostat.ledger.testing;

import io.homeostat.ledger.LedgerNode;
import io.homeostat.ledger.LedgerNodeConfig;
import io.homeostat.ledger.LedgerNodeConfig.Peer;
import io.homeostat.ledger.LedgerNodeLimits;
import io.homeostat.ledger.state.LedgerStateLimits;
import io.opentelemetry.api.OpenTelemetry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A ledger of one node in a process of its own, to be killed: 64 transfers in memory, a snapshot every 40 entries. It ends
 * with its standard input, so that it never outlives the test.
 */
public final class NodeProcess implements AutoCloseable {
    private final LedgerNodeConfig config;
    private Process process;

    /** @param config of a {@link LocalCluster} of one node that is not started */
    public NodeProcess(LedgerNodeConfig config, Path log) throws IOException {
        this.config = config;
        process = launch(log, true);
    }

    private Process launch(Path log, boolean bootstrap) throws IOException {
        Peer self = config.peers().get(0);
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xmx192m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        NodeProcess.class.getName(),
                        config.dataDir().getParent().toString(),
                        self.id(),
                        Integer.toString(config.httpPort()),
                        Integer.toString(config.controlPort()),
                        Integer.toString(config.raftPort()),
                        Boolean.toString(bootstrap))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    /** SIGKILL, and again from what lies on the disk. */
    public void killAndStart(Path log) throws IOException, InterruptedException {
        kill();
        process = launch(log, false);
    }

    private void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new IllegalStateException("process " + process.pid() + " did not end within 60 s of SIGKILL");
        }
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }

    /** The process. */
    public static void main(String[] arguments) throws IOException {
        Path dir = Path.of(arguments[0]);
        String id = arguments[1];
        int http = Integer.parseInt(arguments[2]);
        int raft = Integer.parseInt(arguments[4]);
        boolean bootstrap = Boolean.parseBoolean(arguments[5]);
        LedgerNodeLimits limits = LedgerNodeLimits.DEFAULTS
                .withState(LedgerStateLimits.defaults().withRecentTransfers(64))
                .withSnapshotEvery(40);
        LedgerNode.start(
                new LedgerNodeConfig(
                        id,
                        "z1",
                        "127.0.0.1",
                        http,
                        Integer.parseInt(arguments[3]),
                        raft,
                        dir.resolve(id),
                        List.of(new Peer(id, "z1", "127.0.0.1", raft, http)),
                        dir.resolve("genesis.json"),
                        dir.resolve("tokens.json"),
                        dir.resolve(id + ".control.token"),
                        dir.resolve(id + ".checkpoint.key"),
                        dir.resolve("internal.token"),
                        LedgerNodeConfig.Profile.DEMO,
                        false,
                        bootstrap,
                        false),
                limits,
                OpenTelemetry.noop());
        while (System.in.read() >= 0) {
            // Nobody writes to it: its end is the end of the test.
        }
        Runtime.getRuntime().halt(0);
    }
}
