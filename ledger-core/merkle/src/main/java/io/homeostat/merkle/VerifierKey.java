package io.homeostat.merkle;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;

/**
 * A public key with the name under which it signs notes, as a verifier key of C2SP signed-note:
 * {@code <name>+<key id, 8 hex digits>+base64(signature type || key)}.
 */
public record VerifierKey(String name, Type type, byte[] key) {
    /** How the key signs; the byte enters the key id, so that one key in two uses has two ids. */
    public enum Type {
        /** Signs the text of a note: what a log's nodes do. */
        NOTE(0x01),
        /** Signs a time and the text of a checkpoint: what a witness does (C2SP tlog-cosignature). */
        COSIGNATURE(0x04);

        private final int number;

        Type(int number) {
            this.number = number;
        }
    }

    public VerifierKey {
        SignedNote.requireKeyName(name);
        Objects.requireNonNull(type, "type");
        if (key.length != Ed25519.PUBLIC_KEY_BYTES) {
            throw new IllegalArgumentException(
                    "an Ed25519 key has " + Ed25519.PUBLIC_KEY_BYTES + " bytes but this has " + key.length);
        }
        key = key.clone();
    }

    @Override
    public byte[] key() {
        return key.clone();
    }

    /** First 4 bytes of SHA-256(name || 0x0A || type || key). */
    public int id() {
        ByteArrayOutputStream id = new ByteArrayOutputStream();
        id.writeBytes(name.getBytes(StandardCharsets.UTF_8));
        id.write('\n');
        id.write(type.number);
        id.writeBytes(key);
        return ByteBuffer.wrap(MerkleTree.sha256(id.toByteArray())).getInt();
    }

    /** True when a signature line claims to be by this key. */
    boolean claims(SignedNote.NoteSignature signature) {
        return signature.keyId() == id() && signature.keyName().equals(name);
    }

    /** The one text form. */
    public String text() {
        byte[] typed = new byte[1 + key.length];
        typed[0] = (byte) type.number;
        System.arraycopy(key, 0, typed, 1, key.length);
        return name + "+" + String.format(Locale.ROOT, "%08x", id()) + "+"
                + Base64.getEncoder().encodeToString(typed);
    }

    /** @throws IllegalArgumentException when it is not the text form of a key of a known type, or its id is another */
    public static VerifierKey parse(String text) {
        String[] parts = text.split("\\+", 3);
        if (parts.length != 3) {
            throw new IllegalArgumentException("a verifier key is <name>+<8 hex digits>+<base64> but this is '"
                    + (text.length() > 200 ? text.substring(0, 200) : text) + "'");
        }
        byte[] typed;
        try {
            typed = Base64.getDecoder().decode(parts[2]);
            HexFormat.of().parseHex(parts[1]);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("verifier key of '" + parts[0] + "': id must be hex, key base64", e);
        }
        for (Type type : Type.values()) {
            if (typed.length == 1 + Ed25519.PUBLIC_KEY_BYTES && typed[0] == type.number) {
                VerifierKey key = new VerifierKey(parts[0], type, Arrays.copyOfRange(typed, 1, typed.length));
                if (!key.text().equals(text)) {
                    throw new IllegalArgumentException(
                            "the verifier key of '" + parts[0] + "' must be written " + key.text());
                }
                return key;
            }
        }
        throw new IllegalArgumentException(
                "verifier key of '" + parts[0] + "': expected a byte 0x01 or 0x04 and 32 bytes of an Ed25519 key");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof VerifierKey k && name.equals(k.name) && type == k.type && Arrays.equals(key, k.key);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, type, Arrays.hashCode(key));
    }

    @Override
    public String toString() {
        return text();
    }
}
