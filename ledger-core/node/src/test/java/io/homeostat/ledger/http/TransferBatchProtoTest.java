package io.homeostat.ledger.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.homeostat.ledger.raft.Committed;
import io.homeostat.ledger.state.Command;
import io.homeostat.ledger.state.CommandCodec;
import io.homeostat.ledger.state.EncodedCommands;
import io.homeostat.ledger.state.Reason;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TransferBatchProtoTest {
    private static final int MOST = 8190;
    private static final UUID ID = new UUID(0x0102030405060708L, -2);

    /** One message, field by field. */
    private static final class Message {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message number(int field, long value) {
            varint((long) field << 3);
            varint(value);
            return this;
        }

        Message bytes(int field, byte[] value) {
            varint((long) field << 3 | 2);
            varint(value.length);
            out.writeBytes(value);
            return this;
        }

        Message text(int field, String value) {
            return bytes(field, value.getBytes(StandardCharsets.UTF_8));
        }

        Message uuid(int field, UUID id) {
            return bytes(
                    field,
                    ByteBuffer.allocate(16)
                            .putLong(id.getMostSignificantBits())
                            .putLong(id.getLeastSignificantBits())
                            .array());
        }

        private void varint(long value) {
            long rest = value;
            while ((rest & ~0x7fL) != 0) {
                out.write((int) (rest & 0x7f | 0x80));
                rest >>>= 7;
            }
            out.write((int) rest);
        }

        byte[] done() {
            return out.toByteArray();
        }
    }

    private static Message good() {
        return new Message()
                .uuid(1, ID)
                .text(2, "alice")
                .text(3, "bob")
                .number(4, 7)
                .text(5, "EUR");
    }

    private static byte[] batch(Message... transfers) {
        Message batch = new Message();
        for (Message transfer : transfers) {
            batch.bytes(1, transfer.done());
        }
        return batch.done();
    }

    private static List<Command> read(byte[] body) {
        EncodedCommands encoded = TransferBatchProto.read(body, "shop", MOST);
        return CommandCodec.decode(CommandCodec.entry(List.of(encoded))).commands();
    }

    @Test
    void what_is_read_is_what_the_json_form_would_have_become() {
        Random random = new Random(7);
        List<Command> expected = new ArrayList<>();
        Message batch = new Message();
        for (int i = 0; i < 500; i++) {
            boolean hold = random.nextBoolean();
            int timeout = hold && random.nextBoolean() ? 1 + random.nextInt(Integer.MAX_VALUE) : 0;
            long amount = 1 + (random.nextLong() >>> 1 + random.nextInt(62)) / 2;
            String debit = "a".repeat(1 + random.nextInt(64));
            String credit = "z:" + i + "._-";
            UUID id = new UUID(random.nextLong(), random.nextLong());
            Message one = new Message()
                    .text(5, "EUR9")
                    .number(4, amount)
                    .uuid(1, id)
                    .text(3, credit)
                    .text(2, debit);
            if (hold) {
                one.number(6, 1);
            }
            if (timeout > 0) {
                one.number(7, timeout);
            }
            batch.bytes(1, one.done());
            expected.add(new Command.CreateTransfer(id, debit, credit, "EUR9", amount, hold, timeout, "shop"));
        }

        EncodedCommands encoded = TransferBatchProto.read(batch.done(), "shop", MOST);

        assertThat(encoded.count()).isEqualTo(500);
        assertThat(encoded.bytes()).isEqualTo(CommandCodec.encodeAll(expected).bytes());
    }

    @Test
    void what_breaks_a_rule_is_refused_with_field_and_limit() {
        refused(
                batch(
                        good(),
                        new Message().uuid(1, ID).text(2, "a").text(3, "b").number(4, 1)),
                "transfers[1].asset");
        refused(batch(new Message().text(2, "a").text(3, "b").number(4, 1).text(5, "EUR")), "transfers[0].id");
        refused(batch(changed(m -> m.number(6, 2))), "transfers[0].hold");
        refused(batch(changed(m -> m.number(7, 5))), "transfers[0].timeoutSeconds");
        refused(batch(changed(m -> m.number(6, 1).number(7, 1L << 31))), "transfers[0].timeoutSeconds");
        refused(batch(changed(m -> m.number(4, 7))), "transfers[0].amount");
        refused(batch(changed(m -> m.number(8, 1))), "transfers[0].field 8");
        refused(batch(changed(m -> m.text(6, "x"))), "transfers[0].field 6");
        refused(batch(transfer(ID, "", "bob", 1, "EUR")), "transfers[0].debit");
        refused(batch(transfer(ID, "alice", "b b", 1, "EUR")), "transfers[0].credit");
        refused(batch(transfer(ID, "a".repeat(65), "bob", 1, "EUR")), "transfers[0].debit");
        refused(batch(transfer(ID, "ä", "bob", 1, "EUR")), "transfers[0].debit");
        refused(batch(transfer(ID, "alice", "bob", 0, "EUR")), "transfers[0].amount");
        refused(batch(transfer(ID, "alice", "bob", -1, "EUR")), "transfers[0].amount");
        refused(batch(transfer(ID, "alice", "bob", 1, "EU")), "transfers[0].asset");
        refused(batch(transfer(ID, "alice", "bob", 1, "9EUR")), "transfers[0].asset");
        refused(batch(transfer(ID, "alice", "bob", 1, "EURO567890123")), "transfers[0].asset");
        refused(batch(new Message().bytes(1, new byte[15])), "transfers[0].id");
        refused(new Message().text(2, "x").done(), "field 2");
        refused(new byte[0], "transfers");
    }

    @Test
    void one_transfer_more_than_the_limit_is_too_large() {
        byte[] two = batch(good(), good());

        assertThat(TransferBatchProto.read(two, "shop", 2).count()).isEqualTo(2);
        Problem problem = catchThrowableOfType(Problem.class, () -> TransferBatchProto.read(two, "shop", 1));
        assertThat(problem.status()).isEqualTo(413);
    }

    @Test
    void a_batch_that_is_cut_or_altered_anywhere_is_read_or_refused_and_nothing_else_happens() {
        byte[] whole = batch(good().number(6, 1).number(7, 60), good());
        for (int length = 1; length < whole.length; length++) {
            tolerated(Arrays.copyOf(whole, length));
        }
        Random random = new Random(11);
        for (int i = 0; i < 20_000; i++) {
            byte[] altered = whole.clone();
            for (int flips = random.nextInt(3); flips >= 0; flips--) {
                altered[random.nextInt(altered.length)] = (byte) random.nextInt(256);
            }
            tolerated(altered);
        }
    }

    @Test
    void an_answer_lists_what_was_not_simply_posted() {
        List<Command.Outcome> outcomes = List.of(
                new Command.Outcome(Reason.OK, 4, "posted", null),
                new Command.Outcome(Reason.OK, 6, "held", "transfer:" + ID),
                new Command.Outcome(Reason.INSUFFICIENT_FUNDS, 6, "rejected", null),
                new Command.Outcome(Reason.DUPLICATE, 6, "rejected", null));

        Answer answer = TransferBatchProto.result(new Committed(1, outcomes, List.of("n1")), Map.of("n1", "zone-a"));

        byte[] expected = new Message()
                .number(1, 6)
                .number(2, 2)
                .bytes(
                        3,
                        new Message()
                                .number(1, 1)
                                .text(2, "held")
                                .text(4, "transfer:" + ID)
                                .done())
                .bytes(
                        3,
                        new Message()
                                .number(1, 2)
                                .text(2, "rejected")
                                .text(3, "insufficient_funds")
                                .done())
                .bytes(
                        3,
                        new Message()
                                .number(1, 3)
                                .text(2, "rejected")
                                .text(3, "duplicate")
                                .done())
                .bytes(4, new Message().text(1, "n1").text(2, "zone-a").done())
                .done();
        assertThat(answer.body()).isEqualTo(expected);
        assertThat(answer.contentType()).isEqualTo("application/x-protobuf");
    }

    private static Message changed(Consumer<Message> change) {
        Message message = good();
        change.accept(message);
        return message;
    }

    private static Message transfer(UUID id, String debit, String credit, long amount, String asset) {
        return new Message()
                .uuid(1, id)
                .text(2, debit)
                .text(3, credit)
                .number(4, amount)
                .text(5, asset);
    }

    private static void refused(byte[] body, String field) {
        Problem problem = catchThrowableOfType(Problem.class, () -> read(body));
        assertThat(problem).as(field).isNotNull();
        assertThat(problem.field()).isEqualTo(field);
        assertThat(problem.status()).isEqualTo(400);
    }

    private static void tolerated(byte[] body) {
        try {
            read(body);
        } catch (Problem refused) {
            assertThat(refused.status()).isIn(400, 413);
        }
    }
}
