package io.homeostat.merkle.bundle;

import java.util.List;

/** The published bundles: what each is, and what a verifier that trusts the vectors' genesis must say of it. */
final class Vectors {
    /**
     * @param verdicts integrity, completeness, authorship: p, f or u each
     * @param place section of the first finding, with {@code #sequence} when it names a leaf; empty for the sound ones
     * @param says part of a finding's message
     */
    record Vector(String name, byte[] bundle, String verdicts, String place, String says) {}

    private static final List<Vector> ALL = build();

    private Vectors() {}

    static List<Vector> all() {
        return ALL;
    }

    private static List<Vector> build() {
        VectorList list = new VectorList();
        SoundVectors.addTo(list);
        VectorsOfChanges.addTo(list);
        DamagedVectors.addTo(list);
        VectorsOfLies.addTo(list);
        VectorsOfMoney.addTo(list);
        return list.all();
    }

    static byte[] genesis() {
        return new TestLedger().genesis().leaves.get(0);
    }
}
