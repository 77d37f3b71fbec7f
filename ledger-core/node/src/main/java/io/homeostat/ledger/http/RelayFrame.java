package io.homeostat.ledger.http;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Many single transfers on their way from a follower to the leader, and their answers on the way back, in order.
 *
 * <pre>
 * request: items of   u16 length, Authorization | u8 length, traceparent | u16 length, body
 * answer:  items of   u16 status | u8 length, content type | u8 seconds of Retry-After | u16 length, body
 * </pre>
 *
 * Both ends run the same version. Stateless.
 */
final class RelayFrame {
    static final String CONTENT_TYPE = "application/vnd.homeostat.relay";
    /** A transfer has some 150 bytes; what is longer than this goes by itself. */
    static final int MAX_BODY = 4096;

    static final int MAX_HEADER = 8192;
    /** Items of one frame: as many as a Raft entry is glad of. */
    static final int MAX_ITEMS = 1024;

    static final int MAX_BYTES = 512 << 10;

    private RelayFrame() {}

    /** @param traceParent empty when there is none */
    record Item(String authorization, String traceParent, byte[] body) {
        int bytes() {
            return 5 + authorization.length() + traceParent.length() + body.length;
        }
    }

    static byte[] write(List<Item> items) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256 * items.size());
        for (Item item : items) {
            u16(out, item.authorization.length());
            out.writeBytes(item.authorization.getBytes(StandardCharsets.ISO_8859_1));
            out.write(item.traceParent.length());
            out.writeBytes(item.traceParent.getBytes(StandardCharsets.ISO_8859_1));
            u16(out, item.body.length);
            out.writeBytes(item.body);
        }
        return out.toByteArray();
    }

    static List<Item> read(byte[] frame) {
        List<Item> items = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(frame);
        try {
            while (in.hasRemaining()) {
                if (items.size() == MAX_ITEMS) {
                    throw Problem.tooLarge(
                            "items", Integer.toString(MAX_ITEMS), "a relay holds at most " + MAX_ITEMS + " transfers");
                }
                String authorization = text(in, in.getShort() & 0xffff);
                String traceParent = text(in, in.get() & 0xff);
                byte[] body = bytes(in, in.getShort() & 0xffff);
                items.add(new Item(authorization, traceParent, body));
            }
        } catch (BufferUnderflowException e) {
            throw Problem.malformed("the relay ends within item " + items.size());
        }
        return items;
    }

    static byte[] writeAnswers(List<Answer> answers) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256 * answers.size());
        for (Answer answer : answers) {
            u16(out, answer.status());
            out.write(answer.contentType().length());
            out.writeBytes(answer.contentType().getBytes(StandardCharsets.ISO_8859_1));
            out.write(retryAfter(answer));
            u16(out, answer.body().length);
            out.writeBytes(answer.body());
        }
        return out.toByteArray();
    }

    /** @throws BufferUnderflowException when the leader sent something else */
    static List<Answer> readAnswers(byte[] frame) {
        List<Answer> answers = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(frame);
        while (in.hasRemaining()) {
            int status = in.getShort() & 0xffff;
            String contentType = text(in, in.get() & 0xff);
            int retryAfter = in.get() & 0xff;
            Answer answer = new Answer(status, contentType, bytes(in, in.getShort() & 0xffff));
            answers.add(retryAfter == 0 ? answer : answer.with("Retry-After", Integer.toString(retryAfter)));
        }
        return answers;
    }

    private static int retryAfter(Answer answer) {
        int at = answer.headers().indexOf("Retry-After");
        return at < 0 ? 0 : Math.min(255, Integer.parseInt(answer.headers().get(at + 1)));
    }

    private static void u16(ByteArrayOutputStream out, int value) {
        out.write(value >>> 8);
        out.write(value);
    }

    private static String text(ByteBuffer in, int length) {
        return new String(bytes(in, length), StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(ByteBuffer in, int length) {
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }
}
