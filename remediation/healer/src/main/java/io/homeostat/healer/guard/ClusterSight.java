package io.homeostat.healer.guard;

import io.homeostat.events.NodeProbe;
import io.homeostat.events.ProcessState;
import io.homeostat.events.SidecarStatus;
import io.homeostat.healer.act.ActFault;
import io.homeostat.healer.act.Attestation;
import io.homeostat.healer.act.LedgerApi;
import io.homeostat.healer.act.LedgerNodes;
import io.homeostat.healer.act.SidecarApi;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the cluster from outside the sick node: the ledger's peers and all sidecars are asked at the same time, so a
 * look costs one time limit and not three. What can not be seen is not guessed. Thread-safe.
 */
public final class ClusterSight {
    private final List<String> nodeIds;
    private final LedgerApi ledger;
    private final SidecarApi sidecars;
    private final Executor executor;

    public ClusterSight(List<String> nodeIds, LedgerApi ledger, SidecarApi sidecars, Executor executor) {
        this.nodeIds = List.copyOf(nodeIds);
        this.ledger = ledger;
        this.sidecars = sidecars;
        this.executor = executor;
    }

    public ClusterView look(String sickNode) {
        CompletableFuture<Map<String, SidecarStatus>> asked =
                CompletableFuture.supplyAsync(sidecars::statuses, executor);
        CompletableFuture<Optional<List<Attestation>>> attested =
                CompletableFuture.supplyAsync(() -> ifAnswered(() -> ledger.attestations(sickNode)), executor);
        Optional<LedgerNodes> nodes = ifAnswered(() -> ledger.nodes(sickNode));
        return view(sickNode, nodes, join(attested), join(asked));
    }

    private ClusterView view(
            String sickNode,
            Optional<LedgerNodes> ledgerNodes,
            Optional<List<Attestation>> attestations,
            Map<String, SidecarStatus> statuses) {
        Set<String> verified = attestations
                .map(a -> verifiedByLedger(a, nodeIds.size()))
                .orElseGet(() -> verifiedByProbes(statuses, nodeIds.size()));
        List<NodeView> views = nodeIds.stream()
                .map(id -> {
                    Optional<LedgerNodes.Node> node = ledgerNodes.flatMap(n -> n.node(id));
                    SidecarStatus status = statuses.get(id);
                    NodeProbe probe = status == null ? null : status.probe();
                    return new NodeView(
                            id,
                            node.map(LedgerNodes.Node::member).orElse(probe == null || probe.member()),
                            node.map(LedgerNodes.Node::isolated).orElse(false),
                            healthy(status),
                            verified.contains(id));
                })
                .toList();
        Set<String> unseen =
                nodeIds.stream().filter(id -> !statuses.containsKey(id)).collect(Collectors.toSet());
        return new ClusterView(
                views,
                leader(sickNode, ledgerNodes, statuses),
                statuses.values().stream()
                        .filter(s -> !s.node().equals(sickNode) && healthy(s))
                        .map(SidecarStatus::probe)
                        .mapToLong(p -> p == null ? 0 : p.commitIndex())
                        .max()
                        .orElse(0),
                attestations.orElse(List.of()).stream()
                        .mapToLong(Attestation::raftIndex)
                        .max()
                        .orElse(0),
                ledgerNodes.isPresent(),
                unseen);
    }

    private static String leader(String sickNode, Optional<LedgerNodes> nodes, Map<String, SidecarStatus> statuses) {
        String byLedger = nodes.map(LedgerNodes::leader).orElse(null);
        if (byLedger != null && !byLedger.isEmpty()) {
            return byLedger;
        }
        return statuses.values().stream()
                .filter(s -> !s.node().equals(sickNode) && healthy(s))
                .map(SidecarStatus::probe)
                .map(p -> p == null || p.leaderId() == null ? "" : p.leaderId())
                .filter(l -> !l.isEmpty())
                .findFirst()
                .orElse("");
    }

    private static boolean healthy(@Nullable SidecarStatus status) {
        if (status == null || status.process() != ProcessState.RUNNING) {
            return false;
        }
        NodeProbe probe = status.probe();
        return probe != null && probe.ready() && probe.raftLogAlive() && "open".equals(probe.gate());
    }

    /** A node is verified when a majority shares the digest of the newest decided attestation it took part in. */
    static Set<String> verifiedByLedger(List<Attestation> attestations, int clusterSize) {
        List<Attestation> newestFirst = attestations.stream()
                .filter(a -> a.majorityDigest(clusterSize).isPresent())
                .sorted(Comparator.comparingLong(Attestation::raftIndex).reversed())
                .toList();
        Map<String, Boolean> byNode = new HashMap<>();
        for (Attestation attestation : newestFirst) {
            Set<String> holders = attestation.holdersOf(
                    attestation.majorityDigest(clusterSize).orElse(""));
            attestation.digests().keySet().forEach(node -> byNode.putIfAbsent(node, holders.contains(node)));
        }
        return byNode.entrySet().stream()
                .filter(Map.Entry::getValue)
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Without the ledger: nodes whose probes show the same digest at the same index, if they are a majority. */
    static Set<String> verifiedByProbes(Map<String, SidecarStatus> statuses, int clusterSize) {
        Map<Long, Map<String, String>> byIndex = new HashMap<>();
        statuses.values().forEach(status -> {
            NodeProbe probe = status.probe();
            if (probe != null && probe.digestIndex() > 0 && !probe.stateDigest().isEmpty()) {
                byIndex.computeIfAbsent(probe.digestIndex(), i -> new HashMap<>())
                        .put(status.node(), probe.stateDigest());
            }
        });
        return verifiedByLedger(
                byIndex.entrySet().stream()
                        .map(e -> new Attestation(e.getKey(), e.getValue()))
                        .toList(),
                clusterSize);
    }

    private static <T> Optional<T> ifAnswered(Supplier<T> ask) {
        try {
            return Optional.of(ask.get());
        } catch (ActFault e) {
            // Not seen is a finding of its own: the caller sees it in ledgerAnswered and in the verdict of the guard.
            return Optional.empty();
        }
    }

    private static <T> T join(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
