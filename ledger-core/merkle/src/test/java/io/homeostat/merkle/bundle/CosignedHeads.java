package io.homeostat.merkle.bundle;

import static io.homeostat.merkle.bundle.TestLedger.keys;
import static io.homeostat.merkle.bundle.TestLedger.uuid;

import io.homeostat.merkle.CheckpointSigner;
import io.homeostat.merkle.Cosignature;
import io.homeostat.merkle.SignedNote;
import io.homeostat.merkle.VerifierKey;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The published heads that witnesses cosigned, each to be held against the bundle {@code sound}. */
final class CosignedHeads {
    private static final long TIME = 1_795_200_000L;
    private static final String INDEX_HEAD = """
            # name quorum freshness; the bundle is ../sound.bin, verified with --trust, --head name.note, --quorum and both keys
            # p pass, f fail, u unknown
            # keys: %s
            # and:  %s
            """;

    /** @param freshness p, f or u */
    record Head(String name, byte[] note, int quorum, char freshness) {}

    private CosignedHeads() {}

    static VerifierKey key(String witness) {
        return new VerifierKey(
                witness + ".example/witness",
                VerifierKey.Type.COSIGNATURE,
                keys("witness " + witness).publicKey());
    }

    static byte[] note(String name) {
        return all().stream()
                .filter(head -> head.name().equals(name))
                .findFirst()
                .orElseThrow()
                .note();
    }

    static List<Head> all() {
        TestLedger sound = TestLedger.sound();
        TestLedger longer = TestLedger.sound().posted(uuid(99), 0, 1, 5);
        TestLedger forked = TestLedger.sound();
        forked.leaves.set(forked.leaves.size() - 1, longer.leaves.get(longer.leaves.size() - 1));
        TestLedger shorter = TestLedger.sound();
        while (shorter.leaves.size() > 6) {
            shorter.leaves.remove(shorter.leaves.size() - 1);
        }
        TestLedger otherPast = TestLedger.sound();
        while (otherPast.leaves.size() > 6) {
            otherPast.leaves.remove(otherPast.leaves.size() - 1);
        }
        otherPast.leaves.set(5, longer.leaves.get(longer.leaves.size() - 1));
        List<Head> heads = new ArrayList<>();
        heads.add(new Head("same-head", cosigned(sound, "w1", "w2"), 2, 'p'));
        heads.add(new Head("earlier-head", cosigned(shorter, "w1", "w2"), 2, 'p'));
        heads.add(new Head("one-of-two-is-enough", cosigned(sound, "w2"), 1, 'p'));
        heads.add(new Head("one-of-two-is-not-two", cosigned(sound, "w2"), 2, 'u'));
        heads.add(new Head("wrong-key", cosigned(sound, "stranger", "w2"), 2, 'u'));
        heads.add(new Head("replayed-old-head", cosigned(longer, "w1", "w2"), 2, 'f'));
        heads.add(new Head("forked-head", cosigned(forked, "w1", "w2"), 2, 'f'));
        heads.add(new Head("forked-past", cosigned(otherPast, "w1", "w2"), 2, 'f'));
        heads.add(new Head("head-of-another-log", foreign(), 2, 'f'));
        return heads;
    }

    static String index() {
        return all().stream()
                .map(head -> head.name() + " " + head.quorum() + " " + head.freshness() + "\n")
                .collect(Collectors.joining(
                        "", INDEX_HEAD.formatted(key("w1").text(), key("w2").text()), ""));
    }

    private static byte[] cosigned(TestLedger ledger, String... witnesses) {
        return cosigned(SignedNote.parse(ledger.checkpoint()), witnesses);
    }

    private static byte[] foreign() {
        SignedNote note = new CheckpointSigner("another-ledger", "n1", TestLedger.NODE_1)
                .sign(3, TestLedger.root(TestLedger.sound().leaves.subList(0, 3)), TIME * 1_000_000);
        return cosigned(note, "w1", "w2");
    }

    private static byte[] cosigned(SignedNote note, String... witnesses) {
        SignedNote all = note;
        for (int i = 0; i < witnesses.length; i++) {
            all = all.with(
                    Cosignature.sign(note.text(), key(witnesses[i]).name(), keys("witness " + witnesses[i]), TIME + i));
        }
        return all.encode();
    }
}
