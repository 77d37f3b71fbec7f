package io.homeostat.merkle.bundle;

import io.homeostat.merkle.Checkpoint;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.Proofs;
import io.homeostat.merkle.SignedNote;
import java.util.List;

/**
 * That a ledger opened an approval case, for somebody who can not ask it: the leaf, its path to a head (RFC 9162 section
 * 2.1.3), and the head signed by a node of the genesis. What {@code GET /v1/cases/ID/proof} answers. Immutable.
 *
 * @param hashes from the leaf to the root of {@code head}
 */
public record CaseProof(byte[] leaf, long sequence, List<byte[]> hashes, SignedNote head) {
    public CaseProof {
        leaf = leaf.clone();
        hashes = List.copyOf(hashes);
    }

    @Override
    public byte[] leaf() {
        return leaf.clone();
    }

    /**
     * The leaf by which the case was opened.
     *
     * @throws IllegalArgumentException saying what does not hold
     */
    public Leaf.CaseOpened openedIn(Genesis genesis) {
        Checkpoint checkpoint = Checkpoint.parse(head.text());
        require(genesis.signed(head), "no node of ledger '" + genesis.ledgerName() + "' signed its head");
        require(
                sequence >= 0
                        && sequence < checkpoint.size()
                        && Proofs.verifyInclusion(
                                sequence, checkpoint.size(), MerkleTree.leafHash(leaf), hashes, checkpoint.root()),
                "its leaf does not stand below its head");
        if (LeafDecoder.decode(leaf) instanceof Leaf.CaseOpened opened && opened.sequence() == sequence) {
            return opened;
        }
        throw new IllegalArgumentException("leaf " + sequence + " opens no case");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
