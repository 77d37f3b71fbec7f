package io.homeostat.merkle.bundle;

import static io.homeostat.merkle.bundle.TestLedger.HOUR;
import static io.homeostat.merkle.bundle.TestLedger.LARGE;
import static io.homeostat.merkle.bundle.TestLedger.keys;
import static io.homeostat.merkle.bundle.TestLedger.uuid;
import static io.homeostat.merkle.bundle.VectorList.sections;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Files that somebody without a key has changed. */
final class DamagedVectors {
    private DamagedVectors() {}

    static void addTo(VectorList to) {
        damaged(to);
        rewritten(to);
    }

    /** Somebody without any key changes the file. */
    private static void damaged(VectorList to) {
        byte[] good = TestLedger.sound().bundle();
        String text = new String(good, StandardCharsets.ISO_8859_1);
        to.add("flipped-first-line", TestLedger.flip(good, 3), "fuu", "file", "first line");
        to.add("flipped-manifest", TestLedger.flip(good, text.indexOf("incident-7")), "fuu", "manifest", "SHA-256");
        to.add("flipped-genesis", TestLedger.flip(good, text.indexOf("zone-b")), "fuu", "genesis", "SHA-256");
        to.add(
                "flipped-checkpoint",
                TestLedger.flip(good, text.indexOf("\ntime ") + 8),
                "fuu",
                "checkpoint",
                "SHA-256");
        int journal = text.indexOf("section journal");
        to.add(
                "flipped-journal-leaf",
                TestLedger.flip(good, text.indexOf("customer", journal)),
                "fuu",
                "journal#2",
                "CRC32C");
        int trail = text.indexOf("section trail");
        to.add(
                "flipped-trail-leaf",
                TestLedger.flip(good, text.indexOf("IncidentClosed", trail)),
                "fuu",
                "trail#2",
                "CRC32C");
        int texts = text.indexOf("section texts");
        to.add("flipped-text", TestLedger.flip(good, text.indexOf("limits checked", texts)), "fuu", "texts", "CRC32C");
        to.add("flipped-section-header", TestLedger.flip(good, trail + 20), "fuu", "trail", "");
        to.add("flipped-end", TestLedger.flip(good, good.length - 3), "fuu", "file", "last line");
        to.add("cut-off", Arrays.copyOf(good, good.length / 2), "fuu", "journal", "left in the file");
        to.add("empty-file", new byte[0], "fuu", "file", "ends within a line");
        byte[] trailing = Arrays.copyOf(good, good.length + 1);
        to.add("trailing-byte", trailing, "fuu", "file", "behind the last line");
        to.add(
                "two-bundles-in-one",
                (text + text).getBytes(StandardCharsets.ISO_8859_1),
                "fuu",
                "file",
                "behind the last line");
    }

    /** Somebody rewrites the content and every digest and CRC, but has no key. */
    private static void rewritten(VectorList to) {
        TestLedger good = TestLedger.sound();
        byte[] head = good.checkpoint();
        List<TestLedger.Section> sections = sections(good);

        List<TestLedger.Section> doubled = new ArrayList<>(sections);
        doubled.add(4, sections.get(3));
        to.add("duplicate-section", TestLedger.packSections(doubled), "fuu", "trail", "section trail");
        List<TestLedger.Section> swapped = new ArrayList<>(sections);
        Collections.swap(swapped, 3, 4);
        to.add("sections-out-of-order", TestLedger.packSections(swapped), "fuu", "journal", "section journal");
        List<TestLedger.Section> missing = new ArrayList<>(sections);
        missing.remove(5);
        to.add("section-missing", TestLedger.packSections(missing), "fuu", "texts", "section texts");

        TestLedger dropped = TestLedger.sound();
        dropped.leaves.remove(9);
        to.add("dropped-leaf", dropped.bundle(head), "fuu", "journal#9", "says sequence 10");
        TestLedger reordered = TestLedger.sound();
        Collections.swap(reordered.leaves, 12, 13);
        to.add("reordered-leaves", reordered.bundle(head), "fuu", "journal#12", "says sequence 13");
        TestLedger doubledLeaf = TestLedger.sound();
        doubledLeaf.leaves.add(6, doubledLeaf.leaves.get(5));
        to.add("leaf-twice", doubledLeaf.bundle(head), "fuu", "journal#6", "says sequence 5");

        TestLedger cut = TestLedger.sound();
        cut.leaves.remove(cut.leaves.size() - 1);
        cut.trail.remove(cut.trail.size() - 1);
        to.add("tail-cut", cut.bundle(head), "fpp", "checkpoint", "but the journal has");

        TestLedger altered = new TestLedger().begin();
        altered.held(LARGE, 0, 1, 250_001, altered.now + HOUR, "desk", true);
        TestLedger amount = TestLedger.sound();
        amount.leaves.set(6, altered.leaves.get(6));
        to.add("altered-amount", amount.bundle(head), "ffp", "journal#7", "payload digest");

        TestLedger fork = TestLedger.sound().posted(uuid(99), 0, 1, 5);
        TestLedger other = TestLedger.sound().posted(uuid(99), 0, 1, 6);
        to.add("forked-head", fork.bundle(other.checkpoint()), "fpp", "checkpoint", "signed root");
        to.add(
                "head-by-a-stranger",
                good.bundle(good.checkpoint("n1", keys("stranger"))),
                "fpp",
                "checkpoint",
                "no node");
        to.add(
                "head-under-another-name",
                good.bundle(good.checkpoint("n2", TestLedger.NODE_1)),
                "fpp",
                "checkpoint",
                "no node");
        byte[] resigned = new String(head, StandardCharsets.UTF_8)
                .replace("time " + good.now, "time " + (good.now + 1))
                .getBytes(StandardCharsets.UTF_8);
        to.add("head-time-changed", good.bundle(resigned), "fpp", "checkpoint", "does not verify");

        TestLedger trail = TestLedger.sound();
        trail.trail.set(1, "{}".getBytes(StandardCharsets.UTF_8));
        to.add("trail-leaf-changed", trail.bundle(), "fpp", "trail", "anchors root");
        TestLedger shortTrail = TestLedger.sound();
        shortTrail.trail.remove(2);
        to.add("trail-cut", shortTrail.bundle(), "fpp", "trail", "covers 3 trail leaves");
        TestLedger longTrail = TestLedger.sound();
        longTrail.trail.add("{}".getBytes(StandardCharsets.UTF_8));
        to.add("trail-leaf-nobody-anchored", longTrail.bundle(), "fpp", "trail", "covers 3 trail leaves");

        TestLedger foreign = TestLedger.sound();
        foreign.texts.add("a text that no leaf cites");
        to.add("text-nobody-cites", foreign.bundle(), "fpp", "texts", "no leaf cites");
        List<byte[]> backwards = good.sortedTexts();
        Collections.reverse(backwards);
        to.add(
                "texts-unsorted",
                TestLedger.pack(good.manifest(), good.leaves.get(0), head, good.leaves, good.trail, backwards),
                "fpp",
                "texts#1",
                "sorted by digest");

        to.add(
                "manifest-size-wrong",
                TestLedger.pack(
                        good.manifest(5, 3), good.leaves.get(0), head, good.leaves, good.trail, good.sortedTexts()),
                "fpp",
                "manifest",
                "journal_size");
        to.add(
                "manifest-not-canonical",
                TestLedger.pack(
                        good.manifest() + "\n", good.leaves.get(0), head, good.leaves, good.trail, good.sortedTexts()),
                "fpp",
                "manifest",
                "lines");
        TestLedger subject = TestLedger.sound();
        subject.subject = "transfer:" + uuid(77);
        to.add("subject-unknown", subject.bundle(), "fpp", "manifest", "is no case");
        byte[] otherGenesis = good.leaves.get(0).clone();
        otherGenesis[17] ^= 1;
        to.add(
                "genesis-section-differs",
                TestLedger.pack(good.manifest(), otherGenesis, head, good.leaves, good.trail, good.sortedTexts()),
                "fpf",
                "genesis",
                "not");
    }
}
