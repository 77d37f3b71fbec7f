package io.homeostat.ledger.http;

import io.homeostat.ledger.raft.Committed;
import io.homeostat.ledger.state.Command;
import io.homeostat.ledger.state.EncodedCommands;
import io.homeostat.ledger.state.Reason;
import io.homeostat.ledger.state.TransferEncoder;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * The binary form of a batch of transfers, as {@code proto/transfers.proto} describes it, read straight into the encoding of
 * Raft entries: a transfer costs a few hundred nanoseconds and no object. By the rules of the JSON form: every field once,
 * none unknown, each wrong one named with its limit.
 *
 * <p>A reader belongs to one request. Source: Protocol Buffers, "Encoding".
 */
final class TransferBatchProto {
    static final String CONTENT_TYPE = "application/x-protobuf";
    private static final String WHOLE_AMOUNT = "a whole number from 1 to " + Long.MAX_VALUE;
    private static final String SECONDS = "a whole number from 1 to " + Integer.MAX_VALUE;
    private static final String[] NAMES = {
        "", "id", "debit", "credit", "amount", "asset", "hold", "timeoutSeconds",
    };
    private static final int ID = 1;
    private static final int DEBIT = 2;
    private static final int CREDIT = 3;
    private static final int AMOUNT = 4;
    private static final int ASSET = 5;
    private static final int HOLD = 6;
    private static final int TIMEOUT = 7;
    private static final int REQUIRED = 1 << ID | 1 << DEBIT | 1 << CREDIT | 1 << AMOUNT | 1 << ASSET;
    private static final int VARINT = 0;
    private static final int BYTES = 2;

    private final byte[] in;
    private final TransferEncoder out;
    private final int most;
    private int at;

    private TransferBatchProto(byte[] body, String principal, int most) {
        this.in = body;
        this.most = most;
        this.out = new TransferEncoder(principal, body.length + body.length / 2);
    }

    /** @param most transfers of one batch */
    static EncodedCommands read(byte[] body, String principal, int most) {
        return new TransferBatchProto(body, principal, most).batch();
    }

    private EncodedCommands batch() {
        while (at < in.length) {
            int tag = (int) varint(in.length);
            if (tag != (1 << 3 | BYTES)) {
                throw Problem.invalidField(
                        "field " + (tag >>> 3),
                        "transfers = 1",
                        "field " + (tag >>> 3) + " of the batch is not known here");
            }
            if (out.count() == most) {
                throw Problem.tooLarge(
                        "transfers", Integer.toString(most), "a batch holds at most " + most + " transfers");
            }
            int length = length(in.length);
            transfer(at + length);
        }
        if (out.count() == 0) {
            throw Problem.invalidField("transfers", "1.." + most, "a batch holds at least one transfer");
        }
        return out.encoded();
    }

    private void transfer(int end) {
        int seen = 0;
        long idHigh = 0;
        long idLow = 0;
        int debit = 0;
        int debitLength = 0;
        int credit = 0;
        int creditLength = 0;
        int asset = 0;
        int assetLength = 0;
        long amount = 0;
        boolean hold = false;
        int timeoutSeconds = 0;
        while (at < end) {
            int tag = (int) varint(end);
            int field = tag >>> 3;
            int type = field == AMOUNT || field == HOLD || field == TIMEOUT ? VARINT : BYTES;
            if (field < ID || field > TIMEOUT || (tag & 7) != type) {
                throw Problem.invalidField(
                        path("field " + field),
                        "the fields of proto/transfers.proto",
                        "field " + field + " with wire type " + (tag & 7) + " of transfer " + out.count()
                                + " is not known here");
            }
            if ((seen & 1 << field) != 0) {
                throw Problem.invalidField(
                        path(NAMES[field]), "once", "the field '" + path(NAMES[field]) + "' is given twice");
            }
            seen |= 1 << field;
            if (type == VARINT) {
                long value = varint(end);
                switch (field) {
                    case AMOUNT -> amount = atLeastOne(field, value, Long.MAX_VALUE, WHOLE_AMOUNT);
                    case HOLD -> hold = truth(value);
                    default -> timeoutSeconds = (int) upTo(value);
                }
                continue;
            }
            int length = length(end);
            switch (field) {
                case ID -> {
                    if (length != 16) {
                        throw wrong(field, "16 bytes", length + " bytes");
                    }
                    idHigh = big(at);
                    idLow = big(at + 8);
                }
                case DEBIT -> {
                    debit = account(field, length);
                    debitLength = length;
                }
                case CREDIT -> {
                    credit = account(field, length);
                    creditLength = length;
                }
                default -> {
                    if (!TransferEncoder.isAsset(in, at, length)) {
                        throw wrong(field, Syntax.ASSET.rule(), "a text of " + length + " bytes that does not match");
                    }
                    asset = at;
                    assetLength = length;
                }
            }
            at += length;
        }
        if ((seen & REQUIRED) != REQUIRED) {
            String missing = NAMES[Integer.numberOfTrailingZeros(REQUIRED & ~seen)];
            throw Problem.invalidField(path(missing), "required", "the field '" + path(missing) + "' is missing");
        }
        if (timeoutSeconds != 0 && !hold) {
            throw Problem.invalidField(
                    path("timeoutSeconds"),
                    "only with hold",
                    "'" + path("timeoutSeconds") + "' is the time of a hold; set 'hold' to true");
        }
        out.add(
                in,
                idHigh,
                idLow,
                debit,
                debitLength,
                credit,
                creditLength,
                asset,
                assetLength,
                amount,
                hold,
                timeoutSeconds);
    }

    private int account(int field, int length) {
        if (!TransferEncoder.isAccount(in, at, length)) {
            throw wrong(field, Syntax.ACCOUNT.rule(), "a text of " + length + " bytes that does not match");
        }
        return at;
    }

    private long atLeastOne(int field, long value, long greatest, String rule) {
        if (value < 1 || value > greatest) {
            throw wrong(field, rule, Long.toUnsignedString(value));
        }
        return value;
    }

    /** 0 is the default and may be written. */
    private long upTo(long value) {
        return value == 0 ? 0 : atLeastOne(TIMEOUT, value, Integer.MAX_VALUE, SECONDS);
    }

    private boolean truth(long value) {
        if (value != 0 && value != 1) {
            throw wrong(HOLD, "true or false", Long.toUnsignedString(value));
        }
        return value == 1;
    }

    private Problem wrong(int field, String expected, String found) {
        String path = path(NAMES[field]);
        return Problem.invalidField(path, expected, "'" + path + "' must be " + expected + " but is " + found);
    }

    private String path(String name) {
        return "transfers[" + out.count() + "]." + name;
    }

    private int length(int end) {
        long length = varint(end);
        if (length < 0 || length > end - at) {
            throw cut();
        }
        return (int) length;
    }

    private long varint(int end) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at >= end) {
                throw cut();
            }
            byte b = in[at++];
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw Problem.malformed("the protobuf has a varint of more than 10 bytes before byte " + at);
    }

    private Problem cut() {
        return Problem.malformed("the protobuf ends within transfer " + out.count() + ", near byte " + at);
    }

    private long big(int offset) {
        long value = 0;
        for (int i = 0; i < 8; i++) {
            value = value << 8 | in[offset + i] & 0xff;
        }
        return value;
    }

    /** The answer to a batch: what was simply posted is only counted. */
    static Answer result(Committed committed, Map<String, String> zones) {
        List<Command.Outcome> outcomes = committed.outcomes();
        ByteArrayOutputStream result = new ByteArrayOutputStream(128);
        number(result, 1, outcomes.get(outcomes.size() - 1).journalIndex());
        int accepted = 0;
        for (Command.Outcome outcome : outcomes) {
            // The repetition of a transfer that was refused is no acceptance.
            accepted += outcome.reason().accepted() && !outcome.status().equals("rejected") ? 1 : 0;
        }
        number(result, 2, accepted);
        for (int i = 0; i < outcomes.size(); i++) {
            Command.Outcome outcome = outcomes.get(i);
            if (outcome.reason() != Reason.OK || !outcome.status().equals("posted")) {
                ByteArrayOutputStream one = new ByteArrayOutputStream(64);
                number(one, 1, i);
                text(one, 2, outcome.status());
                if (outcome.reason() != Reason.OK) {
                    text(one, 3, outcome.reason().wireName());
                }
                String subject = outcome.subject();
                if (subject != null && subject.startsWith("transfer:")) {
                    text(one, 4, subject);
                }
                message(result, 3, one);
            }
        }
        for (String node : committed.heldBy()) {
            ByteArrayOutputStream holder = new ByteArrayOutputStream(32);
            text(holder, 1, node);
            text(holder, 2, zones.getOrDefault(node, ""));
            message(result, 4, holder);
        }
        return new Answer(200, CONTENT_TYPE, result.toByteArray());
    }

    private static void message(ByteArrayOutputStream out, int field, ByteArrayOutputStream message) {
        varint(out, (long) field << 3 | BYTES);
        varint(out, message.size());
        out.writeBytes(message.toByteArray());
    }

    private static void text(ByteArrayOutputStream out, int field, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        varint(out, (long) field << 3 | BYTES);
        varint(out, utf8.length);
        out.writeBytes(utf8);
    }

    /** Zero is left out, as proto3 does. */
    private static void number(ByteArrayOutputStream out, int field, long value) {
        if (value != 0) {
            varint(out, (long) field << 3);
            varint(out, value);
        }
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
