package io.homeostat.detector.screening;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Leaves as docs/encoding.md writes them, for tests that have no ledger. */
final class Journal {
    private final List<LeafRecord> leaves = new ArrayList<>();
    private int ordinals;
    long micros = 1_700_000_000_000_000L;

    List<LeafRecord> leaves() {
        return leaves;
    }

    int account(String id) {
        ByteBuffer body = ByteBuffer.allocate(256).putInt(ordinals);
        text(body, id);
        text(body, "EUR");
        add(2, body.put((byte) 2).put((byte) 1).put((byte) 1));
        return ordinals++;
    }

    void posted(int debit, int credit, long amount) {
        add(3, id(new UUID(9, leaves.size())).putInt(debit).putInt(credit).putLong(amount));
    }

    /** A transfer that waits for a verdict: held and screening begun. */
    String asked(int debit, int credit, long amount) {
        UUID transfer = new UUID(1, leaves.size());
        ByteBuffer held =
                id(transfer).putInt(debit).putInt(credit).putLong(amount).putLong(micros + 9_000_000);
        text(held, "rita");
        add(4, held.put((byte) 1));
        byte[] payload = new byte[32];
        payload[0] = (byte) leaves.size();
        add(
                53,
                id(transfer)
                        .put(payload)
                        .putLong(micros + 62_000_000)
                        .put((byte) 0)
                        .putInt(0)
                        .put((byte) 0));
        return transfer.toString();
    }

    void released(String transfer, long amount) {
        add(5, id(UUID.fromString(transfer)).putLong(amount));
    }

    void voided(String transfer) {
        add(6, id(UUID.fromString(transfer)).put((byte) 2));
    }

    /** Of a kind that the screen passes over. */
    void other(int type) {
        add(type, ByteBuffer.allocate(8).putLong(7));
    }

    private static ByteBuffer id(UUID id) {
        return ByteBuffer.allocate(256).putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    }

    private static void text(ByteBuffer into, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        into.putShort((short) utf8.length).put(utf8);
    }

    private void add(int type, ByteBuffer body) {
        micros += 60_000_000L;
        ByteBuffer leaf = ByteBuffer.allocate(18 + body.position());
        leaf.put((byte) 1)
                .put((byte) type)
                .putLong(leaves.size())
                .putLong(micros)
                .put(body.flip());
        leaves.add(new LeafRecord(leaves.size(), leaf.array()));
    }
}
