package io.homeostat.ledger.raft;

import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.thirdparty.io.grpc.MethodDescriptor;

/**
 * Keeps a node whose folder was begun empty out of elections, whatever the configuration says about it: it has forgotten
 * whom it voted for and what it had acknowledged, and with its vote a node that lacks acknowledged entries could lead
 * (ADR 0023). It stands as long as the folder carries the {@link JoinMark}. Thread-safe.
 *
 * <p>Source: Ongaro, Consensus: Bridging Theory and Practice (2014), section 11.7.3 on servers that lost their disk.
 */
final class VoteBar {
    private static final Set<String> ELECTION = Set.of("requestVote", "startLeaderElection");
    private final Path dataDir;
    private final AtomicLong refused = new AtomicLong();
    private volatile boolean standing;

    VoteBar(Path dataDir) {
        this.dataDir = dataDir;
        this.standing = JoinMark.isSet(dataDir);
    }

    boolean standing() {
        return standing;
    }

    /** Votes that were asked for and not given. */
    long refused() {
        return refused.get();
    }

    /** True when this call of another member must be refused. */
    boolean refuses(MethodDescriptor<?, ?> method) {
        boolean refuses = standing && ELECTION.contains(String.valueOf(method.getBareMethodName()));
        if (refuses) {
            refused.incrementAndGet();
        }
        return refuses;
    }

    /** The node holds again what it ever acknowledged. */
    void lift() {
        JoinMark.clear(dataDir);
        standing = false;
    }
}
