package io.homeostat.ledger.attest;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Who attested which digest for which Raft index. It is part of the replicated state: every replica counts the same votes
 * and so names the same node. Nodes are numbered in the order of the genesis. Not thread-safe.
 */
public final class AttestationTally {
    private final int majority;
    private final int kept;
    private final Deque<Round> rounds = new ArrayDeque<>();

    /** @param kept newest rounds that are remembered */
    public AttestationTally(int majority, int kept) {
        this.majority = majority;
        this.kept = kept;
    }

    /** One index at which every node attests. */
    public static final class Round {
        private final long raftIndex;
        private final Map<Integer, byte[]> digests = new HashMap<>();

        private Round(long raftIndex) {
            this.raftIndex = raftIndex;
        }

        public long raftIndex() {
            return raftIndex;
        }

        /** Whether any node has attested. */
        public boolean voted() {
            return !digests.isEmpty();
        }

        /** Null until the node has attested. */
        public byte @Nullable [] digest(int node) {
            return digests.get(node);
        }
    }

    /** An attestation has fallen due: every node may vote for this index from now on. */
    public void open(long raftIndex) {
        rounds.addLast(new Round(raftIndex));
        if (rounds.size() > kept) {
            rounds.removeFirst();
        }
    }

    /** Null when no attestation is due for this index, or it is too old to be counted. */
    public @Nullable Round round(long raftIndex) {
        for (Iterator<Round> newest = rounds.descendingIterator(); newest.hasNext(); ) {
            Round round = newest.next();
            if (round.raftIndex == raftIndex) {
                return round;
            }
        }
        return null;
    }

    public void vote(long raftIndex, int node, byte[] digest) {
        Round round = round(raftIndex);
        if (round != null) {
            round.digests.put(node, digest);
        }
    }

    /**
     * The digest on which a majority of all nodes agrees; null when there is none yet.
     *
     * @param counts whether the vote of a node, by number, helps a majority
     */
    public byte @Nullable [] majority(Round round, IntPredicate counts) {
        return majority(round.digests, counts);
    }

    /** The same, were {@code node} to vote for {@code digest}. */
    public byte @Nullable [] majorityWith(Round round, int node, byte[] digest, IntPredicate counts) {
        Map<Integer, byte[]> votes = new HashMap<>(round.digests);
        votes.put(node, digest);
        return majority(votes, counts);
    }

    private byte @Nullable [] majority(Map<Integer, byte[]> votes, IntPredicate counts) {
        for (byte[] wanted : votes.values()) {
            int agreeing = 0;
            for (Map.Entry<Integer, byte[]> vote : votes.entrySet()) {
                if (counts.test(vote.getKey()) && Arrays.equals(vote.getValue(), wanted)) {
                    agreeing++;
                }
            }
            if (agreeing >= majority) {
                return wanted;
            }
        }
        return null;
    }

    /** The node was rebuilt: what it said before says nothing about it now. */
    public void forget(int node) {
        for (Round round : rounds) {
            round.digests.remove(node);
        }
    }

    /** Oldest first. */
    public List<Round> rounds() {
        return new ArrayList<>(rounds);
    }
}
