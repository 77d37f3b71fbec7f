package io.homeostat.agent.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.events.codec.EventCodec;
import io.homeostat.merkle.Frames;
import io.homeostat.merkle.bundle.BundleLimits;
import io.homeostat.merkle.bundle.BundleReader;
import io.homeostat.merkle.bundle.BundleSection;
import io.homeostat.merkle.bundle.GateFollower;
import io.homeostat.merkle.bundle.Genesis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the published journals of one ledger, shown by a node that may lie. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LedgerGateTest {
    private static final Path VECTORS = Path.of("../../ledger-core/merkle/src/test/resources/vectors");

    @TempDir
    Path folder;

    @Test
    void policy_and_keys_are_followed_kept_and_known_when_the_node_is_not() throws IOException {
        LedgerGate gate = gate();
        assertThat(gate.current()).isEmpty();

        gate.follow(journal("sound-genesis-only"));
        int first = keys(gate);
        gate.follow(journal("sound-key-revoked-signature-dropped"));

        assertThat(keys(gate)).isEqualTo(first - 1);
        LedgerGate restarted = gate();
        assertThat(restarted.current()).isEqualTo(gate.current());
        restarted.follow(journal("sound-key-revoked-signature-dropped"));
        assertThat(restarted.current()).isEqualTo(gate.current());
    }

    @Test
    void a_node_that_shows_an_older_state_does_not_bring_a_revoked_key_back() throws IOException {
        LedgerGate gate = gate();
        gate.follow(journal("sound-key-revoked-signature-dropped"));
        int now = keys(gate);

        gate.follow(journal("sound-genesis-only"));
        // Another history of the same ledger, soundly signed: what was followed is no part of it.
        gate.follow(journal("sound"));

        assertThat(keys(gate)).isEqualTo(now);
        assertThat(keys(gate())).isEqualTo(now);
    }

    @Test
    void changes_without_their_approvals_and_heads_of_strangers_are_not_followed() throws IOException {
        for (String lie : List.of(
                "key-registered-without-approval",
                "own-key-approved",
                "policy-lowered-without-approval",
                "policy-change-approved-by-too-few",
                "head-by-a-stranger",
                "head-under-another-name",
                "forked-head",
                "altered-amount")) {
            LedgerGate gate = gate();
            gate.follow(journal(lie));
            assertThat(gate.current()).as(lie).isEmpty();
        }
    }

    @Test
    void a_flipped_bit_in_any_leaf_or_in_the_head_is_not_followed() throws IOException {
        Journal sound = journal("sound-policy-raised");
        for (int at = 0; at < sound.leaves.size(); at++) {
            List<byte[]> leaves = new ArrayList<>(sound.leaves);
            byte[] flipped = leaves.get(at).clone();
            flipped[flipped.length - 1] ^= 1;
            leaves.set(at, flipped);
            LedgerGate gate = gate();
            gate.follow(new Journal(leaves, sound.head));
            assertThat(gate.current()).as("leaf %d", at).isEmpty();
        }
        byte[] head = sound.head.clone();
        head[head.length - 5] ^= 1;
        LedgerGate gate = gate();
        gate.follow(new Journal(sound.leaves, head));
        assertThat(gate.current()).isEmpty();
    }

    @Test
    void the_pinned_genesis_is_followed_and_another_is_not() throws IOException {
        Journal sound = journal("sound-policy-raised");
        Genesis genesis = GateFollower.begin(sound.leaves.get(0)).genesis();

        Files.write(folder.resolve("genesis.json"), json(genesis, "another"));
        LedgerGate other = gate();
        other.follow(sound);
        assertThat(other.current()).isEmpty();

        Files.write(folder.resolve("genesis.json"), json(genesis, genesis.ledgerName()));
        LedgerGate pinned = gate();
        pinned.follow(sound);
        assertThat(pinned.current()).isPresent();
    }

    @Test
    void damaged_memory_stops_the_start_with_a_reason() throws IOException {
        gate().follow(journal("sound-policy-raised"));
        Path memory = folder.resolve("gate.followed");
        byte[] bytes = Files.readAllBytes(memory);
        bytes[bytes.length / 2] ^= 1;
        Files.write(memory, bytes);

        assertThatThrownBy(this::gate)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("remove it to follow the ledger from its genesis");
    }

    private LedgerGate gate() {
        return new LedgerGate(folder.resolve("genesis.json"), folder.resolve("gate.followed"));
    }

    private static int keys(LedgerGate gate) {
        return gate.current().orElseThrow().keys().size();
    }

    private static byte[] json(Genesis genesis, String name) {
        return EventCodec.canonicalJson(Map.of(
                "ledger",
                name,
                "nodes",
                genesis.nodes().stream()
                        .map(n -> Map.of("id", n.id(), "zone", n.zone(), "checkpointKey", base64(n.checkpointKey())))
                        .toList(),
                "keys",
                genesis.keys().stream()
                        .map(k -> Map.of(
                                "keyId",
                                k.keyId(),
                                "person",
                                k.person(),
                                "roles",
                                k.roles(),
                                "publicKey",
                                base64(k.key().publicKey())))
                        .toList(),
                "tiers",
                genesis.policy().tiers().stream()
                        .map(t -> Map.of(
                                "name",
                                t.name(),
                                "kind",
                                t.kind().name().toLowerCase(Locale.ROOT),
                                "fromAmount",
                                t.fromAmount(),
                                "expirySeconds",
                                t.expirySeconds(),
                                "demands",
                                t.demands().stream()
                                        .map(d -> Map.of("role", d.role(), "count", d.count()))
                                        .toList()))
                        .toList()));
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static Journal journal(String name) throws IOException {
        BundleReader bundle = BundleReader.open(VECTORS.resolve(name + ".bin"), BundleLimits.defaults());
        List<byte[]> leaves = new ArrayList<>();
        try (BundleReader.FrameCursor frames = bundle.frames(BundleSection.JOURNAL)) {
            for (byte[] leaf = frames.next(); leaf != null; leaf = frames.next()) {
                leaves.add(leaf.clone());
            }
        }
        return new Journal(leaves, bundle.content(BundleSection.CHECKPOINT));
    }

    /** A node's answers, in pages of three leaves. */
    private record Journal(List<byte[]> leaves, byte[] head) implements LedgerGate.Source {
        @Override
        public byte[] checkpoint() {
            return head;
        }

        @Override
        public byte[] journal(long from, int limit) {
            int end = (int) Math.min(leaves.size(), from + Math.min(3, limit));
            return Frames.encode(leaves.subList((int) Math.min(from, leaves.size()), end));
        }
    }
}
