package io.homeostat.deploy.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The bytes of one HTTP request with transfers in it, all of one length, so that a request is made by overwriting ids,
 * accounts and amounts in a copy: the load must cost next to nothing, because it shares the cores with what it measures.
 *
 * <p>One transfer goes as JSON to {@code /v1/transfers}; more go as protobuf to {@code /v1/transfers/batch} (see
 * {@code transfers.proto}). Immutable.
 */
final class RequestForm {
    static final String ASSET = "EUR";
    private static final int ACCOUNT_DIGITS = 7;
    private static final int LEAST_AMOUNT = 128;
    /** Amounts stay below 2^14: two bytes as a protobuf varint, three digits as JSON. */
    private static final int AMOUNTS = 800;

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final String JSON_BODY =
            "{\"id\":\"00000000-0000-0000-0000-000000000000\",\"debit\":\"a0000000\",\"credit\":\"a0000000\","
                    + "\"amount\":100,\"asset\":\"" + ASSET + "\"}";
    private static final int JSON_ID = JSON_BODY.indexOf("0000");
    private static final int JSON_DEBIT = JSON_BODY.indexOf("a0000000") + 1;
    private static final int JSON_CREDIT = JSON_BODY.lastIndexOf("a0000000") + 1;
    private static final int JSON_AMOUNT = JSON_BODY.indexOf("100,");
    private static final byte[] PROTO_TRANSFER = protoTransfer();
    private static final int PROTO_ID = 4;
    private static final int PROTO_DEBIT = PROTO_ID + 16 + 3;
    private static final int PROTO_CREDIT = PROTO_DEBIT + ACCOUNT_DIGITS + 3;
    private static final int PROTO_AMOUNT = PROTO_CREDIT + ACCOUNT_DIGITS + 1;

    private final int batch;
    private final byte[] header;
    private final byte[] whole;

    RequestForm(int batch, String token) {
        this.batch = batch;
        boolean json = batch == 1;
        int bodyBytes = json ? JSON_BODY.length() : batch * PROTO_TRANSFER.length;
        header = ("POST /v1/transfers" + (json ? "" : "/batch") + " HTTP/1.1\r\nHost: ledger\r\nAuthorization: Bearer "
                        + token + "\r\nContent-Type: application/" + (json ? "json" : "x-protobuf")
                        + "\r\nContent-Length: " + bodyBytes + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        ByteBuffer all = ByteBuffer.allocate(header.length + bodyBytes).put(header);
        if (json) {
            all.put(JSON_BODY.getBytes(StandardCharsets.US_ASCII));
        } else {
            for (int i = 0; i < batch; i++) {
                all.put(PROTO_TRANSFER);
            }
        }
        whole = all.array();
    }

    static String account(int number) {
        byte[] id = new byte[1 + ACCOUNT_DIGITS];
        id[0] = 'a';
        digits(id, 1, ACCOUNT_DIGITS, number);
        return new String(id, StandardCharsets.US_ASCII);
    }

    int bytes() {
        return whole.length;
    }

    /** A request that still lacks its transfers. */
    byte[] copy() {
        return whole.clone();
    }

    void set(byte[] request, int position, long idHigh, long idLow, int debit, int credit, int amount) {
        if (batch == 1) {
            int at = header.length;
            hex(request, at + JSON_ID, idHigh, 60, 8);
            hex(request, at + JSON_ID + 9, idHigh, 28, 4);
            hex(request, at + JSON_ID + 14, idHigh, 12, 4);
            hex(request, at + JSON_ID + 19, idLow, 60, 4);
            hex(request, at + JSON_ID + 24, idLow, 44, 12);
            digits(request, at + JSON_DEBIT, ACCOUNT_DIGITS, debit);
            digits(request, at + JSON_CREDIT, ACCOUNT_DIGITS, credit);
            digits(request, at + JSON_AMOUNT, 3, amount);
        } else {
            int at = header.length + position * PROTO_TRANSFER.length;
            big(request, at + PROTO_ID, idHigh);
            big(request, at + PROTO_ID + 8, idLow);
            digits(request, at + PROTO_DEBIT, ACCOUNT_DIGITS, debit);
            digits(request, at + PROTO_CREDIT, ACCOUNT_DIGITS, credit);
            request[at + PROTO_AMOUNT] = (byte) (amount & 0x7f | 0x80);
            request[at + PROTO_AMOUNT + 1] = (byte) (amount >>> 7);
        }
    }

    static int amount(int random) {
        return LEAST_AMOUNT + Math.floorMod(random, AMOUNTS);
    }

    private static byte[] protoTransfer() {
        byte[] account = account(0).getBytes(StandardCharsets.US_ASCII);
        byte[] asset = ASSET.getBytes(StandardCharsets.US_ASCII);
        int length = 18 + 2 * (2 + account.length) + 3 + 2 + asset.length;
        return ByteBuffer.allocate(2 + length)
                .put((byte) (1 << 3 | 2))
                .put((byte) length)
                .put((byte) (1 << 3 | 2))
                .put((byte) 16)
                .putLong(0)
                .putLong(0)
                .put((byte) (2 << 3 | 2))
                .put((byte) account.length)
                .put(account)
                .put((byte) (3 << 3 | 2))
                .put((byte) account.length)
                .put(account)
                .put((byte) (4 << 3))
                .put((byte) 0x80)
                .put((byte) 1)
                .put((byte) (5 << 3 | 2))
                .put((byte) asset.length)
                .put(asset)
                .array();
    }

    private static void hex(byte[] out, int at, long value, int shift, int count) {
        for (int i = 0; i < count; i++) {
            out[at + i] = HEX[(int) (value >>> shift - 4 * i) & 15];
        }
    }

    private static void big(byte[] out, int at, long value) {
        for (int i = 0; i < 8; i++) {
            out[at + i] = (byte) (value >>> 56 - 8 * i);
        }
    }

    private static void digits(byte[] out, int at, int count, int value) {
        int rest = value;
        for (int i = count - 1; i >= 0; i--) {
            out[at + i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }
}
