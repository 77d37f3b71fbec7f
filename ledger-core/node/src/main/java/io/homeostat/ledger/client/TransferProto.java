package io.homeostat.ledger.client;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Both directions of {@code proto/transfers.proto}, as a client needs them. Stateless. */
final class TransferProto {
    private static final int VARINT = 0;
    private static final int BYTES = 2;

    private TransferProto() {}

    static byte[] batch(List<LedgerClient.Transfer> transfers) {
        ByteArrayOutputStream batch = new ByteArrayOutputStream(64 * transfers.size());
        ByteArrayOutputStream one = new ByteArrayOutputStream(96);
        for (LedgerClient.Transfer transfer : transfers) {
            one.reset();
            bytes(
                    one,
                    1,
                    ByteBuffer.allocate(16)
                            .putLong(transfer.id().getMostSignificantBits())
                            .putLong(transfer.id().getLeastSignificantBits())
                            .array());
            bytes(one, 2, transfer.debit().getBytes(StandardCharsets.UTF_8));
            bytes(one, 3, transfer.credit().getBytes(StandardCharsets.UTF_8));
            number(one, 4, transfer.amount());
            bytes(one, 5, transfer.asset().getBytes(StandardCharsets.UTF_8));
            if (transfer.hold()) {
                number(one, 6, 1);
                if (transfer.timeoutSeconds() > 0) {
                    number(one, 7, transfer.timeoutSeconds());
                }
            }
            bytes(batch, 1, one.toByteArray());
        }
        return batch.toByteArray();
    }

    /** @throws IllegalArgumentException when the answer is not one to these transfers */
    static List<LedgerClient.Outcome> outcomes(List<LedgerClient.Transfer> transfers, byte[] answer) {
        Reader in = new Reader(answer, 0, answer.length);
        long index = 0;
        List<Result> others = new ArrayList<>();
        while (in.more()) {
            switch (in.field()) {
                case 1 -> index = in.number();
                case 3 -> others.add(result(in.message()));
                default -> in.skip();
            }
        }
        List<LedgerClient.Outcome> outcomes = new ArrayList<>(transfers.size());
        for (LedgerClient.Transfer transfer : transfers) {
            outcomes.add(new LedgerClient.Outcome(transfer.id(), LedgerClient.Kind.ACCEPTED, "posted", "", "", index));
        }
        for (Result other : others) {
            if (other.position < 0 || other.position >= transfers.size()) {
                throw new IllegalArgumentException(
                        "the answer tells of transfer " + other.position + " of " + transfers.size());
            }
            outcomes.set(
                    other.position,
                    LedgerClient.outcome(
                            transfers.get(other.position).id(), other.status, other.reason, other.caseId, index));
        }
        return List.copyOf(outcomes);
    }

    private record Result(int position, String status, String reason, String caseId) {}

    private static Result result(Reader in) {
        int position = 0;
        String status = "";
        String reason = "";
        String caseId = "";
        while (in.more()) {
            switch (in.field()) {
                case 1 -> position = (int) in.number();
                case 2 -> status = in.text();
                case 3 -> reason = in.text();
                case 4 -> caseId = in.text();
                default -> in.skip();
            }
        }
        return new Result(position, status, reason, caseId);
    }

    /** Walks one message; a field that a later server adds is skipped. */
    private static final class Reader {
        private final byte[] in;
        private final int end;
        private int at;
        private int type;

        Reader(byte[] in, int from, int end) {
            this.in = in;
            this.at = from;
            this.end = end;
        }

        boolean more() {
            return at < end;
        }

        int field() {
            int tag = (int) number();
            type = tag & 7;
            return tag >>> 3;
        }

        long number() {
            long value = 0;
            for (int shift = 0; shift < 64; shift += 7) {
                if (at >= end) {
                    throw new IllegalArgumentException("the answer ends within a number, at byte " + at);
                }
                byte b = in[at++];
                value |= (long) (b & 0x7f) << shift;
                if (b >= 0) {
                    return value;
                }
            }
            throw new IllegalArgumentException("the answer has a number of more than 10 bytes, at byte " + at);
        }

        Reader message() {
            int from = range();
            return new Reader(in, from, at);
        }

        String text() {
            int from = range();
            return new String(in, from, at - from, StandardCharsets.UTF_8);
        }

        void skip() {
            switch (type) {
                case VARINT -> number();
                case BYTES -> range();
                default -> throw new IllegalArgumentException("the answer has wire type " + type + " at byte " + at);
            }
        }

        private int range() {
            long length = number();
            if (length < 0 || length > end - at) {
                throw new IllegalArgumentException("the answer ends within a field, at byte " + at);
            }
            int from = at;
            at += (int) length;
            return from;
        }
    }

    private static void bytes(ByteArrayOutputStream out, int field, byte[] value) {
        varint(out, (long) field << 3 | BYTES);
        varint(out, value.length);
        out.writeBytes(value);
    }

    private static void number(ByteArrayOutputStream out, int field, long value) {
        varint(out, (long) field << 3);
        varint(out, value);
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.write((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
