package io.homeostat.ledger.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.ledger.journal.LedgerEvent.Demand;
import io.homeostat.merkle.bundle.Leaf;
import io.homeostat.merkle.bundle.LeafDecoder;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GenesisTest {
    private static final Genesis GENESIS = new Genesis(
            "bank.example/ledger",
            List.of(new Genesis.Node("n1", "Zone-A", key(1)), new Genesis.Node("n2", "b", key(2))),
            List.of(
                    new Genesis.Key("k1", "ada", List.of("treasury"), key(3)),
                    new Genesis.Key("k2", "bob", List.of("treasury", "risk"), key(4)),
                    new Genesis.Key("k3", "cyd", List.of("risk"), key(5))),
            List.of(
                    tier("mid", 100, new Demand("treasury", 1)),
                    tier("high", 1000, new Demand("treasury", 2), new Demand("risk", 1)),
                    new Genesis.Tier("wipe", Genesis.Kind.RECOVERY, "", 0, 60, List.of(new Demand("risk", 1)))));

    @TempDir
    Path directory;

    @Test
    void the_body_and_the_file_say_the_same() {
        Path file = directory.resolve("genesis.json");
        GenesisFile.write(file, GENESIS);

        assertThat(GenesisFile.read(file).body()).isEqualTo(GENESIS.body());
        assertThat(Genesis.fromBody(GENESIS.body()).digest()).isEqualTo(GENESIS.digest());
    }

    @Test
    void the_auditors_decoder_reads_the_body() {
        byte[] body = GENESIS.body();
        byte[] leaf = ByteBuffer.allocate(18 + body.length)
                .put((byte) 1)
                .put((byte) 1)
                .putLong(0)
                .putLong(5)
                .put(body)
                .array();

        io.homeostat.merkle.bundle.Genesis decoded = ((Leaf.GenesisLeaf) LeafDecoder.decode(leaf)).genesis();

        assertThat(decoded.ledgerName()).isEqualTo("bank.example/ledger");
        assertThat(decoded.policy().tiers().get(0).name()).isEqualTo("mid");
        assertThat(decoded.key("k2").orElseThrow().roles()).containsExactly("treasury", "risk");
    }

    @Test
    void a_body_that_is_cut_or_goes_on_is_refused() {
        byte[] body = GENESIS.body();

        for (int length = 0; length < body.length; length++) {
            byte[] cut = Arrays.copyOf(body, length);
            assertThatThrownBy(() -> Genesis.fromBody(cut)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> Genesis.fromBody(Arrays.copyOf(body, body.length + 1)))
                .hasMessageContaining("after its end");
    }

    @Test
    void the_highest_tier_at_or_below_the_amount_counts() {
        ApprovalPolicy policy = new ApprovalPolicy(1, GENESIS.tiers());

        assertThat(policy.approval("EUR", 99, 1, 1)).isNull();
        assertThat(policy.approval("EUR", 100, 1, 1)).isEqualTo(Requirement.of(named("mid")));
        assertThat(policy.approval("EUR", 999, 1, 1)).isEqualTo(Requirement.of(named("mid")));
        assertThat(policy.approval("EUR", 1000, 1, 1)).isEqualTo(Requirement.of(named("high")));
        assertThat(policy.approval("USD", Long.MAX_VALUE, 1, 1)).isNull();
        assertThat(policy.recoveryTier("wipe").expirySeconds()).isEqualTo(60);
        assertThat(policy.recoveryTier("mid")).isNull();
    }

    private static Genesis.Tier named(String name) {
        return GENESIS.tiers().stream()
                .filter(t -> t.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_tier_of_an_account_class_counts_for_accounts_on_either_side_and_joins_the_others() {
        ApprovalPolicy policy = new ApprovalPolicy(
                1,
                List.of(
                        classTier("all", 0, 1000, 3600, List.of("board"), new Demand("risk", 1)),
                        classTier("external", 3, 10, 600, List.of(), new Demand("audit", 1), new Demand("risk", 2)),
                        classTier("external-more", 3, 500, 60, List.of("board"), new Demand("audit", 2))));

        assertThat(policy.approval("EUR", 9, 1, 3)).isNull();
        assertThat(policy.approval("EUR", 999, 1, 2)).isNull();
        assertThat(policy.approval("EUR", 10, 3, 1).demands())
                .containsExactly(new Demand("audit", 1), new Demand("risk", 2));
        assertThat(policy.approval("EUR", 10, 1, 3).expirySeconds()).isEqualTo(600);
        Requirement joined = policy.approval("EUR", 1000, 1, 3);
        assertThat(joined.demands()).containsExactly(new Demand("risk", 1), new Demand("audit", 2));
        assertThat(joined.expirySeconds()).isEqualTo(60);
        assertThat(joined.escalationRoles()).containsExactly("board");
        assertThat(policy.approval("EUR", c -> c == 3 ? 10 : 1).expirySeconds()).isEqualTo(600);
    }

    private static Genesis.Tier classTier(
            String name, int accountClass, long from, long expiry, List<String> escalation, Demand... demands) {
        return new Genesis.Tier(
                name,
                Genesis.Kind.TRANSFER,
                "EUR",
                accountClass,
                from,
                expiry,
                0,
                List.of(demands),
                escalation.isEmpty() ? 0 : expiry / 2,
                escalation);
    }

    @Test
    void what_could_never_be_approved_or_means_two_things_is_refused() {
        refused("could never be approved", List.of(), tier("t", 1, new Demand("risk", 3)));
        refused("distinct persons", List.of(), tier("t", 1, new Demand("risk", 2), new Demand("treasury", 2)));
        refused("stands twice", List.of(GENESIS.keys().get(0)));
        refused("stands twice", List.of(), tier("mid", 7, new Demand("risk", 1)));
        refused("stands twice", List.of(), tier("other", 100, new Demand("risk", 1)));
        assertThatThrownBy(() -> tier("t", 0, new Demand("risk", 1))).hasMessageContaining("fromAmount");
        assertThatThrownBy(() -> tier("t", 1)).hasMessageContaining("demands");
        assertThatThrownBy(() -> tier("t", 1, new Demand("risk", 256))).hasMessageContaining("255");
        assertThatThrownBy(() -> new Genesis.Node("N1", "a", key(1))).hasMessageContaining("node id");
        assertThatThrownBy(() -> new Genesis.Node("n1", "a", new byte[31])).hasMessageContaining("32 bytes");
    }

    @Test
    void the_file_is_read_strictly_and_the_field_is_named() throws Exception {
        String json = GenesisFile.toJson(GENESIS);

        bad(json.replace("\"zone\"", "\"zoned\""), "zoned");
        bad(json.replace("\"Ed25519\"", "\"RSA\""), "RSA");
        bad(json.replace("\"fromAmount\" : 100,", "\"fromAmount\" : 100.5,"), "fromAmount");
        bad(json.replace("\"kind\" : \"recovery\"", "\"kind\" : \"other\""), "kind");
        bad(json.replace("\"ledger\" :", "\"ledger\" : \"x\", \"ledger\" :"), "uplicate");
        bad(json + "{}", "");
        bad(json.substring(1), "");
        Path file = directory.resolve("g.json");
        Files.writeString(file, "{}");
        assertThatThrownBy(() -> GenesisFile.read(file))
                .hasMessageContaining("g.json")
                .hasMessageContaining("nodes");
    }

    private static void bad(String json, String names) {
        assertThatThrownBy(() -> GenesisFile.parse(json))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(names);
    }

    private static void refused(String message, List<Genesis.Key> moreKeys, Genesis.Tier... moreTiers) {
        List<Genesis.Key> keys = new ArrayList<>(GENESIS.keys());
        keys.addAll(moreKeys);
        List<Genesis.Tier> tiers = new ArrayList<>(GENESIS.tiers());
        tiers.addAll(List.of(moreTiers));
        assertThatThrownBy(() -> new Genesis("l", GENESIS.nodes(), keys, tiers)).hasMessageContaining(message);
    }

    private static Genesis.Tier tier(String name, long from, Demand... demands) {
        return new Genesis.Tier(name, Genesis.Kind.TRANSFER, "EUR", from, 3600, List.of(demands));
    }

    private static byte[] key(int fill) {
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) fill);
        return key;
    }
}
