package io.homeostat.detector.screening;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Turns leaves (docs/encoding.md, "Journal leaf") into movements. Of the journal it knows accounts, transfers, holds and
 * screenings; every other leaf is passed over. Transfers of several legs are never screened and teach nothing.
 *
 * <p>Not thread-safe.
 */
final class JournalReader {
    private static final int VERSION = 1;
    private static final int ACCOUNT_CREATED = 2;
    private static final int TRANSFER_POSTED = 3;
    private static final int TRANSFER_HELD = 4;
    private static final int HOLD_POSTED = 5;
    private static final int HOLD_VOIDED = 6;
    private static final int HOLD_EXPIRED = 7;
    private static final int SCREENING_BEGUN = 53;
    private static final int DIGEST = 32;

    /** Where the reader keeps what later leaves refer to. */
    interface Memory {
        void put(int ordinal, JournalState.Account account) throws Exception;

        JournalState.@Nullable Account account(int ordinal) throws Exception;

        void hold(String id, JournalState.Held held) throws Exception;

        JournalState.@Nullable Held held(String id) throws Exception;

        void ended(String id) throws Exception;
    }

    /**
     * The movement that the leaf is, null when it is none.
     *
     * @throws IllegalArgumentException when the leaf is not of the form that is documented
     */
    @Nullable
    Movement read(LeafRecord record, Memory memory) throws Exception {
        ByteBuffer in = ByteBuffer.wrap(record.leaf());
        try {
            int version = in.get();
            if (version != VERSION) {
                throw new IllegalArgumentException(
                        "leaf " + record.sequence() + ": expected version " + VERSION + " but found " + version);
            }
            int type = in.get() & 0xff;
            long sequence = in.getLong();
            long time = in.getLong();
            return switch (type) {
                case ACCOUNT_CREATED -> {
                    int ordinal = in.getInt();
                    memory.put(ordinal, new JournalState.Account(text(in), text(in), in.get() & 0xff, in.get() & 0xff));
                    yield null;
                }
                case TRANSFER_POSTED -> {
                    String id = id(in);
                    yield movement(
                            sequence, time, Movement.POSTED, id, in.getInt(), in.getInt(), in.getLong(), "", 0, memory);
                }
                case TRANSFER_HELD -> {
                    String id = id(in);
                    memory.hold(id, new JournalState.Held(in.getInt(), in.getInt(), in.getLong(), false));
                    yield null;
                }
                case SCREENING_BEGUN -> asked(sequence, time, id(in), in, memory);
                case HOLD_POSTED -> released(sequence, time, id(in), in.getLong(), memory);
                case HOLD_VOIDED, HOLD_EXPIRED -> {
                    memory.ended(id(in));
                    yield null;
                }
                default -> null;
            };
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("leaf " + record.sequence() + " ends too early", e);
        }
    }

    private static @Nullable Movement asked(long sequence, long time, String id, ByteBuffer in, Memory memory)
            throws Exception {
        byte[] payload = new byte[DIGEST];
        in.get(payload);
        long due = in.getLong();
        JournalState.Held held = memory.held(id);
        if (held == null) {
            // The topic begins after the hold: nothing is known of it, and no verdict sends it to people.
            return null;
        }
        memory.hold(id, new JournalState.Held(held.debit(), held.credit(), held.amountMinor(), true));
        return movement(
                sequence,
                time,
                Movement.ASKED,
                id,
                held.debit(),
                held.credit(),
                held.amountMinor(),
                HexFormat.of().formatHex(payload),
                due,
                memory);
    }

    private static @Nullable Movement released(long sequence, long time, String id, long amountMinor, Memory memory)
            throws Exception {
        JournalState.Held held = memory.held(id);
        if (held == null) {
            return null;
        }
        memory.ended(id);
        int kind = held.asked() ? Movement.RELEASED : Movement.POSTED;
        return movement(sequence, time, kind, id, held.debit(), held.credit(), amountMinor, "", 0, memory);
    }

    private static @Nullable Movement movement(
            long sequence,
            long time,
            int kind,
            String id,
            int debit,
            int credit,
            long amountMinor,
            String payload,
            long due,
            Memory memory)
            throws Exception {
        JournalState.Account payer = memory.account(debit);
        JournalState.Account receiver = memory.account(credit);
        if (payer == null || receiver == null) {
            return null;
        }
        return new Movement(
                sequence,
                time,
                kind,
                id,
                payer.asset(),
                debit,
                credit,
                payer.id(),
                receiver.id(),
                payer.accountClass(),
                receiver.accountClass(),
                amountMinor,
                payer.exponent(),
                payload,
                due);
    }

    private static String id(ByteBuffer in) {
        return new UUID(in.getLong(), in.getLong()).toString();
    }

    private static String text(ByteBuffer in) {
        byte[] utf8 = new byte[in.getShort() & 0xffff];
        in.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
