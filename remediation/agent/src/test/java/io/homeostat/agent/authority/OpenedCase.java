package io.homeostat.agent.authority;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.homeostat.merkle.CheckpointSigner;
import io.homeostat.merkle.Digests;
import io.homeostat.merkle.Ed25519;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.bundle.Genesis;
import io.homeostat.merkle.bundle.Policy;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/**
 * A case that a ledger of two leaves opened in its second, and what {@code GET /v1/cases/ID/proof} answers of it. The
 * leaf is docs/encoding.md's.
 */
record OpenedCase(
        String caseId,
        String payloadDigest,
        long openedMicros,
        long escalatesMicros,
        String role,
        Ed25519.Keys signer) {
    private static final Ed25519.Keys NODE = Ed25519.generate();
    static final Genesis GENESIS = new Genesis(
            "bank", List.of(new Genesis.Node("n1", "z1", NODE.publicKey())), List.of(), new Policy(List.of()));

    OpenedCase(String caseId, String payloadDigest, long openedMicros, long escalatesMicros) {
        this(caseId, payloadDigest, openedMicros, escalatesMicros, "board", NODE);
    }

    OpenedCase escalating(long micros) {
        return new OpenedCase(caseId, payloadDigest, openedMicros, micros, role, signer);
    }

    OpenedCase of(String other) {
        return new OpenedCase(caseId, payloadDigest, openedMicros, escalatesMicros, other, signer);
    }

    OpenedCase signedByNobody() {
        return new OpenedCase(caseId, payloadDigest, openedMicros, escalatesMicros, role, Ed25519.generate());
    }

    String proof() {
        byte[] first = MerkleTree.leafHash(new byte[] {1});
        byte[] root = MerkleTree.nodeHash(first, MerkleTree.leafHash(leaf()));
        byte[] head = new CheckpointSigner("bank", "n1", signer)
                .sign(2, root, openedMicros)
                .encode();
        ObjectNode json = new ObjectMapper()
                .createObjectNode()
                .put("sequence", 1)
                .put("leaf", leaf())
                .put("size", 2)
                .put("checkpoint", new String(head, StandardCharsets.UTF_8));
        json.putArray("hashes").add(Base64.getEncoder().encodeToString(first));
        return json.toString();
    }

    private byte[] leaf() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(1);
            out.writeByte(8);
            out.writeLong(1);
            out.writeLong(openedMicros);
            text(out, caseId);
            out.writeByte(2);
            out.write(Digests.parse(payloadDigest, "payloadDigest"));
            text(out, "healer");
            out.writeLong(openedMicros + 3_600_000_000L);
            out.writeByte(1);
            text(out, "risk");
            out.writeByte(1);
            out.writeLong(escalatesMicros);
            out.writeByte(escalatesMicros == 0 ? 0 : 1);
            if (escalatesMicros != 0) {
                text(out, role);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeShort(utf8.length);
        out.write(utf8);
    }
}
