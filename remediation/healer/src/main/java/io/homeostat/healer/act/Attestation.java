package io.homeostat.healer.act;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** State digests (lower-case hex) that nodes attested at one Raft index. */
public record Attestation(long raftIndex, Map<String, String> digests) {
    public Attestation {
        digests = Map.copyOf(digests);
    }

    /** The digest that more than half of {@code clusterSize} nodes attested here, if there is one. */
    public Optional<String> majorityDigest(int clusterSize) {
        return digests.values().stream()
                .collect(Collectors.groupingBy(d -> d, Collectors.counting()))
                .entrySet()
                .stream()
                .filter(e -> e.getValue() > clusterSize / 2)
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** The same round with what {@code node} says of itself, unless it attested here. */
    public Attestation withOwnWord(String node, String digest) {
        if (digests.containsKey(node)) {
            return this;
        }
        Map<String, String> more = new HashMap<>(digests);
        more.put(node, digest);
        return new Attestation(raftIndex, more);
    }

    public Set<String> holdersOf(String digest) {
        return digests.entrySet().stream()
                .filter(e -> e.getValue().equals(digest))
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }
}
