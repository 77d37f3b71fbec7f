package io.homeostat.ledger.state;

import io.homeostat.ledger.gate.Genesis;
import java.util.HashMap;
import java.util.Map;

/** What the ledger knows of each genesis node, numbered in the order of the genesis. Not thread-safe. */
final class NodeRegister {
    static final int NONE = -1;
    private static final byte[] NO_DIGEST = new byte[0];

    private final Map<String, Integer> numbers = new HashMap<>();
    private final Entry[] entries;
    private final int majority;

    /** Isolation and divergence end together, when the node is admitted. */
    static final class Entry {
        boolean isolated;
        boolean diverged;
        String incidentId = "";
        long attestedIndex;
        byte[] digest = NO_DIGEST;
    }

    NodeRegister(Genesis genesis) {
        entries = new Entry[genesis.nodes().size()];
        for (int i = 0; i < entries.length; i++) {
            numbers.put(genesis.nodes().get(i).id(), i);
            entries[i] = new Entry();
        }
        majority = genesis.majority();
    }

    int number(String node) {
        return numbers.getOrDefault(node, NONE);
    }

    int count() {
        return entries.length;
    }

    Entry entry(int node) {
        return entries[node];
    }

    /** False from its divergence to its admission: what the node attests meanwhile helps no majority. */
    boolean trusted(int node) {
        return !entries[node].diverged;
    }

    /**
     * The ledger's own quorum guard. A diverged node has stopped itself, so it is not counted among those that are left,
     * isolated or not.
     */
    boolean quorumLeftWithout(int node) {
        int left = 0;
        for (int i = 0; i < entries.length; i++) {
            if (i != node && !entries[i].isolated && !entries[i].diverged) {
                left++;
            }
        }
        return left >= majority;
    }

    void admit(int node) {
        Entry entry = entries[node];
        entry.isolated = false;
        entry.diverged = false;
        entry.incidentId = "";
        entry.attestedIndex = 0;
        entry.digest = NO_DIGEST;
    }
}
