package io.homeostat.merkle.bundle;

import static io.homeostat.merkle.bundle.TestLedger.PAYLOAD;
import static io.homeostat.merkle.bundle.TestLedger.START;
import static io.homeostat.merkle.bundle.TestLedger.sha;
import static io.homeostat.merkle.bundle.TestLedger.uuid;

import java.util.ArrayList;
import java.util.List;

/** One leaf of each type with the fields that went in, as the files below {@code golden/leaves} show them. */
final class GoldenLeaves {
    private GoldenLeaves() {}

    /** @param fields {@code key=value} lines, for a reader who writes an encoder of their own */
    record Golden(String name, String fields, byte[] leaf) {
        String file() {
            return fields + "hex=" + TestLedger.hex(leaf) + "\n";
        }
    }

    static List<Golden> all() {
        List<Golden> all = new ArrayList<>();
        all.add(golden(1, "genesis", l -> l.genesis(), """
                ledger=demo-ledger
                node=n1 zone-a %s
                node=n2 zone-b %s
                node=n3 zone-c %s
                key=d1 d1 detector %s
                key=k1 p1 treasury %s
                key=k1-spare p1 treasury,risk %s
                key=k2 p2 treasury,risk %s
                key=k3 p3 risk %s
                key=k4 p4 operations %s
                key=k5 p5 operations %s
                tier=large transfer EUR 100000 3600 treasury:1,risk:1
                tier=huge transfer EUR 1000000 7200 treasury:2,risk:1
                tier=rebuild recovery - 0 3600 operations:2
                tier=rules policy - 0 3600 treasury:1,risk:1
                tier=keys keys - 0 3600 risk:2
                tier=watch screening USD 150000 3600 screenMillis=2000 risk:1
                """.formatted(
                        key("node n1"),
                        key("node n2"),
                        key("node n3"),
                        key("d1"),
                        key("k1"),
                        key("k1-spare"),
                        key("k2"),
                        key("k3"),
                        key("k4"),
                        key("k5"))));
        all.add(golden(
                2,
                "account-created",
                l -> l.account(7, "Customer:1._-x", "EUR", 1, 1),
                "ordinal=7\nid=Customer:1._-x\nasset=EUR\nexponent=2\nclass=1\nflags=1\n"));
        all.add(golden(
                3,
                "transfer-posted",
                l -> l.posted(uuid(1), 0, 1, 99_999),
                "id=" + uuid(1) + "\ndebit=0\ncredit=1\namount=99999\n"));
        all.add(golden(
                4,
                "transfer-held",
                l -> l.held(uuid(2), 0, 0xffff_ffff, Long.MAX_VALUE, START + 1, "desk-\u00fc", true),
                "id=" + uuid(2) + "\ndebit=0\ncredit=4294967295\namount=9223372036854775807\nexpires=" + (START + 1)
                        + "\nrequester=desk-\u00fc\ngated=1\n"));
        all.add(golden(5, "hold-posted", l -> l.holdPosted(uuid(2), 250_000), "id=" + uuid(2) + "\namount=250000\n"));
        all.add(golden(6, "hold-voided", l -> l.holdVoided(uuid(2), 2), "id=" + uuid(2) + "\nby=2\n"));
        all.add(golden(7, "hold-expired", l -> l.holdExpired(uuid(2)), "id=" + uuid(2) + "\n"));
        all.add(golden(
                8,
                "case-opened",
                l -> l.caseOpened(TestLedger.CASE, 1, PAYLOAD, "desk", START + 2, "treasury", 2, "risk", 1),
                "case=" + TestLedger.CASE + "\nkind=1\npayload=" + TestLedger.hex(PAYLOAD)
                        + "\nrequester=desk\nexpires=" + (START + 2)
                        + "\ndemands=treasury:2,risk:1\nescalates=0\nescalationRoles=\n"));
        byte[] signature = TestLedger.keys("k1")
                .sign(new io.homeostat.merkle.ApprovalText(TestLedger.CASE, PAYLOAD, true, START + 3, sha("checked"))
                        .bytes());
        all.add(golden(
                9,
                "approval-recorded",
                l -> l.decision(TestLedger.CASE, PAYLOAD, true, "k1", TestLedger.keys("k1"), START + 3, "checked"),
                "case=" + TestLedger.CASE + "\npayload=" + TestLedger.hex(PAYLOAD) + "\ndecision=1\nkeyId=k1\nexpires="
                        + (START + 3) + "\nreason=" + TestLedger.hex(sha("checked")) + "\nsignature="
                        + TestLedger.hex(signature) + "\n"));
        all.add(golden(
                10,
                "case-decided",
                l -> l.caseDecided(TestLedger.CASE, 3),
                "case=" + TestLedger.CASE + "\noutcome=3\n"));
        all.add(golden(
                11,
                "refused",
                l -> l.refused(2, uuid(2).toString(), 26, "desk", sha("command")),
                "command=2\nsubject=" + uuid(2) + "\nreason=26\nby=desk\ndigest=" + TestLedger.hex(sha("command"))
                        + "\n"));
        all.add(golden(
                12,
                "node-isolated",
                l -> l.isolated("n2", "incident-7", "state digest differs"),
                "node=n2\nincident=incident-7\nreason=state digest differs\n"));
        all.add(golden(13, "node-admitted", l -> l.admitted("n2", "incident-7"), "node=n2\nincident=incident-7\n"));
        all.add(golden(
                14,
                "attested",
                l -> l.attested("n1", 100, sha("state")),
                "node=n1\nraftIndex=100\ndigest=" + TestLedger.hex(sha("state")) + "\n"));
        all.add(golden(
                15,
                "node-diverged",
                l -> l.diverged("n2", 100, sha("state"), sha("drift")),
                "node=n2\nraftIndex=100\nexpected=" + TestLedger.hex(sha("state")) + "\nfound="
                        + TestLedger.hex(sha("drift")) + "\n"));
        all.add(golden(
                16,
                "trail-anchored",
                l -> l.anchored("demo-ledger/trail", 3, sha("root")),
                "origin=demo-ledger/trail\ntreeSize=3\nroot=" + TestLedger.hex(sha("root")) + "\n"));
        byte[] body = TestLedger.revocation("k1-spare");
        all.add(golden(
                50,
                "change-proposed",
                l -> l.proposed("keys:spare", 0, body),
                "case=keys:spare\nbaseVersion=0\nbody=" + TestLedger.hex(body) + "\n"));
        all.add(golden(51, "policy-changed", l -> l.policyChanged("policy:2", 2), "case=policy:2\nversion=2\n"));
        all.add(golden(52, "keys-changed", l -> l.keysChanged("keys:spare"), "case=keys:spare\n"));
        byte[] payload = TestLedger.WATCHED_PAYLOAD;
        all.add(golden(
                53,
                "screening-begun",
                l -> l.screeningBegun(TestLedger.WATCHED, payload, START + 9, "risk", 1),
                "id=" + TestLedger.WATCHED + "\npayload=" + TestLedger.hex(payload) + "\ndue=" + (START + 9)
                        + "\ndemands=risk:1\nescalateAfterSeconds=0\nescalationRoles=\n"));
        all.add(golden(
                54,
                "verdict-recorded",
                l -> l.verdict(TestLedger.WATCHED, payload, true, "d1", START + 8),
                "id=" + TestLedger.WATCHED + "\npayload=" + TestLedger.hex(payload) + "\nverdict=1\nkeyId=d1\nexpires="
                        + (START + 8) + "\nevidence=" + TestLedger.hex(sha("evidence")) + "\n"));
        all.add(golden(
                55, "screening-lapsed", l -> l.screeningLapsed(TestLedger.WATCHED), "id=" + TestLedger.WATCHED + "\n"));
        all.add(golden(
                56,
                "approval-refused",
                l -> l.approvalRefused(TestLedger.CASE, "k1", 49),
                "what=1\ncase=" + TestLedger.CASE + "\nkeyId=k1\nreason=49\nsignature="
                        + TestLedger.hex(sha("signature")) + "\ncommand=" + TestLedger.hex(sha("command")) + "\n"));
        all.add(golden(57, "refusals-counted", l -> l.refusalsCounted("key:k1", 4), "scope=key:k1\ncount=4\n"));
        long until = TestLedger.START + 69_000 + 60_000_000;
        all.add(golden(
                70,
                "maintenance-set",
                l -> l.maintenance("p4", "new disks", until),
                "by=p4\nreason=new disks\nuntilMicros=" + until + "\n"));
        all.add(golden(
                30,
                "legs-posted",
                l -> l.legs(uuid(3), 0, -300, 1, 299, 0xffff_ffffL, 1),
                "id=" + uuid(3) + "\nlegs=0:-300,1:299,4294967295:1\n"));
        all.add(golden(
                31,
                "transfer-terms",
                l -> l.terms(uuid(4), 19_700, uuid(3), 2),
                "id=" + uuid(4) + "\neffectiveDay=19700\nreverses=" + uuid(3) + "\nreason=2\n"));
        return all;
    }

    private static String key(String name) {
        return TestLedger.hex(TestLedger.keys(name).publicKey());
    }

    /** Sequence is type - 1, so that genesis is leaf 0; time grows by a millisecond. */
    private static Golden golden(int type, String name, java.util.function.Consumer<TestLedger> write, String fields) {
        TestLedger ledger = new TestLedger();
        for (int i = 1; i < type; i++) {
            ledger.leaf(7, out -> {});
        }
        long time = ledger.now;
        write.accept(ledger);
        String head = "type=" + type + "\nsequence=" + (type - 1) + "\ntimeMicros=" + time + "\n";
        return new Golden(
                String.format("%02d-%s.txt", type, name), head + fields, ledger.leaves.get(ledger.leaves.size() - 1));
    }
}
