package io.homeostat.ledger.http;

import io.homeostat.ledger.LedgerNodeConfig;
import io.homeostat.ledger.LedgerNodeLimits;
import io.homeostat.ledger.LedgerTelemetry;
import io.homeostat.ledger.control.NodeGate;
import io.homeostat.ledger.raft.RaftReplica;
import io.homeostat.ledger.raft.RaftStatus;
import io.homeostat.ledger.state.Ledger;
import io.homeostat.ledger.witness.SignedHeads;
import java.time.InstantSource;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What the routes need of the node.
 *
 * @param status a recent look at Raft, cheap to ask for on every request
 * @param clock what this node stamps with when it leads
 * @param clockSkewMicros the largest known difference to a peer's clock
 * @param live false when only a restart can help this process
 * @param ready true while this node serves clients with proofs
 */
public record NodeServices(
        LedgerNodeConfig config,
        LedgerNodeLimits limits,
        Ledger ledger,
        RaftReplica raft,
        Supplier<RaftStatus> status,
        NodeGate gate,
        Tokens tokens,
        SignedHeads heads,
        LedgerTelemetry telemetry,
        String version,
        InstantSource clock,
        LongSupplier clockSkewMicros,
        BooleanSupplier live,
        BooleanSupplier ready) {
    LedgerNodeConfig.Peer peer(String id) {
        return config.peers().stream()
                .filter(peer -> peer.id().equals(id))
                .findFirst()
                .orElseThrow(() -> Problem.unavailable("the leader '" + id + "' is not among the configured peers"));
    }
}
