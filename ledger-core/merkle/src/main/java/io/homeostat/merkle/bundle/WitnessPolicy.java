package io.homeostat.merkle.bundle;

import io.homeostat.merkle.Cosignature;
import io.homeostat.merkle.SignedNote;
import io.homeostat.merkle.TreeHead;
import io.homeostat.merkle.VerifierKey;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Whose word an auditor takes for the newest head of a ledger.
 *
 * @param witnesses their keys, each of another operator
 * @param quorum how many of them must have cosigned a head
 * @param head a cosigned head that the auditor has from somewhere else, such as a witness or an earlier audit
 */
public record WitnessPolicy(List<VerifierKey> witnesses, int quorum, Optional<SignedNote> head) {
    /** No witness is known: freshness stays unknown. */
    public static final WitnessPolicy NONE = new WitnessPolicy(List.of(), 0, Optional.empty());

    public WitnessPolicy {
        witnesses = List.copyOf(witnesses);
        if (witnesses.stream().anyMatch(key -> key.type() != VerifierKey.Type.COSIGNATURE)) {
            throw new IllegalArgumentException("a witness's key is of type 0x04");
        }
        if (witnesses.stream()
                        .map(VerifierKey::key)
                        .map(ByteBuffer::wrap)
                        .distinct()
                        .count()
                != witnesses.size()) {
            throw new IllegalArgumentException("every witness has a key of its own");
        }
        if (!witnesses.isEmpty() && (quorum < 1 || quorum > witnesses.size())) {
            throw new IllegalArgumentException("the quorum must be in 1.." + witnesses.size() + " but is " + quorum);
        }
        head.ifPresent(note -> TreeHead.ofText(note.text()));
        if (witnesses.isEmpty() && head.isPresent()) {
            throw new IllegalArgumentException("a head from elsewhere is worth something with a witness's key only");
        }
    }

    /** Seconds since the epoch by which a quorum had cosigned the note; empty when there is no quorum. */
    OptionalLong cosignedBy(SignedNote note) {
        List<Long> times = new ArrayList<>();
        for (VerifierKey witness : witnesses) {
            Cosignature.time(note, witness).ifPresent(times::add);
        }
        if (witnesses.isEmpty() || times.size() < quorum) {
            return OptionalLong.empty();
        }
        times.sort(Collections.reverseOrder());
        return OptionalLong.of(times.get(quorum - 1));
    }
}
