package io.homeostat.ledger.simulation;

import io.homeostat.ledger.gate.Genesis;
import io.homeostat.merkle.bundle.Leaf;
import io.homeostat.merkle.bundle.LeafDecoder;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Reads leaves in order, with the proof module's decoder and none of the ledger's deciders, and complains of any gated money
 * that moved without its approvals, and of a commit time that does not grow from one batch to the next.
 */
final class GateAudit {
    private final Genesis genesis;
    /** Signatures that some key really made, as hex: nothing else may ever stand in the journal. */
    private final Set<String> genuine;

    private final Map<UUID, Leaf.TransferHeld> gated = new HashMap<>();
    private final Map<UUID, Set<String>> approvers = new HashMap<>();
    private final Map<String, Long> assetless = new HashMap<>();
    private long time;
    private int approvedPostings;

    GateAudit(Genesis genesis, Set<String> genuine) {
        this.genesis = genesis;
        this.genuine = genuine;
    }

    /** Gated transfers that were posted, with all their approvals. */
    int approvedPostings() {
        return approvedPostings;
    }

    void read(byte[] leaf) {
        read(LeafDecoder.decode(leaf));
    }

    void read(Leaf leaf) {
        if (leaf.timeMicros() < time) {
            throw new SimulationFailed("leaf " + leaf.sequence() + " has time " + leaf.timeMicros() + " after " + time);
        }
        time = leaf.timeMicros();
        if (leaf instanceof Leaf.AccountCreated account) {
            assetless.put(account.asset(), account.ordinal());
        } else if (leaf instanceof Leaf.TransferPosted posted) {
            require(posted.amount() < SimGenesis.MID || !eur(posted.debit()), leaf, "was posted at once");
        } else if (leaf instanceof Leaf.TransferHeld held) {
            require(held.gated() == (held.amount() >= SimGenesis.MID), leaf, "has the wrong gate");
            if (held.gated()) {
                gated.put(held.id(), held);
            }
        } else if (leaf instanceof Leaf.ApprovalRecorded approval) {
            approval(approval);
        } else if (leaf instanceof Leaf.HoldPosted posted && gated.containsKey(posted.id())) {
            posted(posted);
        }
    }

    /** The last account is the only one of another asset, and no tier is about it. */
    private boolean eur(long ordinal) {
        return !Long.valueOf(ordinal).equals(assetless.get("USD"));
    }

    private void approval(Leaf.ApprovalRecorded approval) {
        require(
                genuine.contains(
                        io.homeostat.merkle.Digests.hex(approval.signature().toArray())),
                approval,
                "carries a signature that nobody made");
        if (approval.caseId().startsWith("transfer:") && approval.approve()) {
            UUID id = UUID.fromString(approval.caseId().substring("transfer:".length()));
            approvers.computeIfAbsent(id, any -> new HashSet<>()).add(approval.keyId());
        }
    }

    private void posted(Leaf.HoldPosted posted) {
        Leaf.TransferHeld held = gated.get(posted.id());
        require(posted.amount() == held.amount(), posted, "posts another amount than was approved");
        Set<String> persons = new HashSet<>();
        int treasury = 0;
        int risk = 0;
        int both = 0;
        for (String keyId : approvers.getOrDefault(posted.id(), Set.of())) {
            Genesis.Key key = genesis.key(keyId).orElseThrow();
            require(!key.person().equals(held.requester()), posted, "was approved by its requester");
            require(persons.add(key.person()), posted, "was approved twice by one person");
            List<String> roles = key.roles();
            boolean isTreasury = roles.contains("treasury");
            boolean isRisk = roles.contains("risk");
            treasury += isTreasury && !isRisk ? 1 : 0;
            risk += isRisk && !isTreasury ? 1 : 0;
            both += isRisk && isTreasury ? 1 : 0;
        }
        int wantedTreasury = held.amount() >= SimGenesis.HIGH ? 2 : 1;
        int wantedRisk = held.amount() >= SimGenesis.HIGH ? 1 : 0;
        int missing = Math.max(0, wantedTreasury - treasury) + Math.max(0, wantedRisk - risk);
        require(missing <= both, posted, "was posted without its approvals: " + persons);
        approvedPostings++;
    }

    private static void require(boolean holds, Leaf leaf, String otherwise) {
        if (!holds) {
            throw new SimulationFailed("leaf " + leaf.sequence() + " " + otherwise + ": " + leaf);
        }
    }
}
