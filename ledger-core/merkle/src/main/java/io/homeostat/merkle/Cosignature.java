package io.homeostat.merkle;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalLong;

/**
 * What a witness adds to a checkpoint: C2SP tlog-cosignature, version 1, with Ed25519. It says that at this time this head was
 * the largest that the witness had seen of the log, and consistent with every one before.
 *
 * <pre>
 * signed:     "cosignature/v1" LF "time " seconds LF  text of the checkpoint
 * signature:  u64 seconds || 64 bytes
 * </pre>
 */
public final class Cosignature {
    private static final int BYTES = Long.BYTES + Ed25519.SIGNATURE_BYTES;

    private Cosignature() {}

    /** @param epochSeconds when the witness saw it */
    public static SignedNote.NoteSignature sign(String text, String name, Ed25519.Keys keys, long epochSeconds) {
        byte[] signature = keys.sign(message(text, epochSeconds));
        return new SignedNote.NoteSignature(
                name,
                new VerifierKey(name, VerifierKey.Type.COSIGNATURE, keys.publicKey()).id(),
                ByteBuffer.allocate(BYTES).putLong(epochSeconds).put(signature).array());
    }

    /**
     * Newest time, in seconds since the epoch, at which this witness cosigned the note; empty when it did not, or when a line
     * with the key's name and id does not verify, which spoils the note.
     */
    public static OptionalLong time(SignedNote note, VerifierKey witness) {
        OptionalLong newest = OptionalLong.empty();
        if (witness.type() != VerifierKey.Type.COSIGNATURE) {
            return newest;
        }
        for (SignedNote.NoteSignature signature : note.signatures()) {
            if (!witness.claims(signature)) {
                continue;
            }
            byte[] bytes = signature.bytes();
            if (bytes.length != BYTES) {
                return OptionalLong.empty();
            }
            long seconds = ByteBuffer.wrap(bytes).getLong();
            byte[] ed25519 = Arrays.copyOfRange(bytes, Long.BYTES, BYTES);
            if (seconds < 0 || !Ed25519.verify(witness.key(), message(note.text(), seconds), ed25519)) {
                return OptionalLong.empty();
            }
            newest = OptionalLong.of(Math.max(seconds, newest.orElse(0)));
        }
        return newest;
    }

    private static byte[] message(String text, long epochSeconds) {
        return ("cosignature/v1\ntime " + epochSeconds + "\n" + text).getBytes(StandardCharsets.UTF_8);
    }
}
