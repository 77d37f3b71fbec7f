package io.homeostat.ledger;

import io.homeostat.ledger.testing.LocalCluster.Answer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Bodies of an attacker, made by hand: legs in JSON, batches in protobuf, frames of the relay between nodes. */
final class GateWire {
    private GateWire() {}

    static String legs(String id, long amount) {
        return "{\"id\":\"" + id + "\",\"legs\":[{\"account\":\"world\",\"asset\":\"EUR\",\"debit\":" + amount
                + "},{\"account\":\"alice\",\"asset\":\"EUR\",\"credit\":" + amount + "}]}";
    }

    /** Two transfers of the held one's id: proto/transfers.proto. */
    static byte[] protobuf(String id, long... amounts) {
        ByteArrayOutputStream batch = new ByteArrayOutputStream();
        UUID uuid = UUID.fromString(id);
        for (long amount : amounts) {
            ByteArrayOutputStream one = new ByteArrayOutputStream();
            field(
                    one,
                    1,
                    ByteBuffer.allocate(16)
                            .putLong(uuid.getMostSignificantBits())
                            .putLong(uuid.getLeastSignificantBits())
                            .array());
            field(one, 2, "world".getBytes(StandardCharsets.UTF_8));
            field(one, 3, "alice".getBytes(StandardCharsets.UTF_8));
            one.write(4 << 3);
            varint(one, amount);
            field(one, 5, "EUR".getBytes(StandardCharsets.UTF_8));
            field(batch, 1, one.toByteArray());
        }
        return batch.toByteArray();
    }

    private static void field(ByteArrayOutputStream out, int number, byte[] value) {
        out.write(number << 3 | 2);
        varint(out, value.length);
        out.writeBytes(value);
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        long rest = value;
        while (rest >= 0x80) {
            out.write((int) (rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    /** One item of a relay frame: what a node sends to the leader for a client. */
    static byte[] relay(String token, String body) {
        byte[] authorization = ("Bearer " + token).getBytes(StandardCharsets.ISO_8859_1);
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(5 + authorization.length + bytes.length)
                .putShort((short) authorization.length)
                .put(authorization)
                .put((byte) 0)
                .putShort((short) bytes.length)
                .put(bytes)
                .array();
    }

    static String relayed(Answer answer) {
        return answer.status() == 200
                ? Integer.toString(ByteBuffer.wrap(answer.body()).getShort())
                : "refused " + answer.status();
    }
}
