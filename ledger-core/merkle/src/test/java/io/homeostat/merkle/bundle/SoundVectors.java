package io.homeostat.merkle.bundle;

import static io.homeostat.merkle.bundle.TestLedger.CASE;
import static io.homeostat.merkle.bundle.TestLedger.HOUR;
import static io.homeostat.merkle.bundle.TestLedger.LARGE;

/** Bundles that break no rule. */
final class SoundVectors {
    private SoundVectors() {}

    static void addTo(VectorList to) {
        soundOnes(to);
    }

    private static void soundOnes(VectorList to) {
        to.accepted("sound", TestLedger.sound());
        to.accepted("sound-genesis-only", new TestLedger().genesis());
        TestLedger open = new TestLedger().begin().gatedHold().approve("k1", "first of two");
        open.subject = CASE;
        to.accepted("sound-case-still-open", open);
        TestLedger expired = new TestLedger().begin().gatedHold();
        expired.now += HOUR;
        to.accepted("sound-case-expired", expired.caseDecided(CASE, 3).holdExpired(LARGE));
        TestLedger erased = TestLedger.sound();
        erased.texts.clear();
        to.accepted("sound-texts-erased", erased);
        // One person with two roles fills the first demanded one that is open.
        to.accepted(
                "sound-second-role",
                new TestLedger()
                        .begin()
                        .gatedHold()
                        .approve("k1", "treasury")
                        .approve("k2", "as risk, treasury being filled")
                        .release());
    }
}
