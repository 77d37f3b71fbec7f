package io.homeostat.merkle.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LeafDecoderTest {
    static List<GoldenLeaves.Golden> goldens() {
        return GoldenLeaves.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("goldens")
    void a_leaf_cut_short_or_made_longer_is_refused_at_every_length(GoldenLeaves.Golden golden) {
        byte[] leaf = golden.leaf();
        LeafDecoder.decode(leaf);
        for (int length = 0; length < leaf.length; length++) {
            byte[] cut = Arrays.copyOf(leaf, length);
            LeafMalformed refusal = catchThrowableOfType(LeafMalformed.class, () -> LeafDecoder.decode(cut));
            assertThat(refusal).as("%s cut to %d", golden.name(), length).isNotNull();
            assertThat(refusal.offset()).isBetween(0, length);
        }
        assertThatThrownBy(() -> LeafDecoder.decode(Arrays.copyOf(leaf, leaf.length + 1)))
                .isInstanceOf(LeafMalformed.class)
                .hasMessageContaining("stand behind");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("goldens")
    void any_other_bytes_are_another_leaf_or_refused(GoldenLeaves.Golden golden) {
        Leaf original = LeafDecoder.decode(golden.leaf());
        Random random = new Random(16);
        for (int i = 0; i < golden.leaf().length; i++) {
            byte[] changed = golden.leaf().clone();
            changed[i] ^= (byte) (1 + random.nextInt(255));
            Leaf decoded;
            try {
                decoded = LeafDecoder.decode(changed);
            } catch (LeafMalformed e) {
                continue;
            }
            assertThat(decoded).as("%s, byte %d", golden.name(), i).isNotEqualTo(original);
        }
    }

    @Test
    void the_fields_come_out() {
        List<Leaf> leaves = GoldenLeaves.all().stream()
                .map(g -> LeafDecoder.decode(g.leaf()))
                .toList();

        assertThat(leaves)
                .extracting(Leaf::sequence)
                .startsWith(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L, 12L, 13L, 14L, 15L)
                .contains(49L, 50L, 51L, 69L, 29L, 30L);
        assertThat(((Leaf.LegsPosted) leaves.get(leaves.size() - 2)).legs())
                .containsExactly(new Leaf.Leg(0, -300), new Leaf.Leg(1, 299), new Leaf.Leg(0xffff_ffffL, 1));
        assertThat(leaves.get(leaves.size() - 1))
                .isEqualTo(new Leaf.TransferTerms(
                        30,
                        TestLedger.START + 30_000,
                        TestLedger.uuid(4),
                        java.util.OptionalInt.of(19_700),
                        java.util.Optional.of(TestLedger.uuid(3)),
                        2));
        assertThat(leaves.get(1))
                .isEqualTo(new Leaf.AccountCreated(1, TestLedger.START + 1000, 7, "Customer:1._-x", "EUR", 2, 1, true));
        assertThat(leaves.get(3))
                .isEqualTo(new Leaf.TransferHeld(
                        3,
                        TestLedger.START + 3000,
                        TestLedger.uuid(2),
                        0,
                        0xffff_ffffL,
                        Long.MAX_VALUE,
                        TestLedger.START + 1,
                        "desk-\u00fc",
                        true));
        assertThat(leaves.get(5)).isEqualTo(new Leaf.HoldVoided(5, TestLedger.START + 5000, TestLedger.uuid(2), true));
        assertThat(((Leaf.CaseOpened) leaves.get(7)).demands())
                .containsExactly(new Demand("treasury", 2), new Demand("risk", 1));
        assertThat(((Leaf.ApprovalRecorded) leaves.get(8)).approve()).isTrue();
        assertThat(((Leaf.CaseDecided) leaves.get(9)).outcome()).isEqualTo(Leaf.Outcome.EXPIRED);
        Genesis genesis = ((Leaf.GenesisLeaf) leaves.get(0)).genesis();
        assertThat(genesis.ledgerName()).isEqualTo("demo-ledger");
        assertThat(genesis.nodes()).extracting(Genesis.Node::zone).containsExactly("zone-a", "zone-b", "zone-c");
        assertThat(genesis.key("k1-spare"))
                .get()
                .extracting(Genesis.Key::person)
                .isEqualTo("p1");
        assertThat(genesis.policy().recoveryTiers())
                .extracting(PolicyTier::name)
                .containsExactly("rebuild");
    }

    @Test
    void a_transfer_falls_in_the_highest_tier_that_it_reaches() {
        Policy policy = ((Leaf.GenesisLeaf) LeafDecoder.decode(Vectors.genesis()))
                .genesis()
                .policy();

        assertThat(policy.approval("EUR", c -> 99_999)).isNull();
        assertThat(policy.approval("EUR", c -> 100_000))
                .extracting(Requirement::name)
                .isEqualTo("large");
        assertThat(policy.approval("EUR", c -> 999_999))
                .extracting(Requirement::name)
                .isEqualTo("large");
        assertThat(policy.approval("EUR", c -> 1_000_000))
                .extracting(Requirement::name)
                .isEqualTo("huge");
        assertThat(policy.approval("USD", c -> 1_000_000)).isNull();
    }

    @Test
    void tiers_of_several_account_classes_are_joined_to_the_strictest() {
        Policy policy = new Policy(List.of(
                tier("all", 0, 1000, 3600, List.of(new Demand("treasury", 1)), 600, List.of("board")),
                tier("customers", 1, 10, 600, List.of(new Demand("risk", 1), new Demand("treasury", 2)), 0, List.of()),
                tier("fees", 4, 10, 600, List.of(new Demand("audit", 1)), 0, List.of())));

        Requirement joined = policy.approval("EUR", c -> c == 0 || c == 1 || c == 2 ? 1000 : 0);

        assertThat(joined.name()).isEqualTo("all+customers");
        assertThat(joined.demands()).containsExactly(new Demand("treasury", 2), new Demand("risk", 1));
        assertThat(joined.expirySeconds()).isEqualTo(600);
        assertThat(joined.escalationRoles()).isEmpty();
        assertThat(policy.approval("EUR", c -> c == 0 || c == 2 || c == 3 ? 999 : 0))
                .isNull();
    }

    private static PolicyTier tier(
            String name, int accountClass, long from, long expiry, List<Demand> demands, long after, List<String> to) {
        return new PolicyTier(name, PolicyTier.Kind.TRANSFER, "EUR", accountClass, from, expiry, 0, demands, after, to);
    }

    static List<Object[]> values_out_of_range() {
        List<Object[]> cases = new ArrayList<>();
        refuse(
                cases,
                "version",
                new TestLedger().holdExpired(TestLedger.uuid(1)).leaves.get(0),
                0,
                0);
        refuse(
                cases,
                "type",
                new TestLedger().holdExpired(TestLedger.uuid(1)).leaves.get(0),
                1,
                0);
        refuse(
                cases,
                "type",
                new TestLedger().holdExpired(TestLedger.uuid(1)).leaves.get(0),
                1,
                17);
        refuse(
                cases,
                "sequence",
                new TestLedger().holdExpired(TestLedger.uuid(1)).leaves.get(0),
                2,
                0x80);
        refuse(
                cases,
                "timeMicros",
                new TestLedger().holdExpired(TestLedger.uuid(1)).leaves.get(0),
                10,
                0x80);
        refuse(
                cases,
                "amount",
                new TestLedger().posted(TestLedger.uuid(1), 0, 1, 0).leaves.get(0));
        refuse(
                cases,
                "amount",
                new TestLedger().posted(TestLedger.uuid(1), 0, 1, -1).leaves.get(0));
        refuse(
                cases,
                "by",
                new TestLedger().holdVoided(TestLedger.uuid(1), 0).leaves.get(0));
        refuse(
                cases,
                "by",
                new TestLedger().holdVoided(TestLedger.uuid(1), 3).leaves.get(0));
        refuse(
                cases,
                "outcome",
                new TestLedger().caseDecided("transfer:x", 5).leaves.get(0));
        refuse(cases, "caseId", new TestLedger().caseDecided("a\nb", 1).leaves.get(0));
        refuse(cases, "caseId", new TestLedger().caseDecided("", 1).leaves.get(0));
        refuse(
                cases,
                "caseId",
                new TestLedger().caseDecided("x".repeat(129), 1).leaves.get(0));
        refuse(
                cases,
                "id",
                new TestLedger().account(0, "a b", "EUR", 1, 0).leaves.get(0));
        refuse(
                cases,
                "id",
                new TestLedger().account(0, "x".repeat(65), "EUR", 1, 0).leaves.get(0));
        refuse(
                cases,
                "asset",
                new TestLedger().account(0, "a", "eur", 1, 0).leaves.get(0));
        refuse(
                cases,
                "asset",
                new TestLedger().account(0, "a", "EU", 1, 0).leaves.get(0));
        refuse(
                cases,
                "class",
                new TestLedger().account(0, "a", "EUR", 6, 0).leaves.get(0));
        refuse(
                cases,
                "class",
                new TestLedger().account(0, "a", "EUR", 0, 0).leaves.get(0));
        refuse(
                cases,
                "flags",
                new TestLedger().account(0, "a", "EUR", 1, 3).leaves.get(0));
        refuse(
                cases,
                "legs",
                new TestLedger().legs(TestLedger.uuid(1), 0, 5).leaves.get(0));
        refuse(
                cases,
                "legs",
                new TestLedger()
                        .legs(TestLedger.uuid(1), new long[65 * 2])
                        .leaves
                        .get(0));
        refuse(
                cases,
                "leg.amount",
                new TestLedger().legs(TestLedger.uuid(1), 0, 5, 1, 0).leaves.get(0));
        refuse(
                cases,
                "leg.amount",
                new TestLedger()
                        .legs(TestLedger.uuid(1), 0, 5, 1, Long.MIN_VALUE)
                        .leaves
                        .get(0));
        refuse(
                cases,
                "has",
                new TestLedger().terms(TestLedger.uuid(1), null, null, 0).leaves.get(0));
        refuse(
                cases,
                "reason",
                new TestLedger()
                        .terms(TestLedger.uuid(1), null, TestLedger.uuid(2), 6)
                        .leaves
                        .get(0));
        refuse(
                cases,
                "reason",
                new TestLedger()
                        .terms(TestLedger.uuid(1), null, TestLedger.uuid(2), 0)
                        .leaves
                        .get(0));
        refuse(
                cases,
                "node",
                new TestLedger().attested("N1", 1, new byte[32]).leaves.get(0));
        refuse(
                cases,
                "demands",
                new TestLedger()
                        .caseOpened("transfer:x", 1, new byte[32], "d", 1)
                        .leaves
                        .get(0));
        refuse(
                cases,
                "demand.count",
                new TestLedger()
                        .caseOpened("transfer:x", 1, new byte[32], "d", 1, "r", 0)
                        .leaves
                        .get(0));
        refuse(
                cases,
                "kind",
                new TestLedger()
                        .caseOpened("transfer:x", 5, new byte[32], "d", 1, "r", 1)
                        .leaves
                        .get(0));
        refuse(
                cases,
                "command",
                new TestLedger().refused(4, "s", 1, "b", new byte[32]).leaves.get(0));
        refuse(
                cases,
                "raftIndex",
                new TestLedger().attested("n1", -1, new byte[32]).leaves.get(0));
        byte[] notUtf8 = new TestLedger().isolated("n1", "i", "xx").leaves.get(0);
        refuse(cases, "reason", notUtf8, notUtf8.length - 1, 0xc0);
        return cases;
    }

    private static void refuse(List<Object[]> cases, String field, byte[] leaf) {
        cases.add(new Object[] {field, leaf});
    }

    private static void refuse(List<Object[]> cases, String field, byte[] leaf, int at, int value) {
        byte[] changed = leaf.clone();
        changed[at] = (byte) value;
        cases.add(new Object[] {field, changed});
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("values_out_of_range")
    void a_value_out_of_range_is_refused_by_its_field_name(String field, byte[] leaf) {
        assertThatThrownBy(() -> LeafDecoder.decode(leaf))
                .isInstanceOf(LeafMalformed.class)
                .hasMessageContaining("field " + field + ":");
    }

    @Test
    void a_genesis_that_names_something_twice_is_refused() throws IOException {
        byte[] twice = TestLedger.encode(1, 0, 0, out -> {
            TestLedger.str(out, "demo");
            out.writeShort(2);
            for (int i = 0; i < 2; i++) {
                TestLedger.str(out, "n1");
                TestLedger.str(out, "z");
                TestLedger.bytes(out, new byte[32]);
            }
            out.writeShort(0);
            out.writeShort(0);
        });

        assertThatThrownBy(() -> LeafDecoder.decode(twice)).hasMessageContaining("node id 'n1' twice");
    }
}
