package io.homeostat.merkle.bundle;

import static io.homeostat.merkle.bundle.TestLedger.CASE;
import static io.homeostat.merkle.bundle.TestLedger.HOUR;
import static io.homeostat.merkle.bundle.TestLedger.LARGE;
import static io.homeostat.merkle.bundle.TestLedger.NAME;
import static io.homeostat.merkle.bundle.TestLedger.PAYLOAD;
import static io.homeostat.merkle.bundle.TestLedger.keys;
import static io.homeostat.merkle.bundle.TestLedger.sha;
import static io.homeostat.merkle.bundle.TestLedger.uuid;
import static io.homeostat.merkle.bundle.VectorList.approved;
import static io.homeostat.merkle.bundle.VectorList.begun;
import static io.homeostat.merkle.bundle.VectorList.held;
import static io.homeostat.merkle.bundle.VectorList.plainHold;
import static io.homeostat.merkle.bundle.VectorList.waiting;

import io.homeostat.merkle.TransferPayload;
import java.util.List;

/** What the ledger's own node signs against the rules: only the replay can tell. */
final class VectorsOfLies {
    private VectorsOfLies() {}

    static void addTo(VectorList to) {
        signedLies(to);
    }

    /** The ledger's own node signs a journal that breaks the rules: only the replay can tell. */
    private static void signedLies(VectorList to) {
        to.lie("posted-without-hold", begun().posted(uuid(20), 0, 1, 100_000), "journal#6", "without a hold");
        to.lie(
                "gated-hold-posted-without-approval",
                begun().gatedHold().holdPosted(LARGE, 250_000),
                "journal#8",
                "its case is open");
        to.lie(
                "gated-hold-posted-without-case",
                held(begun(), LARGE, 250_000, true).holdPosted(LARGE, 250_000),
                "journal#7",
                "without an approval case");
        to.lie(
                "hold-not-marked-gated",
                held(begun(), LARGE, 250_000, false).holdPosted(LARGE, 250_000),
                "journal#6",
                "gates it by tier 'large'");
        to.lie("one-approval-is-not-two", waiting().approve("k1", "alone").release(), "journal#9", "lacks 1 x risk");
        to.lie(
                "same-person-twice",
                waiting().approve("k1", "once").approve("k1-spare", "twice").release(),
                "journal#9",
                "'p1' has decided this case before");
        to.lie(
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
        to.lie("requester-approved", own, "journal#8", "'p1' is the requester");
        to.lie(
                "wrong-digest",
                waiting()
                        .decision(CASE, sha("other"), true, "k1", keys("k1"), end, "x")
                        .approve("k3", "y")
                        .release(),
                "journal#8",
                "it is for payload");
        TestLedger late = waiting();
        to.lie(
                "approval-expired",
                late.decision(CASE, PAYLOAD, true, "k1", keys("k1"), late.now - 1, "x")
                        .approve("k3", "y")
                        .release(),
                "journal#8",
                "statement had expired");
        to.lie(
                "approval-outlives-case",
                waiting()
                        .decision(CASE, PAYLOAD, true, "k1", keys("k1"), end + HOUR, "x")
                        .approve("k3", "y")
                        .release(),
                "journal#8",
                "outlives");
        to.lie(
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
        to.lie("decided-by-nobody", waiting().release(), "journal#8", "it lacks 1 x treasury");
        to.lie(
                "denied-by-nobody",
                waiting().caseDecided(CASE, 2).holdVoided(LARGE, 2),
                "journal#8",
                "nobody denied it");
        to.lie(
                "case-expired-early",
                waiting().caseDecided(CASE, 3).holdExpired(LARGE),
                "journal#8",
                "time was not over");
        TestLedger slow = approved();
        to.lie(
                "release-not-at-once",
                slow.caseDecided(CASE, 1).posted(uuid(30), 0, 1, 1).holdPosted(LARGE, 250_000),
                "journal#11",
                "must follow at once");
        to.lie("decision-withheld", approved().posted(uuid(30), 0, 1, 1), "journal#10", "must follow at once");
        to.lie(
                "gated-hold-posted-in-part",
                approved().caseDecided(CASE, 1).holdPosted(LARGE, 249_999),
                "journal#11",
                "posted whole");
        to.lie(
                "gated-hold-posted-with-more",
                approved().caseDecided(CASE, 1).holdPosted(LARGE, 250_001),
                "journal#11",
                "posted with 250001");
        TestLedger demands = begun();
        demands.held(LARGE, 0, 1, 250_000, end, "desk", true)
                .caseOpened(CASE, 1, PAYLOAD, "desk", end, "treasury", 1)
                .approve("k1", "x")
                .release();
        to.lie("case-demands-less-than-policy", demands, "journal#7", "tier 'large' demands");
        TestLedger longer = begun();
        longer.held(LARGE, 0, 1, 250_000, end, "desk", true)
                .caseOpened(CASE, 1, PAYLOAD, "desk", end + HOUR, "treasury", 1, "risk", 1);
        to.lie("case-lives-longer-than-policy", longer, "journal#7", "within 3600 s");
        TestLedger digest = begun();
        digest.held(LARGE, 0, 2, 250_000, end, "desk", true)
                .caseOpened(CASE, 1, PAYLOAD, "desk", end, "treasury", 1, "risk", 1);
        to.lie("case-about-another-account", digest, "journal#7", "is not the digest of hold");
        to.lie(
                "recovery-without-policy",
                begun().caseOpened("recovery:x", 2, sha("p"), "healer", end, "operations", 1),
                "journal#6",
                "no recovery tier");
        to.lie("below-zero", begun().posted(uuid(20), 2, 1, 1), "journal#6", "below zero");
        to.lie(
                "below-zero-by-holds",
                plainHold(begun(), uuid(21), 1, 2, 160_000).posted(uuid(22), 1, 2, 40_000),
                "journal#7",
                "below zero");
        to.lie("transfer-twice", begun().posted(TestLedger.SMALL, 0, 1, 5), "journal#6", "exists already");
        to.lie(
                "hold-posted-twice",
                plainHold(begun(), uuid(21), 1, 2, 5).holdPosted(uuid(21), 5).holdPosted(uuid(21), 5),
                "journal#8",
                "no open hold");
        TestLedger old = plainHold(begun(), uuid(21), 1, 2, 5);
        old.now += 2 * HOUR;
        to.lie("hold-posted-after-expiry", old.holdPosted(uuid(21), 5), "journal#7", "after it had expired");
        to.lie(
                "hold-expired-early",
                plainHold(begun(), uuid(21), 1, 2, 5).holdExpired(uuid(21)),
                "journal#7",
                "before its time");
        to.lie("assets-mixed", begun().posted(uuid(20), 0, 3, 5), "journal#6", "holds EUR");
        to.lie("account-unknown", begun().posted(uuid(20), 0, 4, 5), "journal#6", "4 accounts exist");
        to.lie("account-twice", begun().account(4, "saver", "EUR", 1, 0), "journal#6", "exists already");
        to.lie(
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
        to.lie("gated-hold-voided-by-client", waiting().holdVoided(LARGE, 1), "journal#8", "ends with its case only");
        to.lie("ordinal-gap", begun().account(5, "late", "EUR", 1, 0), "journal#6", "ordinal must be 4");
        to.lie("node-unknown", begun().isolated("n9", "incident-7", "x"), "journal#6", "not in genesis");

        to.add(
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
        to.add(
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
        to.add("time-goes-back", time.posted(uuid(20), 0, 1, 5).bundle(), "fpp", "journal#6", "time goes back");
        TestLedger version = begun();
        byte[] leaf = version.posted(uuid(20), 0, 1, 5).leaves.get(6);
        leaf[0] = 2;
        to.add("leaf-of-unknown-version", version.bundle(), "fuu", "journal#6", "version 1");
        TestLedger trailing = begun().leaf(7, out -> {
            TestLedger.uuid(out, uuid(1));
            out.write(0);
        });
        to.add("trailing-byte-in-a-leaf", trailing.bundle(), "fuu", "journal#6", "behind the leaf's content");
        to.add("second-genesis", begun().genesis().bundle(), "fuu", "journal#6", "only leaf 0");
        to.add(
                "anchor-of-another-log",
                begun().anchored(NAME + "/other", 0, TestLedger.root(List.of())).bundle(),
                "fpp",
                "journal#6",
                "origin");
        TestLedger back = TestLedger.sound();
        back.anchored(NAME + "/trail", 2, TestLedger.root(back.trail.subList(0, 2)));
        to.add("anchor-goes-back", back.bundle(), "fpp", "journal#" + (back.leaves.size() - 1), "but only 2 here");

        TestLedger stranger = new TestLedger().leaf(1, out -> {
            TestLedger.str(out, NAME);
            out.writeShort(1);
            TestLedger.str(out, "n1");
            TestLedger.str(out, "zone-a");
            TestLedger.bytes(out, keys("stranger").publicKey());
            out.writeShort(0);
            out.writeShort(0);
        });
        to.add(
                "another-ledgers-genesis",
                stranger.bundle(stranger.checkpoint("n1", keys("stranger"))),
                "ppf",
                "genesis#0",
                "not the trusted one");
    }
}
