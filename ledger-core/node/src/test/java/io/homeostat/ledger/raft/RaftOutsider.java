package io.homeostat.ledger.raft;

import io.homeostat.ledger.LedgerNodeConfig;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.retry.RetryPolicies;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.TimeDuration;

/** Somebody with a stock Ratis client and the address of a node's Raft port. */
public final class RaftOutsider {
    private RaftOutsider() {}

    /** Asks one node to replicate an entry; gives what came of it, in words. */
    public static String submit(LedgerNodeConfig node, String ledger, byte[] entry) {
        RaftPeer peer = RaftPeer.newBuilder()
                .setId(node.nodeId())
                .setAddress(node.host() + ":" + node.raftPort())
                .build();
        RaftGroupId group = RaftReplica.groupId(ledger);
        try (RaftClient client = RaftClient.newBuilder()
                .setProperties(new RaftProperties())
                .setRaftGroup(RaftGroup.valueOf(group, List.of(peer)))
                .setRetryPolicy(RetryPolicies.retryUpToMaximumCountWithFixedSleep(
                        1, TimeDuration.valueOf(50, TimeUnit.MILLISECONDS)))
                .build()) {
            RaftClientReply reply = client.io().send(Message.valueOf(ByteString.copyFrom(entry)));
            return "accepted " + reply.isSuccess();
        } catch (IOException e) {
            StringBuilder words = new StringBuilder();
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                words.append(cause).append('\n');
            }
            return words.toString();
        }
    }
}
