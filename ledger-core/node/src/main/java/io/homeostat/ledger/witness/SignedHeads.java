package io.homeostat.ledger.witness;

import io.homeostat.ledger.state.Ledger;
import io.homeostat.merkle.CheckpointSigner;
import io.homeostat.merkle.Ed25519;
import io.homeostat.merkle.SignedNote;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The newest head under this node's signature, and the newest that witnesses cosigned. Thread-safe. */
public final class SignedHeads {
    private final Ledger ledger;
    private final String keyName;
    private final Ed25519.Keys keys;
    private final AtomicReference<@Nullable Signed> last = new AtomicReference<>();
    private final AtomicReference<@Nullable SignedNote> cosigned = new AtomicReference<>();

    private record Signed(String body, SignedNote note) {}

    public SignedHeads(Ledger ledger, String nodeId, Ed25519.Keys keys) {
        this.ledger = ledger;
        this.keyName = CheckpointSigner.keyName(ledger.policy().ledger(), nodeId);
        this.keys = keys;
    }

    /** Signs each head once: signing is the dear part, and the same head needs no second signature. */
    public SignedNote current() {
        String body = ledger.checkpointBody();
        Signed signed = last.get();
        if (signed == null || !signed.body.equals(body)) {
            signed = new Signed(body, SignedNote.sign(body, keyName, keys));
            last.set(signed);
        }
        return signed.note;
    }

    /** An older head, of the first {@code size} leaves: it contradicts no newer one. */
    public SignedNote at(long size) {
        return SignedNote.sign(ledger.checkpointBody(size), keyName, keys);
    }

    /** Empty unless this node leads and a witness cosigned a head of it. */
    public Optional<SignedNote> cosigned() {
        return Optional.ofNullable(cosigned.get());
    }

    void publish(SignedNote note) {
        cosigned.set(note);
    }

    /** A follower asks nobody, so its cosigned head would only grow old. */
    void withdraw() {
        cosigned.set(null);
    }
}
