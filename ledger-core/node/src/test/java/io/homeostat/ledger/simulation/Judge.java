package io.homeostat.ledger.simulation;

import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.state.AccountView;
import io.homeostat.ledger.state.Command;
import io.homeostat.ledger.state.CommandCodec;
import io.homeostat.ledger.state.Ledger;
import io.homeostat.ledger.state.LedgerStateLimits;
import io.homeostat.ledger.testing.MemoryRowArchive;
import io.homeostat.merkle.JournalFault;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.Proofs;
import io.homeostat.merkle.bundle.Leaf;
import io.homeostat.merkle.bundle.LeafDecoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Says what is wrong. Replicas at one index must be equal, sums zero, time must grow, and the references that read the journal
 * ({@link GateAudit}, {@link MoneyAudit}) must agree; at the end all replicas and a replay from the beginning agree to the byte.
 */
final class Judge {
    /** What the first replica that applied an index made of it. */
    private record Truth(byte[] batch, byte[] root, int outcomes, long timeMicros, long leaves, byte[] digest) {}

    private final World world;
    private final Genesis genesis;
    private final LedgerStateLimits limits;
    private final Path base;
    private final GateAudit gate;
    private final MoneyAudit money = new MoneyAudit();
    /** By Raft index minus one. */
    private final List<Truth> truths = new ArrayList<>();

    private long auditedLeaves;

    Judge(World world, Genesis genesis, LedgerStateLimits limits, Path base, GateAudit gate) {
        this.world = world;
        this.genesis = genesis;
        this.limits = limits;
        this.base = base;
        this.gate = gate;
    }

    int entries() {
        return truths.size();
    }

    long leaves() {
        return auditedLeaves;
    }

    /** How often each kind of leaf was written, and how gated money was released. */
    Map<String, Long> happened() {
        return gate.happened();
    }

    void check(Replica replica, long index, byte[] batch, long before, List<Command.Outcome> outcomes) {
        Ledger ledger = replica.ledger;
        byte[] digest =
                ledger.digestIndex() == index ? ledger.stateDigest().getBytes(StandardCharsets.US_ASCII) : new byte[0];
        Truth found =
                new Truth(batch, ledger.root(), outcomes.hashCode(), ledger.timeMicros(), ledger.journalSize(), digest);
        if (ledger.timeMicros() <= before) {
            throw world.failed(
                    replica.id() + " at index " + index + ": time went from " + before + " to " + ledger.timeMicros(),
                    null);
        }
        if (replica.drifted) {
            // It may differ now; that it is found is what counts.
            return;
        }
        ledger.sums().sums().forEach((asset, sum) -> {
            if (sum != 0) {
                throw world.failed(replica.id() + " at index " + index + ": the sum of " + asset + " is " + sum, null);
            }
        });
        for (String id : Workload.LIMITED) {
            AccountView view = ledger.account(id).orElse(null);
            if (view != null && view.creditsPosted() - view.debitsPosted() - view.debitsHeld() < 0) {
                throw world.failed(replica.id() + " at index " + index + ": overdrawn: " + view, null);
            }
        }
        if (index > truths.size() + 1) {
            throw world.failed(replica.id() + " applied index " + index + " before " + truths.size(), null);
        }
        if (index == truths.size() + 1) {
            truths.add(found);
            world.traced(found.root());
            audit(ledger);
            return;
        }
        Truth truth = truths.get((int) index - 1);
        if (!Arrays.equals(truth.batch(), batch)) {
            throw world.failed("the simulated Raft committed two entries at index " + index, null);
        }
        if (!Arrays.equals(truth.root(), found.root())
                || truth.outcomes() != found.outcomes()
                || truth.timeMicros() != found.timeMicros()
                || truth.leaves() != found.leaves()) {
            throw world.failed(
                    replica.id() + " made something else of index " + index + " than the first replica did", null);
        }
        if (!Arrays.equals(truth.digest(), digest)) {
            throw world.failed(
                    replica.id() + " has another state digest at index " + index + " than the first replica", null);
        }
        if (world.random.nextInt(20) == 0) {
            prove(replica);
        }
    }

    boolean sameLeaves(Replica replica) {
        long size = replica.ledger.journalSize();
        Truth truth = truths.get((int) replica.applied - 1);
        return size == truth.leaves() && Arrays.equals(replica.ledger.root(), truth.root());
    }

    private void audit(Ledger ledger) {
        while (auditedLeaves < ledger.journalSize()) {
            for (byte[] leaf : ledger.readJournal(auditedLeaves, 1000, 1 << 20)) {
                Leaf read = LeafDecoder.decode(leaf);
                gate.read(read);
                money.read(read);
                auditedLeaves++;
            }
        }
    }

    private void prove(Replica replica) {
        Ledger ledger = replica.ledger;
        long size = ledger.journalSize();
        long sequence = Math.floorMod(world.random.nextLong(), size);
        try {
            byte[] leaf = ledger.readJournal(sequence, 1, 1 << 20).get(0);
            List<byte[]> proof = ledger.inclusionProof(sequence, size);
            if (!Proofs.verifyInclusion(sequence, size, MerkleTree.leafHash(leaf), proof, ledger.root())) {
                throw world.failed(replica.id() + " proves leaf " + sequence + " falsely", null);
            }
        } catch (JournalFault damage) {
            if (!replica.flipped) {
                throw world.failed(replica.id() + " found damage that nobody made: " + damage.getMessage(), damage);
            }
        }
    }

    void compareAll() {
        Replica first = world.replicas.get(0);
        byte[] snapshot = snapshot(first);
        audit(first.ledger);
        money.compare(first.ledger);
        for (Replica replica : world.replicas) {
            if (!Arrays.equals(replica.ledger.root(), first.ledger.root())
                    || !Arrays.equals(snapshot(replica), snapshot)) {
                throw world.failed(
                        replica.id() + " ends in another state than " + first.id() + ": " + world.state(), null);
            }
            allLeaves(replica);
        }
    }

    private void allLeaves(Replica replica) {
        try {
            MessageDigest mine = MerkleTree.newSha256();
            MessageDigest others = MerkleTree.newSha256();
            digestLeaves(replica.ledger, mine);
            digestLeaves(world.replicas.get(0).ledger, others);
            if (!Arrays.equals(mine.digest(), others.digest())) {
                throw world.failed(replica.id() + " serves other leaves than n1", null);
            }
        } catch (JournalFault damage) {
            boolean excused = replica.flipped || world.replicas.get(0).flipped;
            if (!excused) {
                throw world.failed(replica.id() + " found damage that nobody made", damage);
            }
        }
    }

    private static void digestLeaves(Ledger ledger, MessageDigest digest) {
        for (long at = 0; at < ledger.journalSize(); ) {
            List<byte[]> leaves = ledger.readJournal(at, 1000, 1 << 20);
            leaves.forEach(digest::update);
            at += leaves.size();
        }
    }

    private byte[] snapshot(Replica replica) {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            replica.ledger.writeSnapshot(out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All entries from the first on, by a replica that never crashed and never saw a snapshot. */
    void replayAll() {
        try (Ledger fresh = Ledger.open(base.resolve("replay"), new MemoryRowArchive(0), genesis, "n1", limits)) {
            for (int i = 0; i < truths.size(); i++) {
                fresh.apply(
                        i + 1, CommandCodec.decode(ByteBuffer.wrap(truths.get(i).batch())));
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            fresh.writeSnapshot(out);
            if (!Arrays.equals(out.toByteArray(), snapshot(world.replicas.get(0)))) {
                throw world.failed("a replay from the beginning ends in another state than the replicas", null);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
