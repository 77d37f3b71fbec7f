package io.homeostat.merkle.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.merkle.SignedNote;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On the published journals: what an auditor finds sound is followed, what he refuses of the gate is not. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GateFollowerTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "sound",
                "sound-genesis-only",
                "sound-key-registered",
                "sound-key-revoked-signature-dropped",
                "sound-key-rotated-signature-stays",
                "sound-policy-raised",
                "sound-policy-change-leaves-open-cases-alone",
                "sound-second-change-superseded",
                "sound-case-still-open",
                "sound-case-expired",
                "sound-refusals",
                "sound-screened-odd"
            })
    void a_sound_journal_is_followed_to_its_signed_head_from_any_place(String name) throws IOException {
        Journal journal = Journal.of(name);
        GateFollower whole = followed(journal.leaves());

        assertThat(whole.isHead(journal.head())).isTrue();
        for (int cut = 1; cut < journal.leaves().size(); cut++) {
            GateFollower begun = followed(journal.leaves().subList(0, cut));
            GateFollower kept = GateFollower.fromBytes(begun.toBytes());
            assertThat(kept.isHead(journal.head())).as("a head of more leaves").isFalse();
            journal.leaves().subList(cut, journal.leaves().size()).forEach(kept::append);
            assertThat(kept.isHead(journal.head())).isTrue();
            assertThat(kept.activeKeys()).isEqualTo(whole.activeKeys());
            assertThat(kept.policy()).isEqualTo(whole.policy());
            assertThat(kept.toBytes()).isEqualTo(whole.toBytes());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "key-registered-without-approval",
                "own-key-approved",
                "policy-change-approved-by-too-few",
                "policy-lowered-without-approval",
                "policy-of-another-body",
                "policy-on-an-old-base",
                "change-withheld"
            })
    void a_change_without_its_approvals_is_not_followed(String name) throws IOException {
        List<byte[]> leaves = Journal.of(name).leaves();

        assertThatThrownBy(() -> followed(leaves)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void revoked_and_rotated_keys_are_no_more_among_the_active_and_registered_ones_are() throws IOException {
        int first = Journal.of("sound-genesis-only").keys();

        assertThat(Journal.of("sound-key-revoked-signature-dropped").keysNow()).hasSize(first - 1);
        assertThat(Journal.of("sound-key-rotated-signature-stays").keysNow()).hasSize(first);
        assertThat(Journal.of("sound-key-registered").keysNow()).hasSize(first + 1);
        assertThat(followed(Journal.of("sound-policy-raised").leaves()).policyVersion())
                .isEqualTo(2);
    }

    @Test
    void another_head_a_flipped_bit_a_missing_leaf_and_damaged_memory_are_refused() throws IOException {
        Journal journal = Journal.of("sound-policy-raised");
        GateFollower whole = followed(journal.leaves());

        assertThat(whole.isHead(Journal.of("sound-key-registered").head())).isFalse();
        assertThat(whole.isHead(Journal.of("head-by-a-stranger").head())).isFalse();
        List<byte[]> gap = new ArrayList<>(journal.leaves());
        gap.remove(3);
        assertThatThrownBy(() -> followed(gap)).hasMessageContaining("missing");
        byte[] memory = whole.toBytes();
        for (int at = 0; at < memory.length; at += 7) {
            byte[] flipped = memory.clone();
            flipped[at] ^= 1;
            assertThat(follows(flipped, journal.head()))
                    .as("bit flipped at %d", at)
                    .isFalse();
        }
    }

    /** A damaged memory is refused when it is read, or gives no signed head. */
    private static boolean follows(byte[] memory, SignedNote head) {
        try {
            return GateFollower.fromBytes(memory).isHead(head);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static GateFollower followed(List<byte[]> leaves) {
        GateFollower follower = GateFollower.begin(leaves.get(0));
        leaves.subList(1, leaves.size()).forEach(follower::append);
        return follower;
    }

    private record Journal(List<byte[]> leaves, SignedNote head) {
        static Journal of(String name) throws IOException {
            Path file = Path.of("src/test/resources/vectors", name + ".bin");
            BundleReader bundle = BundleReader.open(file, BundleLimits.defaults());
            List<byte[]> leaves = new ArrayList<>();
            try (BundleReader.FrameCursor frames = bundle.frames(BundleSection.JOURNAL)) {
                for (byte[] leaf = frames.next(); leaf != null; leaf = frames.next()) {
                    leaves.add(leaf.clone());
                }
            }
            return new Journal(leaves, SignedNote.parse(bundle.content(BundleSection.CHECKPOINT)));
        }

        int keys() {
            return keysNow().size();
        }

        List<Genesis.Key> keysNow() {
            return followed(leaves).activeKeys();
        }
    }
}
