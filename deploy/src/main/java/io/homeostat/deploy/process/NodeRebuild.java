package io.homeostat.deploy.process;

import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.cluster.Principal;
import io.homeostat.deploy.cluster.Topology;
import io.homeostat.deploy.rest.AnyNode;
import io.homeostat.deploy.rest.Rest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A node that is built again from nothing: out of the group, its old folder aside, into the group as an empty member
 * without a vote. The ledger's own guard decides on both changes of members; the node neither votes nor serves before its
 * digest is the one that the majority attested.
 */
public final class NodeRebuild {
    /** A journal of 10 M leaves comes over in minutes; after this long something else is wrong. */
    private static final Duration MOST = Duration.ofMinutes(30);

    private final Path folder;
    private final String id;
    private final AnyNode others;

    public NodeRebuild(ClusterDirectory cluster, Topology.Node node) {
        this.folder = cluster.nodeData(node.id());
        this.id = node.id();
        List<String> urls = cluster.topology().nodes().stream()
                .filter(other -> !other.id().equals(node.id()))
                .map(Topology.Node::url)
                .toList();
        this.others = AnyNode.of(cluster.http(), urls, cluster.token(Principal.HEALER));
    }

    /**
     * Takes the node out of the group, then moves its folder aside; in this order, so that a refusal changes nothing.
     *
     * @return where the old data lies now; the folder itself when there was none
     */
    public Path leave() throws IOException {
        requireStopped();
        member(false);
        if (!Files.exists(folder)) {
            return folder;
        }
        Path aside = folder.resolveSibling(folder.getFileName() + ".quarantine-" + System.currentTimeMillis());
        return Files.move(folder, aside, StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * Adds the running, empty node without a vote, and waits until it has one and serves: the leader gives it the vote once
     * its digest is the majority's.
     *
     * @param serving completes when the node serves, fails when it stops
     */
    public void join(CompletableFuture<Void> serving) throws IOException, InterruptedException {
        member(true);
        try {
            serving.get(MOST.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException("node " + id + " was not rebuilt: " + e.getMessage() + "; see its log", e);
        } catch (TimeoutException e) {
            throw new IOException("node " + id + " does not serve after " + MOST + "; see its log", e);
        }
    }

    private void member(boolean member) throws IOException {
        Rest.Answer answer = others.put("/v1/nodes/" + id + "/membership", Map.of("member", member));
        if (answer.status() != 200) {
            throw new IOException("the ledger refused to " + (member ? "add" : "remove") + " node " + id + ": "
                    + answer.reason() + "; " + (member ? "it stays outside" : "nothing was changed"));
        }
    }

    private void requireStopped() throws IOException {
        Path lock = folder.resolve("journal").resolve("lock");
        if (!Files.exists(lock)) {
            return;
        }
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
                FileLock free = channel.tryLock()) {
            if (free == null) {
                throw new IOException("node " + id + " still runs: stop it first (its sidecar must hold it down)");
            }
        }
    }
}
