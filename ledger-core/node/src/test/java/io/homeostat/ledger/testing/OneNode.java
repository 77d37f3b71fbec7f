package io.homeostat.ledger.testing;

import io.homeostat.ledger.LedgerNode;
import io.homeostat.ledger.LedgerNodeConfig;
import io.homeostat.ledger.LedgerNodeConfig.Peer;
import io.homeostat.ledger.LedgerNodeLimits;
import io.opentelemetry.api.OpenTelemetry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A ledger of one node in a process of its own, so that it can be killed: arguments are its folder, HTTP and Raft port. */
public final class OneNode {
    private OneNode() {}

    public static void main(String[] args) throws Exception {
        Path dir = Path.of(args[0]);
        int http = Integer.parseInt(args[1]);
        int raft = Integer.parseInt(args[2]);
        LedgerNodeConfig config = new LedgerNodeConfig(
                "n1",
                "z1",
                "127.0.0.1",
                http,
                0,
                raft,
                dir.resolve("n1"),
                List.of(new Peer("n1", "z1", "127.0.0.1", raft, http)),
                dir.resolve("genesis.json"),
                dir.resolve("tokens.json"),
                dir.resolve("n1.control.token"),
                dir.resolve("n1.checkpoint.key"),
                dir.resolve("internal.token"),
                LedgerNodeConfig.Profile.DEMO,
                true,
                !Files.exists(dir.resolve("n1")),
                false);
        try (LedgerNode node = LedgerNode.start(config, LedgerNodeLimits.DEFAULTS, OpenTelemetry.noop())) {
            node.awaitStop();
        }
    }
}
