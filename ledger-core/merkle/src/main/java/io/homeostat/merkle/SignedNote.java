package io.homeostat.merkle;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/**
 * Text with signatures: C2SP signed-note, Ed25519 signatures of type 0x01.
 *
 * <pre>
 * text, ended by a line feed
 * (empty line)
 * — key name base64(u32 key id || signature)
 * </pre>
 *
 * Signatures of unknown keys are kept and ignored, so that witnesses may add theirs.
 */
public record SignedNote(String text, List<NoteSignature> signatures) {
    /** Largest note: a checkpoint with the signatures of its node and of many witnesses stays far below. */
    public static final int MAX_BYTES = 64 << 10;

    /** The specification asks for at least 16. */
    public static final int MAX_SIGNATURES = 32;

    private static final String DASH = "\u2014 ";

    /** One signature line; {@code bytes} is what stands behind the key id. */
    public record NoteSignature(String keyName, int keyId, byte[] bytes) {
        public NoteSignature {
            requireKeyName(keyName);
            bytes = bytes.clone();
        }

        @Override
        public byte[] bytes() {
            return bytes.clone();
        }

        /** The line as it stands in a note, with its line feed. */
        public String line() {
            byte[] blob = ByteBuffer.allocate(Integer.BYTES + bytes.length)
                    .putInt(keyId)
                    .put(bytes)
                    .array();
            return DASH + keyName + " " + Base64.getEncoder().encodeToString(blob) + "\n";
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof NoteSignature s
                    && keyName.equals(s.keyName)
                    && keyId == s.keyId
                    && Arrays.equals(bytes, s.bytes);
        }

        @Override
        public int hashCode() {
            return Objects.hash(keyName, keyId, Arrays.hashCode(bytes));
        }
    }

    public SignedNote {
        requireText(text);
        signatures = List.copyOf(signatures);
        if (signatures.isEmpty() || signatures.size() > MAX_SIGNATURES) {
            throw new IllegalArgumentException(
                    "a note has 1.." + MAX_SIGNATURES + " signatures but this has " + signatures.size());
        }
    }

    /** First 4 bytes of SHA-256(name || 0x0A || 0x01 || raw public key). */
    public static int keyId(String keyName, byte[] rawPublicKey) {
        return new VerifierKey(keyName, VerifierKey.Type.NOTE, rawPublicKey).id();
    }

    public static SignedNote sign(String text, String keyName, Ed25519.Keys keys) {
        requireText(text);
        byte[] signature = keys.sign(text.getBytes(StandardCharsets.UTF_8));
        return new SignedNote(text, List.of(new NoteSignature(keyName, keyId(keyName, keys.publicKey()), signature)));
    }

    /** The same note with one more signature line. */
    public SignedNote with(NoteSignature signature) {
        List<NoteSignature> all = new ArrayList<>(signatures);
        all.add(signature);
        return new SignedNote(text, all);
    }

    /**
     * True when this key signed the text. As the specification asks, a line with the key's name and id that does not
     * verify spoils the note.
     */
    public boolean verifiedBy(String keyName, byte[] rawPublicKey) {
        int id = keyId(keyName, rawPublicKey);
        byte[] message = text.getBytes(StandardCharsets.UTF_8);
        boolean verified = false;
        for (NoteSignature signature : signatures) {
            if (signature.keyId() == id && signature.keyName().equals(keyName)) {
                if (!Ed25519.verify(rawPublicKey, message, signature.bytes())) {
                    return false;
                }
                verified = true;
            }
        }
        return verified;
    }

    public byte[] encode() {
        StringBuilder note = new StringBuilder(text).append('\n');
        signatures.forEach(s -> note.append(s.line()));
        return note.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Reads {@link #encode()}; what is not exactly a signed note is refused. */
    public static SignedNote parse(byte[] note) {
        if (note.length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "a note has at most " + MAX_BYTES + " bytes but this has " + note.length);
        }
        String all = utf8(note);
        int split = all.lastIndexOf("\n\n");
        if (split < 0 || !all.endsWith("\n")) {
            throw new IllegalArgumentException(
                    "a note is a text, an empty line and signature lines, each ended by a line feed");
        }
        List<NoteSignature> signatures = new ArrayList<>();
        String block = all.substring(split + 2);
        if (!block.isEmpty()) {
            for (String line : block.substring(0, block.length() - 1).split("\n", -1)) {
                if (signatures.size() == MAX_SIGNATURES) {
                    throw new IllegalArgumentException("a note has at most " + MAX_SIGNATURES + " signatures");
                }
                signatures.add(signature(line));
            }
        }
        SignedNote parsed = new SignedNote(all.substring(0, split + 1), signatures);
        if (!Arrays.equals(parsed.encode(), note)) {
            throw new IllegalArgumentException("the note is not in its one canonical form");
        }
        return parsed;
    }

    /** One signature line without its line feed, as a witness answers it too. */
    public static NoteSignature signature(String line) {
        String[] parts = line.split(" ", -1);
        if (parts.length != 3 || !line.startsWith(DASH)) {
            throw new IllegalArgumentException(
                    "a signature line is an em dash, the key name and base64, joined by spaces");
        }
        byte[] blob;
        try {
            blob = Base64.getDecoder().decode(parts[2]);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the signature of " + parts[1] + " is not base64", e);
        }
        if (blob.length <= Integer.BYTES) {
            throw new IllegalArgumentException("the signature of " + parts[1] + " is too short");
        }
        return new NoteSignature(
                parts[1], ByteBuffer.wrap(blob).getInt(), Arrays.copyOfRange(blob, Integer.BYTES, blob.length));
    }

    private static String utf8(byte[] bytes) {
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return text.toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("a note must be UTF-8", e);
        }
    }

    private static void requireText(String text) {
        if (text.isEmpty() || !text.endsWith("\n")) {
            throw new IllegalArgumentException("a note's text must end with a line feed");
        }
        if (text.chars().anyMatch(c -> c < 0x20 && c != '\n')) {
            throw new IllegalArgumentException("a note's text must not hold control characters but line feeds");
        }
    }

    static void requireKeyName(String name) {
        boolean odd = name.codePoints()
                .anyMatch(c -> c < 0x20 || c == '+' || Character.isWhitespace(c) || Character.isSpaceChar(c));
        if (name.isEmpty() || odd) {
            throw new IllegalArgumentException(
                    "a key name must not be empty nor hold spaces, control characters or '+'");
        }
    }
}
