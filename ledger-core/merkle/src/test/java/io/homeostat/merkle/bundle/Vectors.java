package io.homeostat.merkle.bundle;

import static io.homeostat.merkle.bundle.TestLedger.CASE;
import static io.homeostat.merkle.bundle.TestLedger.HOUR;
import static io.homeostat.merkle.bundle.TestLedger.LARGE;
import static io.homeostat.merkle.bundle.TestLedger.NAME;
import static io.homeostat.merkle.bundle.TestLedger.PAYLOAD;
import static io.homeostat.merkle.bundle.TestLedger.WATCHED;
import static io.homeostat.merkle.bundle.TestLedger.WATCHED_PAYLOAD;
import static io.homeostat.merkle.bundle.TestLedger.keys;
import static io.homeostat.merkle.bundle.TestLedger.sha;
import static io.homeostat.merkle.bundle.TestLedger.uuid;

import io.homeostat.merkle.TransferPayload;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The published bundles: what each is, and what a verifier that trusts the vectors' genesis must say of it. */
final class Vectors {
    private final List<Vector> vectors = new ArrayList<>();

    /**
     * @param verdicts integrity, completeness, authorship: p, f or u each
     * @param place section of the first finding, with {@code #sequence} when it names a leaf; empty for the sound ones
     * @param says part of a finding's message
     */
    record Vector(String name, byte[] bundle, String verdicts, String place, String says) {}

    private static final List<Vector> ALL = build();

    static List<Vector> all() {
        return ALL;
    }

    private static List<Vector> build() {
        Vectors all = new Vectors();
        all.soundOnes();
        all.changes();
        all.refusalsAndScreening();
        all.damaged();
        all.rewritten();
        all.signedLies();
        all.liesOfMoney();
        return List.copyOf(all.vectors);
    }

    static byte[] genesis() {
        return new TestLedger().genesis().leaves.get(0);
    }

    private void add(String name, byte[] bundle, String verdicts, String place, String says) {
        vectors.add(new Vector(name, bundle, verdicts, place, says));
    }

    private void accepted(String name, TestLedger ledger) {
        add(name, ledger.bundle(), "ppp", "", "");
    }

    private void soundOnes() {
        accepted("sound", TestLedger.sound());
        accepted("sound-genesis-only", new TestLedger().genesis());
        TestLedger open = new TestLedger().begin().gatedHold().approve("k1", "first of two");
        open.subject = CASE;
        accepted("sound-case-still-open", open);
        TestLedger expired = new TestLedger().begin().gatedHold();
        expired.now += HOUR;
        accepted("sound-case-expired", expired.caseDecided(CASE, 3).holdExpired(LARGE));
        TestLedger erased = TestLedger.sound();
        erased.texts.clear();
        accepted("sound-texts-erased", erased);
        // One person with two roles fills the first demanded one that is open.
        accepted(
                "sound-second-role",
                new TestLedger()
                        .begin()
                        .gatedHold()
                        .approve("k1", "treasury")
                        .approve("k2", "as risk, treasury being filled")
                        .release());
    }

    /** Policy and keys change as people decide, and what follows is judged by what was in force then. */
    private void changes() {
        accepted("sound-policy-raised", raised().posted(uuid(30), 0, 1, 150_000));
        accepted(
                "sound-policy-change-leaves-open-cases-alone",
                waiting()
                        .policyCase(POLICY, 1, 1)
                        .policyApproved(POLICY, 1, 1, "k1")
                        .policyApproved(POLICY, 1, 1, "k3")
                        .caseDecided(POLICY, 1)
                        .policyChanged(POLICY, 2)
                        .approve("k1", "x")
                        .approve("k3", "y")
                        .release());
        TestLedger two = begun().policyCase("policy:b", 1, 5);
        accepted("sound-second-change-superseded", raise(two).caseDecided("policy:b", 4));
        byte[] rotation = TestLedger.rotation("k1", "k1-new");
        accepted(
                "sound-key-rotated-signature-stays",
                keysChange(waiting().approve("k1", "before"), rotation, "k2", "k3")
                        .approve("k3", "y")
                        .release());
        byte[] revocation = TestLedger.revocation("k1");
        accepted(
                "sound-key-revoked-signature-dropped",
                keysChange(waiting().approve("k1", "before"), revocation, "k2", "k3")
                        .approve("k2", "in the place of k1")
                        .approve("k3", "y")
                        .release());
        accepted(
                "sound-key-registered",
                keysChange(waiting(), TestLedger.registration("k7", "p7", "treasury"), "k2", "k3")
                        .approve("k7", "new here")
                        .approve("k3", "y")
                        .release());

        lie(
                "policy-lowered-without-approval",
                begun().policyCase(POLICY, 1, 200_000).policyChanged(POLICY, 2).posted(uuid(30), 0, 1, 150_000),
                "journal#8",
                "its case was not approved");
        lie(
                "policy-of-another-body",
                begun().caseOpened(POLICY, 3, sha("another"), "desk", START_OF_CASES + HOUR, "treasury", 1, "risk", 1)
                        .proposed(POLICY, 1, TestLedger.body(out -> TestLedger.tiers(out, 200_000))),
                "journal#7",
                "not the digest of the proposed change");
        lie(
                "policy-change-approved-by-too-few",
                begun().policyCase(POLICY, 1, 200_000)
                        .policyApproved(POLICY, 1, 200_000, "k1")
                        .caseDecided(POLICY, 1)
                        .policyChanged(POLICY, 2),
                "journal#9",
                "lacks 1 x risk");
        lie(
                "policy-on-an-old-base",
                raised().policyCase("policy:c", 1, 300_000),
                "journal#13",
                "based on policy 1 but 2 is in force");
        lie(
                "own-key-approved",
                begun().keysCase(KEYS, TestLedger.rotation("k3", "k3-new"))
                        .keysApproved(KEYS, TestLedger.rotation("k3", "k3-new"), "k3"),
                "journal#8",
                "change of an own key");
        lie(
                "key-registered-without-approval",
                waiting()
                        .keysCase(KEYS, TestLedger.registration("k7", "p7", "treasury"))
                        .keysChanged(KEYS),
                "journal#10",
                "its case was not approved");
        add(
                "revoked-key-approves",
                keysChange(waiting(), revocation, "k2", "k3")
                        .approve("k1", "too late")
                        .bundle(),
                "pff",
                "journal#14",
                "not registered and active");
        lie(
                "signature-of-revoked-key-counted",
                keysChange(waiting().approve("k1", "before"), revocation, "k2", "k3")
                        .approve("k3", "y")
                        .release(),
                "journal#16",
                "lacks 1 x treasury");
        lie(
                "superseded-without-cause",
                begun().policyCase(POLICY, 1, 5).caseDecided(POLICY, 4),
                "journal#8",
                "its change still fits");
        lie(
                "change-withheld",
                begun().policyCase(POLICY, 1, 5)
                        .policyApproved(POLICY, 1, 5, "k1")
                        .policyApproved(POLICY, 1, 5, "k3")
                        .caseDecided(POLICY, 1)
                        .posted(uuid(30), 0, 1, 10),
                "journal#11",
                "must follow at once");
    }

    /** Refusals are evidence, and screening ends with a verdict or with people. */
    private void refusalsAndScreening() {
        accepted(
                "sound-refusals",
                waiting()
                        .approvalRefused(CASE, "k1", 49)
                        .approvalRefused(CASE, "k9", 48)
                        .refusalsCounted("key:k9", 1)
                        .approve("k1", "x")
                        .approve("k3", "y")
                        .release()
                        .approvalRefused(CASE, "k2", 43));
        accepted(
                "sound-screened-clear",
                screening()
                        .verdict(WATCHED, WATCHED_PAYLOAD, true, "d1", START_OF_CASES + 1_000_000)
                        .holdPosted(WATCHED, 160_000));
        TestLedger odd = screening().verdict(WATCHED, WATCHED_PAYLOAD, false, "d1", START_OF_CASES + 1_000_000);
        accepted("sound-screened-odd", people(odd));
        TestLedger late = screening();
        late.now += 3_000_000;
        accepted("sound-screening-lapsed", people(late.screeningLapsed(WATCHED)));

        lie(
                "refusal-relabelled-as-success",
                waiting().approvalRefused(CASE, "k1", 0),
                "journal#8",
                "no statement is refused for it");
        lie(
                "refusal-with-another-reason",
                waiting().approvalRefused(CASE, "k1", 48),
                "journal#8",
                "the key is registered");
        lie(
                "refused-release-relabelled",
                waiting().refused(2, LARGE.toString(), 1, "desk", sha("release")),
                "journal#8",
                "the reason of a success");
        lie(
                "screened-transfer-posted-directly",
                screeningAccounts().posted(WATCHED, 3, 4, 160_000),
                "journal#7",
                "posted without a verdict");
        lie(
                "screened-transfer-posted-without-verdict",
                screening().holdPosted(WATCHED, 160_000),
                "journal#9",
                "without an approval case");
        add(
                "verdict-by-an-approver",
                screening()
                        .verdict(WATCHED, WATCHED_PAYLOAD, true, "k3", START_OF_CASES + 1_000_000)
                        .bundle(),
                "pfp",
                "journal#9",
                "does not count");
        lie(
                "odd-transfer-posted",
                screening()
                        .verdict(WATCHED, WATCHED_PAYLOAD, false, "d1", START_OF_CASES + 1_000_000)
                        .holdPosted(WATCHED, 160_000),
                "journal#10",
                "must follow at once");
        lie("screening-lapsed-early", screening().screeningLapsed(WATCHED), "journal#9", "its time was not over");
    }

    private static TestLedger screeningAccounts() {
        return begun().account(4, "shop-usd", "USD", 1, 0);
    }

    private static TestLedger screening() {
        return screeningAccounts().watched();
    }

    private static TestLedger people(TestLedger ledger) {
        String caseId = "transfer:" + WATCHED;
        return ledger.caseOpened(caseId, 1, WATCHED_PAYLOAD, "desk", ledger.now + HOUR / 2, "risk", 1)
                .decision(caseId, WATCHED_PAYLOAD, true, "k3", keys("k3"), ledger.now + HOUR / 4, "looked at")
                .caseDecided(caseId, 1)
                .holdPosted(WATCHED, 160_000);
    }

    private static final String POLICY = "policy:a";
    private static final String KEYS = "keys:a";
    private static final long START_OF_CASES = TestLedger.START + 6000;

    private static TestLedger raised() {
        return raise(begun());
    }

    private static TestLedger raise(TestLedger ledger) {
        return ledger.policyCase(POLICY, 1, 200_000)
                .policyApproved(POLICY, 1, 200_000, "k1")
                .policyApproved(POLICY, 1, 200_000, "k3")
                .caseDecided(POLICY, 1)
                .policyChanged(POLICY, 2);
    }

    private static TestLedger keysChange(TestLedger ledger, byte[] body, String one, String other) {
        return ledger.keysCase(KEYS, body)
                .keysApproved(KEYS, body, one)
                .keysApproved(KEYS, body, other)
                .caseDecided(KEYS, 1)
                .keysChanged(KEYS);
    }

    private static int today() {
        return (int) (TestLedger.START / 86_400_000_000L);
    }

    /** Legs, terms and reversals; leaf 6 is the first of each. */
    private void liesOfMoney() {
        accepted(
                "sound-legs-and-reversals",
                begun().legs(uuid(30), 1, -500, 2, 400, 0, 100)
                        .terms(uuid(31), today(), uuid(30), 1)
                        .legs(uuid(31), 1, 500, 2, -400, 0, -100)
                        .terms(uuid(32), today() - 366, null, 0)
                        .posted(uuid(32), 0, 2, 70)
                        .terms(uuid(33), null, uuid(32), 5)
                        .posted(uuid(33), 2, 0, 70));
        lie("legs-unbalanced", begun().legs(uuid(30), 0, -500, 1, 499), "journal#6", "must add up to 0 but give -1");
        lie(
                "legs-balanced-across-assets-only",
                begun().legs(uuid(30), 0, -500, 3, 500),
                "journal#6",
                "must add up to 0");
        lie("legs-below-zero", begun().legs(uuid(30), 2, -1, 0, 1), "journal#6", "account saver may not go below zero");
        lie(
                "legs-around-the-gate",
                begun().legs(uuid(30), 0, -60_000, 0, -40_000, 1, 100_000),
                "journal#6",
                "falls in a tier");
        lie(
                "credits-beyond-debits",
                new TestLedger()
                        .genesis()
                        .account(0, "bank", "EUR", 3, 0)
                        .account(1, "owed", "EUR", 1, 2)
                        .posted(uuid(30), 0, 1, 1),
                "journal#3",
                "may not be credited beyond its debits");
        lie("leg-of-unknown-account", begun().legs(uuid(30), 0, -5, 9, 5), "journal#6", "has ordinal 9");
        lie("legs-of-known-id", begun().legs(TestLedger.SMALL, 0, -5, 1, 5), "journal#6", "exists already");
        lie(
                "terms-of-nothing",
                begun().terms(uuid(30), today(), null, 0).posted(uuid(31), 0, 1, 5),
                "journal#7",
                "the leaf of transfer " + uuid(30) + " must follow at once");
        lie(
                "effective-day-too-far",
                begun().terms(uuid(30), today() + 367, null, 0).posted(uuid(30), 0, 1, 5),
                "journal#7",
                "lies 367 days from its booking");
        lie(
                "reversal-of-unknown",
                begun().terms(uuid(30), null, uuid(99), 1).posted(uuid(30), 0, 1, 5),
                "journal#7",
                "which is not posted");
        lie(
                "reversal-of-other-amount",
                begun().terms(uuid(30), null, TestLedger.SMALL, 1).posted(uuid(30), 1, 0, 99_998),
                "journal#7",
                "is not the opposite of");
        TestLedger once = begun().terms(uuid(30), null, TestLedger.SMALL, 1).posted(uuid(30), 1, 0, 99_999);
        lie(
                "reversal-of-reversal",
                once.terms(uuid(31), null, uuid(30), 1).posted(uuid(31), 0, 1, 99_999),
                "journal#9",
                "which is a reversal itself");
        TestLedger twice = begun().terms(uuid(30), null, TestLedger.SMALL, 1)
                .posted(uuid(30), 1, 0, 99_999)
                .posted(uuid(32), 0, 1, 99_999);
        lie(
                "reversed-twice",
                twice.terms(uuid(31), null, TestLedger.SMALL, 1).posted(uuid(31), 1, 0, 99_999),
                "journal#10",
                "has reversed");
    }

    /** Somebody without any key changes the file. */
    private void damaged() {
        byte[] good = TestLedger.sound().bundle();
        String text = new String(good, StandardCharsets.ISO_8859_1);
        add("flipped-first-line", TestLedger.flip(good, 3), "fuu", "file", "first line");
        add("flipped-manifest", TestLedger.flip(good, text.indexOf("incident-7")), "fuu", "manifest", "SHA-256");
        add("flipped-genesis", TestLedger.flip(good, text.indexOf("zone-b")), "fuu", "genesis", "SHA-256");
        add("flipped-checkpoint", TestLedger.flip(good, text.indexOf("\ntime ") + 8), "fuu", "checkpoint", "SHA-256");
        int journal = text.indexOf("section journal");
        add(
                "flipped-journal-leaf",
                TestLedger.flip(good, text.indexOf("customer", journal)),
                "fuu",
                "journal#2",
                "CRC32C");
        int trail = text.indexOf("section trail");
        add(
                "flipped-trail-leaf",
                TestLedger.flip(good, text.indexOf("IncidentClosed", trail)),
                "fuu",
                "trail#2",
                "CRC32C");
        int texts = text.indexOf("section texts");
        add("flipped-text", TestLedger.flip(good, text.indexOf("limits checked", texts)), "fuu", "texts", "CRC32C");
        add("flipped-section-header", TestLedger.flip(good, trail + 20), "fuu", "trail", "");
        add("flipped-end", TestLedger.flip(good, good.length - 3), "fuu", "file", "last line");
        add("cut-off", java.util.Arrays.copyOf(good, good.length / 2), "fuu", "journal", "left in the file");
        add("empty-file", new byte[0], "fuu", "file", "ends within a line");
        byte[] trailing = java.util.Arrays.copyOf(good, good.length + 1);
        add("trailing-byte", trailing, "fuu", "file", "behind the last line");
        add(
                "two-bundles-in-one",
                (text + text).getBytes(StandardCharsets.ISO_8859_1),
                "fuu",
                "file",
                "behind the last line");
    }

    /** Somebody rewrites the content and every digest and CRC, but has no key. */
    private void rewritten() {
        TestLedger good = TestLedger.sound();
        byte[] head = good.checkpoint();
        List<TestLedger.Section> sections = sections(good);

        List<TestLedger.Section> doubled = new ArrayList<>(sections);
        doubled.add(4, sections.get(3));
        add("duplicate-section", TestLedger.packSections(doubled), "fuu", "trail", "section trail");
        List<TestLedger.Section> swapped = new ArrayList<>(sections);
        Collections.swap(swapped, 3, 4);
        add("sections-out-of-order", TestLedger.packSections(swapped), "fuu", "journal", "section journal");
        List<TestLedger.Section> missing = new ArrayList<>(sections);
        missing.remove(5);
        add("section-missing", TestLedger.packSections(missing), "fuu", "texts", "section texts");

        TestLedger dropped = TestLedger.sound();
        dropped.leaves.remove(9);
        add("dropped-leaf", dropped.bundle(head), "fuu", "journal#9", "says sequence 10");
        TestLedger reordered = TestLedger.sound();
        Collections.swap(reordered.leaves, 12, 13);
        add("reordered-leaves", reordered.bundle(head), "fuu", "journal#12", "says sequence 13");
        TestLedger doubledLeaf = TestLedger.sound();
        doubledLeaf.leaves.add(6, doubledLeaf.leaves.get(5));
        add("leaf-twice", doubledLeaf.bundle(head), "fuu", "journal#6", "says sequence 5");

        TestLedger cut = TestLedger.sound();
        cut.leaves.remove(cut.leaves.size() - 1);
        cut.trail.remove(cut.trail.size() - 1);
        add("tail-cut", cut.bundle(head), "fpp", "checkpoint", "but the journal has");

        TestLedger altered = new TestLedger().begin();
        altered.held(LARGE, 0, 1, 250_001, altered.now + HOUR, "desk", true);
        TestLedger amount = TestLedger.sound();
        amount.leaves.set(6, altered.leaves.get(6));
        add("altered-amount", amount.bundle(head), "ffp", "journal#7", "payload digest");

        TestLedger fork = TestLedger.sound().posted(uuid(99), 0, 1, 5);
        TestLedger other = TestLedger.sound().posted(uuid(99), 0, 1, 6);
        add("forked-head", fork.bundle(other.checkpoint()), "fpp", "checkpoint", "signed root");
        add("head-by-a-stranger", good.bundle(good.checkpoint("n1", keys("stranger"))), "fpp", "checkpoint", "no node");
        add(
                "head-under-another-name",
                good.bundle(good.checkpoint("n2", TestLedger.NODE_1)),
                "fpp",
                "checkpoint",
                "no node");
        byte[] resigned = new String(head, StandardCharsets.UTF_8)
                .replace("time " + good.now, "time " + (good.now + 1))
                .getBytes(StandardCharsets.UTF_8);
        add("head-time-changed", good.bundle(resigned), "fpp", "checkpoint", "does not verify");

        TestLedger trail = TestLedger.sound();
        trail.trail.set(1, "{}".getBytes(StandardCharsets.UTF_8));
        add("trail-leaf-changed", trail.bundle(), "fpp", "trail", "anchors root");
        TestLedger shortTrail = TestLedger.sound();
        shortTrail.trail.remove(2);
        add("trail-cut", shortTrail.bundle(), "fpp", "trail", "covers 3 trail leaves");
        TestLedger longTrail = TestLedger.sound();
        longTrail.trail.add("{}".getBytes(StandardCharsets.UTF_8));
        add("trail-leaf-nobody-anchored", longTrail.bundle(), "fpp", "trail", "covers 3 trail leaves");

        TestLedger foreign = TestLedger.sound();
        foreign.texts.add("a text that no leaf cites");
        add("text-nobody-cites", foreign.bundle(), "fpp", "texts", "no leaf cites");
        List<byte[]> backwards = good.sortedTexts();
        Collections.reverse(backwards);
        add(
                "texts-unsorted",
                TestLedger.pack(good.manifest(), good.leaves.get(0), head, good.leaves, good.trail, backwards),
                "fpp",
                "texts#1",
                "sorted by digest");

        add(
                "manifest-size-wrong",
                TestLedger.pack(
                        good.manifest(5, 3), good.leaves.get(0), head, good.leaves, good.trail, good.sortedTexts()),
                "fpp",
                "manifest",
                "journal_size");
        add(
                "manifest-not-canonical",
                TestLedger.pack(
                        good.manifest() + "\n", good.leaves.get(0), head, good.leaves, good.trail, good.sortedTexts()),
                "fpp",
                "manifest",
                "lines");
        TestLedger subject = TestLedger.sound();
        subject.subject = "transfer:" + uuid(77);
        add("subject-unknown", subject.bundle(), "fpp", "manifest", "is no case");
        byte[] otherGenesis = good.leaves.get(0).clone();
        otherGenesis[17] ^= 1;
        add(
                "genesis-section-differs",
                TestLedger.pack(good.manifest(), otherGenesis, head, good.leaves, good.trail, good.sortedTexts()),
                "fpf",
                "genesis",
                "not");
    }

    /** The ledger's own node signs a journal that breaks the rules: only the replay can tell. */
    private void signedLies() {
        lie("posted-without-hold", begun().posted(uuid(20), 0, 1, 100_000), "journal#6", "without a hold");
        lie(
                "gated-hold-posted-without-approval",
                begun().gatedHold().holdPosted(LARGE, 250_000),
                "journal#8",
                "its case is open");
        lie(
                "gated-hold-posted-without-case",
                held(begun(), LARGE, 250_000, true).holdPosted(LARGE, 250_000),
                "journal#7",
                "without an approval case");
        lie(
                "hold-not-marked-gated",
                held(begun(), LARGE, 250_000, false).holdPosted(LARGE, 250_000),
                "journal#6",
                "gates it by tier 'large'");
        lie("one-approval-is-not-two", waiting().approve("k1", "alone").release(), "journal#9", "lacks 1 x risk");
        lie(
                "same-person-twice",
                waiting().approve("k1", "once").approve("k1-spare", "twice").release(),
                "journal#9",
                "'p1' has decided this case before");
        lie(
                "role-not-demanded",
                waiting().approve("k1", "x").approve("k4", "y").release(),
                "journal#9",
                "holds no demanded role");
        TestLedger own = begun();
        byte[] payload = new TransferPayload(LARGE, "bank", "customer", "EUR", 250_000, "p1").digest();
        long end = own.now + HOUR;
        own.held(LARGE, 0, 1, 250_000, end, "p1", true)
                .caseOpened(CASE, 1, payload, "p1", end, "treasury", 1, "risk", 1)
                .decision(CASE, payload, true, "k1", keys("k1"), end, "my own")
                .decision(CASE, payload, true, "k3", keys("k3"), end, "seen")
                .release();
        lie("requester-approved", own, "journal#8", "'p1' is the requester");
        lie(
                "wrong-digest",
                waiting()
                        .decision(CASE, sha("other"), true, "k1", keys("k1"), end, "x")
                        .approve("k3", "y")
                        .release(),
                "journal#8",
                "it is for payload");
        TestLedger late = waiting();
        lie(
                "approval-expired",
                late.decision(CASE, PAYLOAD, true, "k1", keys("k1"), late.now - 1, "x")
                        .approve("k3", "y")
                        .release(),
                "journal#8",
                "statement had expired");
        lie(
                "approval-outlives-case",
                waiting()
                        .decision(CASE, PAYLOAD, true, "k1", keys("k1"), end + HOUR, "x")
                        .approve("k3", "y")
                        .release(),
                "journal#8",
                "outlives");
        lie(
                "changed-after-denial",
                waiting()
                        .decision(
                                CASE,
                                PAYLOAD,
                                false,
                                "k3",
                                keys("k3"),
                                waiting().caseExpires(),
                                "no")
                        .caseDecided(CASE, 1)
                        .holdPosted(LARGE, 250_000),
                "journal#9",
                "DENIED");
        lie("decided-by-nobody", waiting().release(), "journal#8", "it lacks 1 x treasury");
        lie("denied-by-nobody", waiting().caseDecided(CASE, 2).holdVoided(LARGE, 2), "journal#8", "nobody denied it");
        lie("case-expired-early", waiting().caseDecided(CASE, 3).holdExpired(LARGE), "journal#8", "time was not over");
        TestLedger slow = approved();
        lie(
                "release-not-at-once",
                slow.caseDecided(CASE, 1).posted(uuid(30), 0, 1, 1).holdPosted(LARGE, 250_000),
                "journal#11",
                "must follow at once");
        lie("decision-withheld", approved().posted(uuid(30), 0, 1, 1), "journal#10", "must follow at once");
        lie(
                "gated-hold-posted-in-part",
                approved().caseDecided(CASE, 1).holdPosted(LARGE, 249_999),
                "journal#11",
                "posted whole");
        lie(
                "gated-hold-posted-with-more",
                approved().caseDecided(CASE, 1).holdPosted(LARGE, 250_001),
                "journal#11",
                "posted with 250001");
        TestLedger demands = begun();
        demands.held(LARGE, 0, 1, 250_000, end, "desk", true)
                .caseOpened(CASE, 1, PAYLOAD, "desk", end, "treasury", 1)
                .approve("k1", "x")
                .release();
        lie("case-demands-less-than-policy", demands, "journal#7", "tier 'large' demands");
        TestLedger longer = begun();
        longer.held(LARGE, 0, 1, 250_000, end, "desk", true)
                .caseOpened(CASE, 1, PAYLOAD, "desk", end + HOUR, "treasury", 1, "risk", 1);
        lie("case-lives-longer-than-policy", longer, "journal#7", "within 3600 s");
        TestLedger digest = begun();
        digest.held(LARGE, 0, 2, 250_000, end, "desk", true)
                .caseOpened(CASE, 1, PAYLOAD, "desk", end, "treasury", 1, "risk", 1);
        lie("case-about-another-account", digest, "journal#7", "is not the digest of hold");
        lie(
                "recovery-without-policy",
                begun().caseOpened("recovery:x", 2, sha("p"), "healer", end, "operations", 1),
                "journal#6",
                "no recovery tier");
        lie("below-zero", begun().posted(uuid(20), 2, 1, 1), "journal#6", "below zero");
        lie(
                "below-zero-by-holds",
                plainHold(begun(), uuid(21), 1, 2, 160_000).posted(uuid(22), 1, 2, 40_000),
                "journal#7",
                "below zero");
        lie("transfer-twice", begun().posted(TestLedger.SMALL, 0, 1, 5), "journal#6", "exists already");
        lie(
                "hold-posted-twice",
                plainHold(begun(), uuid(21), 1, 2, 5).holdPosted(uuid(21), 5).holdPosted(uuid(21), 5),
                "journal#8",
                "no open hold");
        TestLedger old = plainHold(begun(), uuid(21), 1, 2, 5);
        old.now += 2 * HOUR;
        lie("hold-posted-after-expiry", old.holdPosted(uuid(21), 5), "journal#7", "after it had expired");
        lie(
                "hold-expired-early",
                plainHold(begun(), uuid(21), 1, 2, 5).holdExpired(uuid(21)),
                "journal#7",
                "before its time");
        lie("assets-mixed", begun().posted(uuid(20), 0, 3, 5), "journal#6", "holds EUR");
        lie("account-unknown", begun().posted(uuid(20), 0, 4, 5), "journal#6", "4 accounts exist");
        lie("account-twice", begun().account(4, "saver", "EUR", 1, 0), "journal#6", "exists already");
        lie(
                "exponents-mixed",
                begun().leaf(2, out -> {
                    out.writeInt(4);
                    TestLedger.str(out, "yen-like");
                    TestLedger.str(out, "EUR");
                    out.writeByte(0);
                    out.writeByte(1);
                    out.writeByte(0);
                }),
                "journal#6",
                "with exponent 0");
        lie("gated-hold-voided-by-client", waiting().holdVoided(LARGE, 1), "journal#8", "ends with its case only");
        lie("ordinal-gap", begun().account(5, "late", "EUR", 1, 0), "journal#6", "ordinal must be 4");
        lie("node-unknown", begun().isolated("n9", "incident-7", "x"), "journal#6", "not in genesis");

        add(
                "approval-by-wrong-key",
                waiting()
                        .decision(
                                CASE,
                                PAYLOAD,
                                true,
                                "k1",
                                keys("stranger"),
                                waiting().caseExpires(),
                                "x")
                        .approve("k3", "y")
                        .release()
                        .bundle(),
                "pff",
                "journal#8",
                "does not verify");
        add(
                "approval-by-unknown-key",
                waiting()
                        .decision(
                                CASE, PAYLOAD, true, "k9", keys("k9"), waiting().caseExpires(), "x")
                        .approve("k3", "y")
                        .release()
                        .bundle(),
                "pff",
                "journal#8",
                "not registered and active");

        TestLedger time = begun();
        time.now -= 2000;
        add("time-goes-back", time.posted(uuid(20), 0, 1, 5).bundle(), "fpp", "journal#6", "time goes back");
        TestLedger version = begun();
        byte[] leaf = version.posted(uuid(20), 0, 1, 5).leaves.get(6);
        leaf[0] = 2;
        add("leaf-of-unknown-version", version.bundle(), "fuu", "journal#6", "version 1");
        TestLedger trailing = begun().leaf(7, out -> {
            TestLedger.uuid(out, uuid(1));
            out.write(0);
        });
        add("trailing-byte-in-a-leaf", trailing.bundle(), "fuu", "journal#6", "behind the leaf's content");
        add("second-genesis", begun().genesis().bundle(), "fuu", "journal#6", "only leaf 0");
        add(
                "anchor-of-another-log",
                begun().anchored(NAME + "/other", 0, TestLedger.root(List.of())).bundle(),
                "fpp",
                "journal#6",
                "origin");
        TestLedger back = TestLedger.sound();
        back.anchored(NAME + "/trail", 2, TestLedger.root(back.trail.subList(0, 2)));
        add("anchor-goes-back", back.bundle(), "fpp", "journal#" + (back.leaves.size() - 1), "but only 2 here");

        TestLedger stranger = new TestLedger().leaf(1, out -> {
            TestLedger.str(out, NAME);
            out.writeShort(1);
            TestLedger.str(out, "n1");
            TestLedger.str(out, "zone-a");
            TestLedger.bytes(out, keys("stranger").publicKey());
            out.writeShort(0);
            out.writeShort(0);
        });
        add(
                "another-ledgers-genesis",
                stranger.bundle(stranger.checkpoint("n1", keys("stranger"))),
                "ppf",
                "genesis#0",
                "not the trusted one");
    }

    private void lie(String name, TestLedger ledger, String place, String says) {
        add(name, ledger.bundle(), "pfp", place, says);
    }

    private static TestLedger begun() {
        return new TestLedger().begin();
    }

    private static TestLedger waiting() {
        return begun().gatedHold();
    }

    private static TestLedger approved() {
        return waiting().approve("k1", "x").approve("k3", "y");
    }

    private static TestLedger held(TestLedger ledger, java.util.UUID id, long amount, boolean gated) {
        return ledger.held(id, 0, 1, amount, ledger.now + HOUR, "desk", gated);
    }

    private static TestLedger plainHold(TestLedger ledger, java.util.UUID id, int debit, int credit, long amount) {
        return ledger.held(id, debit, credit, amount, ledger.now + HOUR, "desk", false);
    }

    private static List<TestLedger.Section> sections(TestLedger ledger) {
        return List.of(
                new TestLedger.Section("manifest", ledger.manifest().getBytes(StandardCharsets.UTF_8)),
                new TestLedger.Section("genesis", ledger.leaves.get(0)),
                new TestLedger.Section("checkpoint", ledger.checkpoint()),
                new TestLedger.Section("journal", io.homeostat.merkle.Frames.encode(ledger.leaves)),
                new TestLedger.Section("trail", io.homeostat.merkle.Frames.encode(ledger.trail)),
                new TestLedger.Section("texts", io.homeostat.merkle.Frames.encode(ledger.sortedTexts())));
    }
}
