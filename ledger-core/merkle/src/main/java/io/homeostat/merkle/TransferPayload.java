package io.homeostat.merkle;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.UUID;

/**
 * What the approvers of a held transfer sign for (docs/encoding.md).
 *
 * <pre>
 * "homeostat transfer v1\n" | uuid id | str debit | str credit | str asset | i64 amount | str requester
 * </pre>
 *
 * @param debit account id
 * @param credit account id
 * @param amount minor units of {@code asset}
 */
public record TransferPayload(UUID id, String debit, String credit, String asset, long amount, String requester) {
    private static final byte[] TITLE = "homeostat transfer v1\n".getBytes(StandardCharsets.US_ASCII);

    public TransferPayload {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(debit, "debit");
        Objects.requireNonNull(credit, "credit");
        Objects.requireNonNull(asset, "asset");
        Objects.requireNonNull(requester, "requester");
    }

    public byte[] bytes() {
        byte[][] texts = {utf8(debit), utf8(credit), utf8(asset), utf8(requester)};
        int length = TITLE.length + 2 * Long.BYTES + Long.BYTES;
        for (byte[] text : texts) {
            length += Short.BYTES + text.length;
        }
        ByteBuffer out = ByteBuffer.allocate(length)
                .put(TITLE)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits());
        put(out, texts[0]);
        put(out, texts[1]);
        put(out, texts[2]);
        out.putLong(amount);
        put(out, texts[3]);
        return out.array();
    }

    public byte[] digest() {
        return MerkleTree.sha256(bytes());
    }

    private static void put(ByteBuffer out, byte[] text) {
        out.putShort((short) text.length).put(text);
    }

    private static byte[] utf8(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 0xffff) {
            throw new IllegalArgumentException("a string has at most 65535 bytes but this has " + bytes.length);
        }
        return bytes;
    }
}
