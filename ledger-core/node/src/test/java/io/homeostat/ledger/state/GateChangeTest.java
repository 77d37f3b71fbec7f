package io.homeostat.ledger.state;

import static io.homeostat.ledger.state.LedgerFixture.KEYS;
import static io.homeostat.ledger.state.LedgerFixture.SECOND;
import static io.homeostat.ledger.state.LedgerFixture.approve;
import static io.homeostat.ledger.state.LedgerFixture.keys;
import static io.homeostat.ledger.state.LedgerFixture.policy;
import static io.homeostat.ledger.state.LedgerFixture.tiersFrom;
import static io.homeostat.ledger.state.LedgerFixture.transfer;
import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.gate.KeyChange;
import io.homeostat.ledger.gate.KeyRegister;
import io.homeostat.ledger.state.LedgerFixture.Replica;
import io.homeostat.merkle.VerificationKey;
import io.homeostat.merkle.bundle.Leaf;
import io.homeostat.merkle.bundle.LeafDecoder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The policy and the keys change through the gate itself. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GateChangeTest {
    @TempDir
    Path directory;

    private Replica replica;
    private Ledger ledger;

    @BeforeEach
    void open() {
        replica = new Replica(directory.resolve("a")).withAccounts();
        ledger = replica.ledger;
    }

    @AfterEach
    void close() {
        replica.close();
    }

    @Test
    void a_policy_change_takes_effect_with_its_last_approval_and_not_before() {
        CaseView opened = propose(policy("raise", 1, tiersFrom(20_000)));
        assertThat(opened.kind()).isEqualTo("policy");
        assertThat(opened.change().baseVersion()).isEqualTo(1);

        assertThat(replica.apply(approve(opened, "t1", true)).status()).isEqualTo("open");
        assertThat(pay(15_000)).isEqualTo("held");
        assertThat(replica.apply(approve(opened, "r1", true)).status()).isEqualTo("approved");

        assertThat(pay(15_000)).isEqualTo("posted");
        assertThat(pay(20_000)).isEqualTo("held");
        PolicyView view = ledger.policyInForce();
        assertThat(view.policy().version()).isEqualTo(2);
        assertThat(view.policy().tiers()).isEqualTo(tiersFrom(20_000));
        assertThat(view.history()).extracting(v -> v.version()).containsExactly(1L, 2L);
        assertThat(view.history().get(1).caseId()).isEqualTo("policy:raise");
        Leaf.PolicyChanged changed = (Leaf.PolicyChanged) LeafDecoder.decode(
                ledger.readJournal(view.history().get(1).sequence(), 1, 1 << 20).get(0));
        assertThat(changed.version()).isEqualTo(2);
    }

    @Test
    void an_open_case_keeps_the_policy_under_which_it_was_opened() {
        UUID id = UUID.randomUUID();
        replica.apply(transfer(id, "bank", "ada", 50_000));
        CaseView money = ledger.caseOf("transfer:" + id).orElseThrow();
        List<Genesis.Tier> loose = new ArrayList<>(tiersFrom(10_000));
        loose.remove(1);
        change(policy("loose", 1, loose), "t2", "r1");

        assertThat(replica.apply(approve(money, "t1", true)).status()).isEqualTo("open");
        assertThat(ledger.caseOf(money.caseId()).orElseThrow().demands()).isEqualTo(money.demands());
        replica.apply(approve(money, "t2", true));
        assertThat(replica.apply(approve(money, "r1", true)).status()).isEqualTo("approved");
    }

    @Test
    void a_change_needs_what_the_policy_in_force_asks_and_not_what_the_new_one_would() {
        List<Genesis.Tier> easy = new ArrayList<>(tiersFrom(1_000_000));
        easy.set(
                3,
                new Genesis.Tier(
                        "rules",
                        Genesis.Kind.POLICY,
                        "",
                        0,
                        3600,
                        List.of(new io.homeostat.ledger.journal.LedgerEvent.Demand("operations", 1))));
        CaseView opened = propose(policy("easy", 1, easy));

        assertThat(replica.apply(approve(opened, "o1", true)).reason()).isEqualTo(Reason.ROLE_NOT_DEMANDED);
        assertThat(ledger.policyInForce().policy().version()).isEqualTo(1);
    }

    @Test
    void after_a_while_an_escalation_role_may_stand_in_for_whoever_is_missing() {
        CaseView opened = propose(policy("raise", 1, tiersFrom(20_000)));
        replica.apply(approve(opened, "t1", true));
        replica.now = opened.openedAtMicros() + 600 * SECOND - 2;
        assertThat(replica.apply(approve(opened, "o1", true)).reason()).isEqualTo(Reason.ROLE_NOT_DEMANDED);

        replica.now = opened.openedAtMicros() + 600 * SECOND;
        assertThat(replica.apply(approve(opened, "o1", true)).status()).isEqualTo("approved");
        assertThat(ledger.caseOf(opened.caseId())
                        .orElseThrow()
                        .approvals()
                        .get(1)
                        .role())
                .isEqualTo("risk");
    }

    @Test
    void when_a_policy_takes_effect_other_proposals_for_the_same_version_are_superseded() {
        CaseView other = propose(policy("other", 1, tiersFrom(30_000)));
        change(policy("raise", 1, tiersFrom(20_000)), "t1", "r1");

        assertThat(ledger.caseOf(other.caseId()).orElseThrow().state()).isEqualTo("superseded");
        assertThat(replica.apply(approve(other, "t1", true)).reason()).isEqualTo(Reason.CASE_NOT_OPEN);
        assertThat(replica.apply(policy("stale", 1, tiersFrom(30_000))).reason())
                .isEqualTo(Reason.POLICY_STALE);
        assertThat(ledger.policyInForce().policy().tiers()).isEqualTo(tiersFrom(20_000));
    }

    @Test
    void a_policy_that_nobody_could_fill_or_change_again_is_refused() {
        List<Genesis.Tier> tiers = new ArrayList<>(tiersFrom(1));
        tiers.removeIf(t -> t.kind() == Genesis.Kind.KEYS);
        assertThat(replica.apply(policy("a", 1, tiers)).reason()).isEqualTo(Reason.POLICY_UNFILLABLE);
        tiers = new ArrayList<>(tiersFrom(1));
        tiers.add(new Genesis.Tier(
                "odd",
                Genesis.Kind.TRANSFER,
                "USD",
                1,
                60,
                List.of(new io.homeostat.ledger.journal.LedgerEvent.Demand("nobody", 1))));
        assertThat(replica.apply(policy("b", 1, tiers)).reason()).isEqualTo(Reason.POLICY_UNFILLABLE);
    }

    @Test
    void the_same_proposal_twice_is_one_and_another_under_its_id_is_refused() {
        propose(policy("raise", 1, tiersFrom(20_000)));

        assertThat(replica.apply(policy("raise", 1, tiersFrom(20_000))).reason())
                .isEqualTo(Reason.DUPLICATE);
        assertThat(replica.apply(policy("raise", 1, tiersFrom(20_001))).reason())
                .isEqualTo(Reason.CASE_EXISTS);
        assertThat(last(Leaf.Refused.class).reasonCode()).isEqualTo(Reason.CASE_EXISTS.number());
    }

    @Test
    void no_more_than_sixteen_changes_wait_at_a_time() {
        for (int i = 0; i < 16; i++) {
            propose(policy("p" + i, 1, tiersFrom(20_000 + i)));
        }

        assertThat(replica.apply(policy("p16", 1, tiersFrom(1))).reason()).isEqualTo(Reason.TOO_MANY_CHANGES);
        replica.apply(approve(ledger.caseOf("policy:p0").orElseThrow(), "t1", false));
        assertThat(replica.apply(policy("p16", 1, tiersFrom(1))).reason()).isEqualTo(Reason.OK);
    }

    @Test
    void a_registered_key_signs_from_its_index_on() {
        CaseView money = gated();
        assertThat(replica.apply(approve(money, "n1", true)).reason()).isEqualTo(Reason.KEY_UNKNOWN);

        change(keys("new", register("n1", "n1", "treasury")), "t1", "t2");

        assertThat(replica.apply(approve(money, "n1", true)).reason()).isEqualTo(Reason.OK);
        replica.apply(approve(money, "t1", true));
        assertThat(replica.apply(approve(money, "r1", true)).status()).isEqualTo("approved");
    }

    @Test
    void rotation_keeps_the_person_and_what_the_old_key_signed() {
        CaseView money = gated();
        replica.apply(approve(money, "t1", true));
        change(keys("rotate", new KeyChange.Rotate("t1", "t1c", publicKey("t1c"))), "t2", "t3");

        assertThat(ledger.caseOf(money.caseId()).orElseThrow().approvals()).hasSize(1);
        assertThat(replica.apply(approve(money, "t1", true)).reason()).isEqualTo(Reason.KEY_NOT_ACTIVE);
        assertThat(replica.apply(approve(money, "t1c", true)).reason()).isEqualTo(Reason.PERSON_HAS_DECIDED);
        replica.apply(approve(money, "t2", true));
        assertThat(replica.apply(approve(money, "r1", true)).status()).isEqualTo("approved");
    }

    @Test
    void what_a_revoked_key_signed_for_open_cases_counts_no_more() {
        CaseView money = gated();
        replica.apply(approve(money, "t1b", true));
        change(keys("lost", new KeyChange.Revoke("t1b")), "t2", "t3");

        assertThat(ledger.caseOf(money.caseId()).orElseThrow().approvals()).isEmpty();
        assertThat(replica.apply(approve(money, "t1b", true)).reason()).isEqualTo(Reason.KEY_NOT_ACTIVE);
        replica.apply(approve(money, "t2", true));
        assertThat(replica.apply(approve(money, "r1", true)).status()).isEqualTo("open");
        assertThat(replica.apply(approve(money, "t1", true)).status()).isEqualTo("approved");
    }

    @Test
    void a_person_without_the_role_any_more_does_not_count_for_it() {
        CaseView money = gated();
        replica.apply(approve(money, "t3", true));
        change(keys("moved", new KeyChange.Roles("t3", List.of("operations"))), "t1", "t2");

        assertThat(ledger.caseOf(money.caseId()).orElseThrow().approvals()).isEmpty();
        assertThat(replica.apply(approve(money, "t3", true)).reason()).isEqualTo(Reason.ROLE_NOT_DEMANDED);
    }

    @Test
    void nobody_approves_the_change_of_an_own_key_with_whatever_key() {
        CaseView opened = propose(keys("lost", new KeyChange.Revoke("t1b")));

        assertThat(replica.apply(approve(opened, "t1", true)).reason()).isEqualTo(Reason.APPROVER_IS_SUBJECT);
        assertThat(replica.apply(approve(opened, "t1b", true)).reason()).isEqualTo(Reason.APPROVER_IS_SUBJECT);
        assertThat(replica.apply(approve(opened, "t1", false)).reason()).isEqualTo(Reason.APPROVER_IS_SUBJECT);
    }

    @Test
    void a_key_id_and_a_public_key_are_used_once_and_for_all() {
        assertThat(replica.apply(keys("a", register("t1", "x", "treasury"))).reason())
                .isEqualTo(Reason.KEY_EXISTS);
        KeyChange stolen = new KeyChange.Register(
                new Genesis.Key("new", "x", List.of("treasury"), KEYS.get("t1").publicKey()));
        assertThat(replica.apply(keys("b", stolen)).reason()).isEqualTo(Reason.KEY_EXISTS);
        change(keys("c", new KeyChange.Revoke("t1b")), "t2", "t3");
        assertThat(replica.apply(keys("d", register("t1b", "t1", "treasury"))).reason())
                .isEqualTo(Reason.KEY_EXISTS);
        assertThat(replica.apply(keys("e", new KeyChange.Revoke("t1b"))).reason())
                .isEqualTo(Reason.KEY_NOT_ACTIVE);
        assertThat(replica.apply(keys("f", new KeyChange.Roles("nobody", List.of("x"))))
                        .reason())
                .isEqualTo(Reason.KEY_NOT_ACTIVE);
    }

    @Test
    void a_change_of_keys_that_would_strand_the_gate_is_refused_and_one_that_has_become_such_is_superseded() {
        change(keys("one", new KeyChange.Roles("t3", List.of("risk"))), "t1", "t2");
        assertThat(replica.apply(keys("two", new KeyChange.Revoke("t2"))).reason())
                .isEqualTo(Reason.GATE_STRANDED);

        change(keys("three", register("n1", "n1", "treasury")), "t1", "t2");
        CaseView first = propose(keys("first", new KeyChange.Roles("n1", List.of("risk"))));
        CaseView second = propose(keys("second", new KeyChange.Revoke("t2")));
        replica.apply(approve(first, "t1", true));
        assertThat(replica.apply(approve(first, "t2", true)).status()).isEqualTo("approved");

        assertThat(ledger.caseOf(second.caseId()).orElseThrow().state()).isEqualTo("superseded");
    }

    @Test
    void a_replica_that_begins_from_a_snapshot_knows_policy_keys_and_open_changes() throws Exception {
        CaseView money = gated();
        replica.apply(approve(money, "t1", true));
        change(keys("rotate", new KeyChange.Rotate("t2", "t1c", publicKey("t1c"))), "t1", "t3");
        change(policy("raise", 1, tiersFrom(20_000)), "t1", "r1");
        CaseView waiting = propose(policy("more", 2, tiersFrom(30_000)));
        replica.apply(approve(waiting, "t1", true));
        ByteArrayOutputStream snapshot = new ByteArrayOutputStream();
        ledger.writeSnapshot(snapshot);

        try (Replica other = new Replica(directory.resolve("b"))) {
            other.ledger.restore(new ByteArrayInputStream(snapshot.toByteArray()));
            other.ledger.backfill(ledger.readJournal(0, 10_000, 1 << 24));
            other.index = replica.index;
            other.now = replica.now;

            assertThat(other.ledger.policyInForce().policy().tiers()).isEqualTo(tiersFrom(20_000));
            assertThat(other.ledger.policyInForce().keys())
                    .filteredOn(e -> e.status() == KeyRegister.Status.ROTATED)
                    .extracting(e -> e.key().keyId())
                    .containsExactly("t2");
            for (Replica each : List.of(replica, other)) {
                assertThat(each.apply(approve(waiting, "r1", true)).status()).isEqualTo("approved");
                assertThat(each.apply(approve(money, "t2", true)).reason()).isEqualTo(Reason.KEY_NOT_ACTIVE);
            }
            assertThat(other.ledger.root()).isEqualTo(ledger.root());
            assertThat(other.ledger.policyInForce().policy().version()).isEqualTo(3);
        }
    }

    private CaseView gated() {
        UUID id = UUID.randomUUID();
        replica.apply(transfer(id, "bank", "ada", 50_000));
        return ledger.caseOf("transfer:" + id).orElseThrow();
    }

    private String pay(long amount) {
        return replica.apply(transfer(UUID.randomUUID(), "bank", "ada", amount)).status();
    }

    private CaseView propose(Command.ProposeChange change) {
        assertThat(replica.apply(change).reason()).isEqualTo(Reason.OK);
        return ledger.caseOf(change.caseId()).orElseThrow();
    }

    private void change(Command.ProposeChange change, String... approvers) {
        CaseView opened = propose(change);
        for (String keyId : approvers) {
            assertThat(replica.apply(approve(opened, keyId, true)).reason()).isEqualTo(Reason.OK);
        }
        assertThat(ledger.caseOf(change.caseId()).orElseThrow().state()).isEqualTo("approved");
    }

    private static KeyChange register(String keyId, String person, String... roles) {
        return new KeyChange.Register(
                new Genesis.Key(keyId, person, List.of(roles), KEYS.get(keyId).publicKey()));
    }

    private static VerificationKey publicKey(String keyId) {
        return VerificationKey.ed25519(KEYS.get(keyId).publicKey());
    }

    private <T extends Leaf> T last(Class<T> type) {
        return ledger.readJournal(0, 100_000, 1 << 26).stream()
                .map(LeafDecoder::decode)
                .filter(type::isInstance)
                .map(type::cast)
                .reduce((a, b) -> b)
                .orElseThrow();
    }
}
