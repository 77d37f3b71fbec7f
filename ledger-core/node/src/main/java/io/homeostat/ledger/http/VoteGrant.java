package io.homeostat.ledger.http;

import io.homeostat.ledger.raft.RaftReplica;
import io.homeostat.ledger.raft.RaftStatus;
import io.homeostat.ledger.state.Command;
import io.homeostat.merkle.Digests;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides on the leader when a node that is being filled gets its vote: once its digest equals the one that a majority of
 * the genesis nodes attested at the same Raft index without it (ADR 0019). What such a node attests is not proposed, so
 * that it helps no majority before.
 *
 * <p>Thread-safe. A leader that changes half-way loses nothing: the node tells its digest to the next one.
 */
final class VoteGrant {
    private static final Logger LOG = LoggerFactory.getLogger(VoteGrant.class);
    private final NodeServices node;

    VoteGrant(NodeServices node) {
        this.node = node;
    }

    /** False for a voter, whose attestation the ledger decides on, and for ids that the ledger refuses by itself. */
    boolean concerns(Command.Attest attestation) {
        return !node.status().get().members().contains(attestation.node())
                && genesisNodes(node).contains(attestation.node());
    }

    CompletionStage<Answer> decide(Command.Attest attestation) {
        RaftStatus raft = node.status().get();
        if (!raft.listeners().contains(attestation.node())) {
            throw Problem.conflict(
                    "not_a_member", "node '" + attestation.node() + "' is no member: what it attests does not count");
        }
        Optional<byte[]> expected = node.ledger().attestedWithout(attestation.node(), attestation.raftIndex());
        if (expected.isEmpty()) {
            throw Problem.unavailable("the majority has not attested Raft index " + attestation.raftIndex()
                    + " (yet); tell the digest again");
        }
        if (!Arrays.equals(expected.get(), attestation.digest())) {
            LOG.atWarn()
                    .addKeyValue("node", attestation.node())
                    .addKeyValue("raftIndex", attestation.raftIndex())
                    .addKeyValue("expectedDigest", Digests.hex(expected.get()))
                    .addKeyValue("foundDigest", Digests.hex(attestation.digest()))
                    .log("raft.vote_refused: the state of this node is not the majority's, rebuild it again");
            throw Problem.conflict(
                    "digest_differs",
                    "at Raft index " + attestation.raftIndex() + " the majority attested " + Digests.hex(expected.get())
                            + "; the node gets no vote");
        }
        LOG.atInfo()
                .addKeyValue("node", attestation.node())
                .addKeyValue("raftIndex", attestation.raftIndex())
                .log("raft.vote_granted: its digest is the majority's");
        return node.raft().promote(attestation.node()).thenApply(VoteGrant::members);
    }

    static Set<String> genesisNodes(NodeServices node) {
        return node.ledger().policy().nodes().stream().map(known -> known.id()).collect(Collectors.toSet());
    }

    static Answer members(RaftReplica.Members members) {
        return Answer.json(200, json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("members");
            for (String one : members.voters()) {
                json.writeString(one);
            }
            json.writeEndArray();
            json.writeArrayFieldStart("joining");
            for (String one : members.listeners()) {
                json.writeString(one);
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }
}
