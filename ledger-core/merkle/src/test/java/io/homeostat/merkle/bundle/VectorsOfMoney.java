package io.homeostat.merkle.bundle;

import static io.homeostat.merkle.bundle.TestLedger.uuid;
import static io.homeostat.merkle.bundle.VectorList.begun;
import static io.homeostat.merkle.bundle.VectorList.today;

/** Legs, terms and reversals. */
final class VectorsOfMoney {
    private VectorsOfMoney() {}

    static void addTo(VectorList to) {
        liesOfMoney(to);
    }

    /** Legs, terms and reversals; leaf 6 is the first of each. */
    private static void liesOfMoney(VectorList to) {
        to.accepted(
                "sound-legs-and-reversals",
                begun().legs(uuid(30), 1, -500, 2, 400, 0, 100)
                        .terms(uuid(31), today(), uuid(30), 1)
                        .legs(uuid(31), 1, 500, 2, -400, 0, -100)
                        .terms(uuid(32), today() - 366, null, 0)
                        .posted(uuid(32), 0, 2, 70)
                        .terms(uuid(33), null, uuid(32), 5)
                        .posted(uuid(33), 2, 0, 70));
        to.lie("legs-unbalanced", begun().legs(uuid(30), 0, -500, 1, 499), "journal#6", "must add up to 0 but give -1");
        to.lie(
                "legs-balanced-across-assets-only",
                begun().legs(uuid(30), 0, -500, 3, 500),
                "journal#6",
                "must add up to 0");
        to.lie(
                "legs-below-zero",
                begun().legs(uuid(30), 2, -1, 0, 1),
                "journal#6",
                "account saver may not go below zero");
        to.lie(
                "legs-around-the-gate",
                begun().legs(uuid(30), 0, -60_000, 0, -40_000, 1, 100_000),
                "journal#6",
                "falls in a tier");
        to.lie(
                "credits-beyond-debits",
                new TestLedger()
                        .genesis()
                        .account(0, "bank", "EUR", 3, 0)
                        .account(1, "owed", "EUR", 1, 2)
                        .posted(uuid(30), 0, 1, 1),
                "journal#3",
                "may not be credited beyond its debits");
        to.lie("leg-of-unknown-account", begun().legs(uuid(30), 0, -5, 9, 5), "journal#6", "has ordinal 9");
        to.lie("legs-of-known-id", begun().legs(TestLedger.SMALL, 0, -5, 1, 5), "journal#6", "exists already");
        to.lie(
                "terms-of-nothing",
                begun().terms(uuid(30), today(), null, 0).posted(uuid(31), 0, 1, 5),
                "journal#7",
                "the leaf of transfer " + uuid(30) + " must follow at once");
        to.lie(
                "effective-day-too-far",
                begun().terms(uuid(30), today() + 367, null, 0).posted(uuid(30), 0, 1, 5),
                "journal#7",
                "lies 367 days from its booking");
        to.lie(
                "reversal-of-unknown",
                begun().terms(uuid(30), null, uuid(99), 1).posted(uuid(30), 0, 1, 5),
                "journal#7",
                "which is not posted");
        to.lie(
                "reversal-of-other-amount",
                begun().terms(uuid(30), null, TestLedger.SMALL, 1).posted(uuid(30), 1, 0, 99_998),
                "journal#7",
                "is not the opposite of");
        TestLedger once = begun().terms(uuid(30), null, TestLedger.SMALL, 1).posted(uuid(30), 1, 0, 99_999);
        to.lie(
                "reversal-of-reversal",
                once.terms(uuid(31), null, uuid(30), 1).posted(uuid(31), 0, 1, 99_999),
                "journal#9",
                "which is a reversal itself");
        TestLedger twice = begun().terms(uuid(30), null, TestLedger.SMALL, 1)
                .posted(uuid(30), 1, 0, 99_999)
                .posted(uuid(32), 0, 1, 99_999);
        to.lie(
                "reversed-twice",
                twice.terms(uuid(31), null, TestLedger.SMALL, 1).posted(uuid(31), 1, 0, 99_999),
                "journal#10",
                "has reversed");
    }
}
