package io.homeostat.merkle.witness;

import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.SignedNote;
import io.homeostat.merkle.TreeHead;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * Body of an {@code add-checkpoint} request.
 *
 * <pre>
 * old size in decimal
 * base64 of a hash of the consistency proof, 0 to 63 lines
 * (empty line)
 * checkpoint with its signatures
 * </pre>
 *
 * @param oldSize of the head that the proof begins at
 * @param note the checkpoint as it was signed
 * @param head what it says
 */
public record AddCheckpoint(long oldSize, List<byte[]> proof, SignedNote note, TreeHead head) {
    /** Most lines of a proof: no tree is higher. */
    public static final int MAX_PROOF = 63;

    /** Largest body: a proof of {@value #MAX_PROOF} lines of 45 bytes, its first line, and a note. */
    public static final int MAX_BYTES = SignedNote.MAX_BYTES + 4096;

    private static final String OLD = "old ";

    public AddCheckpoint {
        proof = List.copyOf(proof);
    }

    public static byte[] encode(long oldSize, List<byte[]> proof, byte[] note) {
        StringBuilder head = new StringBuilder(OLD).append(oldSize).append('\n');
        for (byte[] hash : proof) {
            head.append(Base64.getEncoder().encodeToString(hash)).append('\n');
        }
        byte[] before = head.append('\n').toString().getBytes(StandardCharsets.US_ASCII);
        byte[] body = Arrays.copyOf(before, before.length + note.length);
        System.arraycopy(note, 0, body, before.length, note.length);
        return body;
    }

    /** @throws IllegalArgumentException naming the line that is wrong */
    public static AddCheckpoint parse(byte[] body) {
        if (body.length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "a body has at most " + MAX_BYTES + " bytes but this has " + body.length);
        }
        List<String> lines = new ArrayList<>();
        int from = 0;
        while (true) {
            int end = from;
            while (end < body.length && body[end] != '\n') {
                end++;
            }
            if (end == body.length || lines.size() > MAX_PROOF + 1) {
                throw new IllegalArgumentException("expected 'old <size>', at most " + MAX_PROOF
                        + " lines of a proof, an empty line and a checkpoint");
            }
            if (end == from) {
                break;
            }
            lines.add(new String(body, from, end - from, StandardCharsets.ISO_8859_1));
            from = end + 1;
        }
        if (lines.isEmpty() || lines.size() > MAX_PROOF + 1 || !lines.get(0).startsWith(OLD)) {
            throw new IllegalArgumentException(
                    "the first line must be 'old <size>' and at most " + MAX_PROOF + " lines of a proof may follow");
        }
        long oldSize = TreeHead.decimal(lines.get(0).substring(OLD.length()), "the old size");
        List<byte[]> proof = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            byte[] hash = TreeHead.hashOf(line);
            if (hash.length != MerkleTree.HASH_BYTES) {
                throw new IllegalArgumentException("line " + (proof.size() + 2) + " must be the base64 of 32 bytes");
            }
            proof.add(hash);
        }
        SignedNote note = SignedNote.parse(Arrays.copyOfRange(body, from + 1, body.length));
        return new AddCheckpoint(oldSize, proof, note, TreeHead.ofText(note.text()));
    }
}
