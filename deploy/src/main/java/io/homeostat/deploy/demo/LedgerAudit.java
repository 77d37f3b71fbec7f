package io.homeostat.deploy.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.cluster.Principal;
import io.homeostat.deploy.cluster.Topology;
import io.homeostat.deploy.rest.AnyNode;
import io.homeostat.deploy.rest.Rest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Asks the ledger what it holds: every acknowledged id, the sums, and the digests of all nodes. */
final class LedgerAudit {
    private static final Duration DIGESTS_WITHIN = Duration.ofSeconds(30);
    private static final int PAGE_LEAVES = 65_536;
    private static final int POSTED = 3;
    private static final int HELD = 4;
    /** Version, type, sequence, time. */
    private static final int LEAF_HEADER_BYTES = 1 + 1 + 8 + 8;

    private final ClusterDirectory cluster;

    LedgerAudit(ClusterDirectory cluster) {
        this.cluster = cluster;
    }

    /**
     * How many of the ids are not in the journal of a node, as a transfer that was posted or held.
     *
     * @param ids is emptied of what is found
     */
    long missing(Set<UUID> ids, Topology.Node node) throws IOException {
        Rest ledger = answering(node).within(Duration.ofSeconds(30));
        long from = 0;
        long size = 1;
        while (from < size && !ids.isEmpty()) {
            Rest.Answer page = ledger.get("/v1/journal?from=" + from + "&limit=" + PAGE_LEAVES)
                    .orFail();
            size = Long.parseLong(page.headers().getOrDefault("x-journal-size", "0"));
            long read = strike(page.body(), ids);
            if (read == 0 && from < size) {
                throw new IllegalStateException("node " + node.id() + ": expected leaves from " + from + " of " + size
                        + " but the page is empty");
            }
            from += read;
        }
        return ids.size();
    }

    /** The wanted node, or when its gate is shut another one: the question is about the ledger, not the node. */
    private Rest answering(Topology.Node wanted) throws IOException {
        if (reader(wanted).get("/v1/sums").accepted()) {
            return reader(wanted);
        }
        for (Topology.Node node : cluster.topology().nodes()) {
            if (reader(node).get("/v1/sums").accepted()) {
                return reader(node);
            }
        }
        throw new IllegalStateException("no node's gate is open; see " + cluster.logs());
    }

    /** Frames: {@code u32 length | u32 CRC32C | leaf}; see docs/encoding.md. */
    private static long strike(byte[] frames, Set<UUID> ids) {
        ByteBuffer in = ByteBuffer.wrap(frames);
        long leaves = 0;
        while (in.remaining() >= 8) {
            int length = in.getInt();
            in.getInt();
            int start = in.position();
            int type = in.get(start + 1);
            if (type == POSTED || type == HELD) {
                int id = start + LEAF_HEADER_BYTES;
                ids.remove(new UUID(in.getLong(id), in.getLong(id + 8)));
            }
            in.position(start + length);
            leaves++;
        }
        return leaves;
    }

    TreeMap<String, Long> sums() throws IOException {
        TreeMap<String, Long> sums = new TreeMap<>();
        JsonNode found = anyReader().get("/v1/sums").orFail().json().path("sums");
        found.properties().forEach(sum -> sums.put(sum.getKey(), sum.getValue().asLong()));
        return sums;
    }

    /** Newest attested Raft index, so that a later comparison can be asked to lie behind it. */
    long newestAttested() throws IOException {
        return anyReader()
                .get("/v1/attestations")
                .orFail()
                .json()
                .path("attestations")
                .path(0)
                .path("raftIndex")
                .asLong();
    }

    /** Whether all nodes attested one and the same digest at some index after the given one. */
    boolean digestsEqual(long after) throws IOException {
        long deadline = System.nanoTime() + DIGESTS_WITHIN.toNanos();
        CountDownLatch never = new CountDownLatch(1);
        while (System.nanoTime() < deadline) {
            for (JsonNode one :
                    anyReader().get("/v1/attestations").orFail().json().path("attestations")) {
                JsonNode digests = one.path("digests");
                if (one.path("raftIndex").asLong() > after
                        && digests.size() == cluster.topology().nodes().size()) {
                    return digests.valueStream().distinct().count() == 1;
                }
            }
            try {
                never.await(200, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return false;
    }

    private AnyNode anyReader() {
        return AnyNode.of(cluster.http(), cluster.topology().urls(), cluster.token(Principal.OPERATOR));
    }

    private Rest reader(Topology.Node node) {
        return Rest.of(cluster.http(), node.url(), cluster.token(Principal.OPERATOR));
    }
}
