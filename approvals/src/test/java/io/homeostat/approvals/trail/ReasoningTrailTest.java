package io.homeostat.approvals.trail;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.approvals.testing.Stories;
import io.homeostat.events.IncidentEvent;
import io.homeostat.events.codec.EventCodec;
import io.homeostat.merkle.MerkleFrontier;
import io.homeostat.merkle.MerkleTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ReasoningTrailTest {
    private static final String REASON = "commit is 28 times slower than on its peers";
    private final List<IncidentEvent> story = story();

    @TempDir
    Path folder;

    @Test
    void each_event_id_has_one_leaf_however_often_it_is_delivered() {
        try (ReasoningTrail trail = open("a")) {
            assertThat(trail.append(story)).isEqualTo(12);
            assertThat(trail.append(story)).isZero();
            assertThat(trail.append(List.of(
                            Stories.anomaly("9", "n1", Stories.START), Stories.anomaly("9", "n1", Stories.START))))
                    .isEqualTo(1);

            assertThat(trail.size()).isEqualTo(13);
        }
    }

    @Test
    void a_leaf_holds_the_digest_of_a_free_text_and_the_page_the_text() {
        try (ReasoningTrail trail = open("a")) {
            trail.append(story);

            String leaf = new String(trail.leaf(2), StandardCharsets.UTF_8);
            assertThat(leaf).doesNotContain("slower").contains(EventCodec.digestOfText(REASON));
            assertThat(leaf).contains("\"kind\":\"BreakerOpened\"");
            assertThat(trail.story("incident-1").get(1)).isEqualTo(story.get(2));
        }
    }

    @Test
    void every_event_comes_back_from_its_leaf() {
        try (ReasoningTrail trail = open("a")) {
            trail.append(story);

            for (int i = 0; i < story.size(); i++) {
                assertThat(trail.withTexts(trail.event(i))).isEqualTo(story.get(i));
            }
        }
    }

    @Test
    void a_leaf_is_canonical_json_and_the_root_is_rfc_6962_over_the_leaves() {
        try (ReasoningTrail trail = open("a")) {
            trail.append(story);

            MerkleFrontier tree = new MerkleFrontier();
            for (int i = 0; i < trail.size(); i++) {
                byte[] leaf = trail.leaf(i);
                assertThat(EventCodec.canonicalJson(EventCodec.readMap(leaf))).isEqualTo(leaf);
                tree.append(MerkleTree.leafHash(leaf));
            }
            assertThat(trail.head()).isEqualTo(new TrailHead(12, HexFormat.of().formatHex(tree.root())));
        }
    }

    @Test
    void an_erased_text_leaves_leaves_and_root_as_they_were() throws IOException {
        try (ReasoningTrail trail = open("a")) {
            trail.append(story);
            TrailHead before = trail.head();
            String digest = EventCodec.digestOfText(REASON);

            Files.delete(
                    folder.resolve("a/texts").resolve(digest.substring(0, 2)).resolve(digest));

            IncidentEvent.BreakerOpened shown =
                    (IncidentEvent.BreakerOpened) trail.story("incident-1").get(1);
            assertThat(shown.reason()).isEqualTo("[text erased, sha256 " + digest + "]");
            assertThat(trail.head()).isEqualTo(before);
        }
    }

    @Test
    void a_text_that_was_changed_on_disk_is_not_shown() throws IOException {
        TextStore texts = new TextStore(folder, TrailLimits.defaults());
        String digest = texts.keep("what was said");
        assertThat(texts.find(digest)).contains("what was said");

        Files.writeString(folder.resolve(digest.substring(0, 2)).resolve(digest), "what was not");

        assertThat(texts.find(digest)).isEmpty();
        assertThat(texts.find("../../etc/passwd")).isEmpty();
    }

    @Test
    void the_plan_is_kept_as_the_text_that_a_recovery_case_cites() {
        try (ReasoningTrail trail = open("a")) {
            trail.append(story);

            String digest = EventCodec.digest(Stories.plan("1", "n3"));
            assertThat(trail.texts().find(digest))
                    .contains(new String(EventCodec.canonicalJson(Stories.plan("1", "n3")), StandardCharsets.UTF_8));
        }
    }

    @Test
    void after_a_cut_at_any_byte_redelivery_gives_the_same_leaves_once() throws IOException {
        List<IncidentEvent> acknowledged = story.subList(0, 5);
        Random random = new Random(7);
        for (int round = 0; round < 12; round++) {
            String name = "cut" + round;
            long synced;
            try (ReasoningTrail trail = open(name)) {
                trail.append(acknowledged);
                synced = Files.size(leafFile(name));
                // What a kill leaves behind: the next batch half written, and the head of the batch before.
                byte[] head = Files.readAllBytes(folder.resolve(name).resolve("leaves/head"));
                trail.append(story.subList(5, story.size()));
                copy(folder.resolve(name), folder.resolve(name + "-killed"));
                Files.write(folder.resolve(name + "-killed").resolve("leaves/head"), head);
            }
            Path killed = leafFile(name + "-killed");
            long full = Files.size(killed);
            long cut = synced + (long) (random.nextDouble() * (full - synced));
            try (var file = Files.newByteChannel(killed, StandardOpenOption.WRITE)) {
                file.truncate(cut);
            }

            try (ReasoningTrail trail = open(name + "-killed")) {
                assertThat(trail.size()).isBetween(5L, 12L);
                trail.append(story);
                assertThat(trail.size()).isEqualTo(12);
                assertThat(ids(trail))
                        .doesNotHaveDuplicates()
                        .containsExactlyElementsOf(
                                story.stream().map(IncidentEvent::eventId).toList());
            }
        }
    }

    @Test
    void a_listener_hears_of_old_leaves_first_and_of_each_once() {
        List<Long> heard = new ArrayList<>();
        try (ReasoningTrail trail = open("a")) {
            trail.append(story.subList(0, 3));
            trail.listen((entry, event) -> heard.add(entry.sequence()));
            trail.append(story);
        }
        assertThat(heard).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L);
    }

    @Test
    void pages_go_backwards_by_story_and_stay_within_their_bound() {
        try (ReasoningTrail trail = open("a")) {
            trail.append(story);

            assertThat(trail.newestBefore(Long.MAX_VALUE, 3, ""))
                    .extracting(TrailEntry::sequence)
                    .containsExactly(11L, 10L, 9L);
            assertThat(trail.newestBefore(9, 100, "anomaly-1"))
                    .extracting(TrailEntry::sequence)
                    .containsExactly(8L, 0L);
            assertThat(trail.newestBefore(Long.MAX_VALUE, 100, "nothing")).isEmpty();
            assertThat(trail.page(10, 100)).hasSize(2);
            assertThat(trail.page(99, 100)).isEmpty();
        }
    }

    @Test
    void anchors_survive_a_torn_last_line_and_cover_leaves_from_below() throws IOException {
        Path file = folder.resolve("anchors");
        TrailAnchors anchors = new TrailAnchors(file);
        anchors.add(new TrailAnchors.Anchor(5, "aa", 100));
        anchors.add(new TrailAnchors.Anchor(9, "bb", 120));
        Files.writeString(file, "12 cc", StandardOpenOption.APPEND);

        TrailAnchors again = new TrailAnchors(file);
        again.add(new TrailAnchors.Anchor(11, "dd", 130));

        assertThat(new TrailAnchors(file).newest().orElseThrow().size()).isEqualTo(11);
        assertThat(again.covering(4).orElseThrow().ledgerIndex()).isEqualTo(100);
        assertThat(again.covering(5).orElseThrow().ledgerIndex()).isEqualTo(120);
        assertThat(again.covering(11)).isEmpty();
    }

    private Path leafFile(String name) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve(name).resolve("leaves"))) {
            return files.filter(f -> f.toString().endsWith(".leaves"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    private static List<String> ids(ReasoningTrail trail) {
        return trail.page(0, 200).stream().map(TrailEntry::eventId).toList();
    }

    private ReasoningTrail open(String name) {
        return ReasoningTrail.open(folder.resolve(name), TrailLimits.defaults());
    }

    private static List<IncidentEvent> story() {
        List<IncidentEvent> events = new ArrayList<>(Stories.untilPlanned("1", "n3", Stories.START));
        events.addAll(Stories.healed("1", "n3", Stories.START));
        return events;
    }
}
