package io.homeostat.merkle.bundle;

import static io.homeostat.merkle.bundle.TestLedger.CASE;
import static io.homeostat.merkle.bundle.TestLedger.HOUR;
import static io.homeostat.merkle.bundle.TestLedger.LARGE;
import static io.homeostat.merkle.bundle.TestLedger.WATCHED;
import static io.homeostat.merkle.bundle.TestLedger.WATCHED_PAYLOAD;
import static io.homeostat.merkle.bundle.TestLedger.sha;
import static io.homeostat.merkle.bundle.TestLedger.uuid;
import static io.homeostat.merkle.bundle.VectorList.KEYS;
import static io.homeostat.merkle.bundle.VectorList.POLICY;
import static io.homeostat.merkle.bundle.VectorList.START_OF_CASES;
import static io.homeostat.merkle.bundle.VectorList.begun;
import static io.homeostat.merkle.bundle.VectorList.keysChange;
import static io.homeostat.merkle.bundle.VectorList.people;
import static io.homeostat.merkle.bundle.VectorList.raise;
import static io.homeostat.merkle.bundle.VectorList.raised;
import static io.homeostat.merkle.bundle.VectorList.screening;
import static io.homeostat.merkle.bundle.VectorList.screeningAccounts;
import static io.homeostat.merkle.bundle.VectorList.waiting;

/** Policy, keys, refusals and screening: what follows a change is judged by what was in force then. */
final class VectorsOfChanges {
    private VectorsOfChanges() {}

    static void addTo(VectorList to) {
        changes(to);
        refusalsAndScreening(to);
    }

    /** Policy and keys change as people decide, and what follows is judged by what was in force then. */
    private static void changes(VectorList to) {
        to.accepted("sound-policy-raised", raised().posted(uuid(30), 0, 1, 150_000));
        to.accepted(
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
        to.accepted("sound-second-change-superseded", raise(two).caseDecided("policy:b", 4));
        byte[] rotation = TestLedger.rotation("k1", "k1-new");
        to.accepted(
                "sound-key-rotated-signature-stays",
                keysChange(waiting().approve("k1", "before"), rotation, "k2", "k3")
                        .approve("k3", "y")
                        .release());
        byte[] revocation = TestLedger.revocation("k1");
        to.accepted(
                "sound-key-revoked-signature-dropped",
                keysChange(waiting().approve("k1", "before"), revocation, "k2", "k3")
                        .approve("k2", "in the place of k1")
                        .approve("k3", "y")
                        .release());
        to.accepted(
                "sound-key-registered",
                keysChange(waiting(), TestLedger.registration("k7", "p7", "treasury"), "k2", "k3")
                        .approve("k7", "new here")
                        .approve("k3", "y")
                        .release());

        to.lie(
                "policy-lowered-without-approval",
                begun().policyCase(POLICY, 1, 200_000).policyChanged(POLICY, 2).posted(uuid(30), 0, 1, 150_000),
                "journal#8",
                "its case was not approved");
        to.lie(
                "policy-of-another-body",
                begun().caseOpened(POLICY, 3, sha("another"), "desk", START_OF_CASES + HOUR, "treasury", 1, "risk", 1)
                        .proposed(POLICY, 1, TestLedger.body(out -> TestLedger.tiers(out, 200_000))),
                "journal#7",
                "not the digest of the proposed change");
        to.lie(
                "policy-change-approved-by-too-few",
                begun().policyCase(POLICY, 1, 200_000)
                        .policyApproved(POLICY, 1, 200_000, "k1")
                        .caseDecided(POLICY, 1)
                        .policyChanged(POLICY, 2),
                "journal#9",
                "lacks 1 x risk");
        to.lie(
                "policy-on-an-old-base",
                raised().policyCase("policy:c", 1, 300_000),
                "journal#13",
                "based on policy 1 but 2 is in force");
        to.lie(
                "own-key-approved",
                begun().keysCase(KEYS, TestLedger.rotation("k3", "k3-new"))
                        .keysApproved(KEYS, TestLedger.rotation("k3", "k3-new"), "k3"),
                "journal#8",
                "change of an own key");
        to.lie(
                "key-registered-without-approval",
                waiting()
                        .keysCase(KEYS, TestLedger.registration("k7", "p7", "treasury"))
                        .keysChanged(KEYS),
                "journal#10",
                "its case was not approved");
        to.add(
                "revoked-key-approves",
                keysChange(waiting(), revocation, "k2", "k3")
                        .approve("k1", "too late")
                        .bundle(),
                "pff",
                "journal#14",
                "not registered and active");
        to.lie(
                "signature-of-revoked-key-counted",
                keysChange(waiting().approve("k1", "before"), revocation, "k2", "k3")
                        .approve("k3", "y")
                        .release(),
                "journal#16",
                "lacks 1 x treasury");
        to.lie(
                "superseded-without-cause",
                begun().policyCase(POLICY, 1, 5).caseDecided(POLICY, 4),
                "journal#8",
                "its change still fits");
        to.lie(
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
    private static void refusalsAndScreening(VectorList to) {
        to.accepted(
                "sound-refusals",
                waiting()
                        .approvalRefused(CASE, "k1", 49)
                        .approvalRefused(CASE, "k9", 48)
                        .refusalsCounted("key:k9", 1)
                        .approve("k1", "x")
                        .approve("k3", "y")
                        .release()
                        .approvalRefused(CASE, "k2", 43));
        to.accepted(
                "sound-screened-clear",
                screening()
                        .verdict(WATCHED, WATCHED_PAYLOAD, true, "d1", START_OF_CASES + 1_000_000)
                        .holdPosted(WATCHED, 160_000));
        TestLedger odd = screening().verdict(WATCHED, WATCHED_PAYLOAD, false, "d1", START_OF_CASES + 1_000_000);
        to.accepted("sound-screened-odd", people(odd));
        TestLedger late = screening();
        late.now += 3_000_000;
        to.accepted("sound-screening-lapsed", people(late.screeningLapsed(WATCHED)));

        to.lie(
                "refusal-relabelled-as-success",
                waiting().approvalRefused(CASE, "k1", 0),
                "journal#8",
                "no statement is refused for it");
        to.lie(
                "refusal-with-another-reason",
                waiting().approvalRefused(CASE, "k1", 48),
                "journal#8",
                "the key is registered");
        to.lie(
                "refused-release-relabelled",
                waiting().refused(2, LARGE.toString(), 1, "desk", sha("release")),
                "journal#8",
                "the reason of a success");
        to.lie(
                "screened-transfer-posted-directly",
                screeningAccounts().posted(WATCHED, 3, 4, 160_000),
                "journal#7",
                "posted without a verdict");
        to.lie(
                "screened-transfer-posted-without-verdict",
                screening().holdPosted(WATCHED, 160_000),
                "journal#9",
                "without an approval case");
        to.add(
                "verdict-by-an-approver",
                screening()
                        .verdict(WATCHED, WATCHED_PAYLOAD, true, "k3", START_OF_CASES + 1_000_000)
                        .bundle(),
                "pfp",
                "journal#9",
                "does not count");
        to.lie(
                "odd-transfer-posted",
                screening()
                        .verdict(WATCHED, WATCHED_PAYLOAD, false, "d1", START_OF_CASES + 1_000_000)
                        .holdPosted(WATCHED, 160_000),
                "journal#10",
                "must follow at once");
        to.lie("screening-lapsed-early", screening().screeningLapsed(WATCHED), "journal#9", "its time was not over");
    }
}
