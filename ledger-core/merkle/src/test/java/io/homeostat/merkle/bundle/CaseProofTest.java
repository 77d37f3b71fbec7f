package io.homeostat.merkle.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.merkle.Ed25519;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.SignedNote;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class CaseProofTest {
    private final TestLedger ledger = new TestLedger()
            .genesis()
            .caseOpened("recovery:plan-1", 2, TestLedger.sha("plan"), "healer", 99_000_000, "operations", 2);
    private final byte[] leaf = ledger.leaves.get(1);
    private final Genesis genesis = GateFollower.begin(ledger.leaves.get(0)).genesis();
    /** Of two leaves, the path of the second is the hash of the first. */
    private final List<byte[]> path = List.of(MerkleTree.leafHash(ledger.leaves.get(0)));

    @Test
    void a_leaf_below_a_signed_head_tells_what_the_case_asks_for() {
        Leaf.CaseOpened opened = proof(leaf, 1, path, ledger.checkpoint()).openedIn(genesis);

        assertThat(opened.caseId()).isEqualTo("recovery:plan-1");
        assertThat(opened.demands()).containsExactly(new Demand("operations", 2));
    }

    @Test
    void a_changed_leaf_another_place_and_another_path_prove_nothing() {
        byte[] head = ledger.checkpoint();

        refused(proof(TestLedger.flip(leaf, leaf.length - 1), 1, path, head), "does not stand below its head");
        refused(proof(leaf, 0, path, head), "does not stand below its head");
        refused(proof(leaf, 2, path, head), "does not stand below its head");
        refused(proof(leaf, -1, path, head), "does not stand below its head");
        refused(proof(leaf, 1, List.of(), head), "does not stand below its head");
    }

    @Test
    void a_head_that_no_node_of_the_genesis_signed_proves_nothing() {
        refused(proof(leaf, 1, path, ledger.checkpoint("n1", Ed25519.generate())), "no node of ledger");
        refused(proof(leaf, 1, path, ledger.checkpoint("n9", Ed25519.generate())), "no node of ledger");
    }

    @Test
    void another_leaf_opens_no_case() {
        refused(
                proof(ledger.leaves.get(0), 0, List.of(MerkleTree.leafHash(leaf)), ledger.checkpoint()),
                "leaf 0 opens no case");
    }

    private void refused(CaseProof proof, String why) {
        assertThatThrownBy(() -> proof.openedIn(genesis))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }

    private static CaseProof proof(byte[] leaf, long sequence, List<byte[]> hashes, byte[] head) {
        return new CaseProof(leaf, sequence, hashes, SignedNote.parse(head));
    }
}
