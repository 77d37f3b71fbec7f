package io.homeostat.ledger.journal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/**
 * Writes the journal leaf of an event exactly as docs/encoding.md says. The decoder in {@code io.homeostat.merkle} is
 * separate code on purpose; golden files keep the two equal.
 *
 * <pre>
 * u8 version = 1 | u8 type | u64 sequence | i64 timeMicros | body
 * </pre>
 *
 * Not thread-safe: one buffer is used again and again.
 */
public final class LeafEncoder implements LedgerEvent.Handler {
    /** Version, type, sequence and time. */
    static final int HEADER_BYTES = 18;

    /** The whole leaf of a posted transfer. */
    static final int POSTED_BYTES = HEADER_BYTES + 32;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final byte VERSION = 1;
    /** A case with 255 demands and 255 escalation roles of the longest name has 34 kB; a genesis is checked against its own size. */
    private static final int FIRST_CAPACITY = 64 << 10;

    private ByteBuffer out = ByteBuffer.allocate(FIRST_CAPACITY);

    public byte[] encode(LedgerEvent event, long sequence, long timeMicros) {
        write(event, sequence, timeMicros);
        return Arrays.copyOf(out.array(), out.position());
    }

    /** The leaf stands in {@link #bytes} until the next one. */
    void write(LedgerEvent event, long sequence, long timeMicros) {
        header(event.type(), sequence, timeMicros);
        event.to(this);
    }

    /** The same for a {@link LedgerEvent.TransferPosted} that need not be made: {@link #POSTED_BYTES} in {@code to}. */
    static void putPosted(
            byte[] to,
            int at,
            long idHigh,
            long idLow,
            int debit,
            int credit,
            long amount,
            long sequence,
            long timeMicros) {
        to[at] = VERSION;
        to[at + 1] = (byte) LedgerEvent.TransferPosted.TYPE;
        LONG.set(to, at + 2, sequence);
        LONG.set(to, at + 10, timeMicros);
        LONG.set(to, at + 18, idHigh);
        LONG.set(to, at + 26, idLow);
        INT.set(to, at + 34, debit);
        INT.set(to, at + 38, credit);
        LONG.set(to, at + 42, amount);
    }

    /** Holds the leaf from its beginning on; {@link #length} of it count. */
    byte[] bytes() {
        return out.array();
    }

    int length() {
        return out.position();
    }

    private void header(int type, long sequence, long timeMicros) {
        out.clear();
        out.put(VERSION).put((byte) type).putLong(sequence).putLong(timeMicros);
    }

    @Override
    public void on(LedgerEvent.Begun event) {
        room(event.body().length);
        out.put(event.body());
    }

    @Override
    public void on(LedgerEvent.AccountCreated event) {
        out.putInt(event.ordinal());
        str(event.id());
        str(event.asset());
        int flags = (event.debitsMustNotExceedCredits() ? 1 : 0) | (event.creditsMustNotExceedDebits() ? 2 : 0);
        out.put((byte) event.exponent()).put((byte) event.classNumber()).put((byte) flags);
    }

    @Override
    public void on(LedgerEvent.TransferPosted event) {
        uuid(event.id());
        out.putInt(event.debit()).putInt(event.credit()).putLong(event.amount());
    }

    @Override
    public void on(LedgerEvent.TransferHeld event) {
        uuid(event.id());
        out.putInt(event.debit()).putInt(event.credit()).putLong(event.amount()).putLong(event.expiresMicros());
        str(event.requester());
        out.put((byte) (event.gated() ? 1 : 0));
    }

    @Override
    public void on(LedgerEvent.HoldPosted event) {
        uuid(event.id());
        out.putLong(event.amount());
    }

    @Override
    public void on(LedgerEvent.HoldVoided event) {
        uuid(event.id());
        out.put((byte) event.by());
    }

    @Override
    public void on(LedgerEvent.HoldExpired event) {
        uuid(event.id());
    }

    @Override
    public void on(LedgerEvent.CaseOpened event) {
        str(event.caseId());
        out.put((byte) event.kind()).put(event.payload());
        str(event.requester());
        out.putLong(event.expiresMicros()).put((byte) event.demands().size());
        for (LedgerEvent.Demand demand : event.demands()) {
            str(demand.role());
            out.put((byte) demand.count());
        }
        out.putLong(event.escalatesMicros()).put((byte) event.escalationRoles().size());
        event.escalationRoles().forEach(this::str);
    }

    @Override
    public void on(LedgerEvent.ApprovalRecorded event) {
        str(event.caseId());
        out.put(event.payload()).put((byte) event.decision());
        str(event.keyId());
        out.putLong(event.expiresMicros()).put(event.reason());
        out.putInt(event.signature().length).put(event.signature());
    }

    @Override
    public void on(LedgerEvent.CaseDecided event) {
        str(event.caseId());
        out.put((byte) event.outcome());
    }

    @Override
    public void on(LedgerEvent.Refused event) {
        out.put((byte) event.command());
        str(event.subject());
        out.putShort((short) event.reasonNumber());
        str(event.by());
        out.put(event.commandDigest());
    }

    @Override
    public void on(LedgerEvent.NodeIsolated event) {
        str(event.node());
        str(event.incidentId());
        str(event.reason());
    }

    @Override
    public void on(LedgerEvent.NodeAdmitted event) {
        str(event.node());
        str(event.incidentId());
    }

    @Override
    public void on(LedgerEvent.Attested event) {
        str(event.node());
        out.putLong(event.raftIndex()).put(event.digest());
    }

    @Override
    public void on(LedgerEvent.NodeDiverged event) {
        str(event.node());
        out.putLong(event.raftIndex()).put(event.expected()).put(event.found());
    }

    @Override
    public void on(LedgerEvent.TrailAnchored event) {
        str(event.origin());
        out.putLong(event.treeSize()).put(event.root());
    }

    @Override
    public void on(LedgerEvent.LegsPosted event) {
        uuid(event.id());
        out.put((byte) event.accounts().length);
        for (int i = 0; i < event.accounts().length; i++) {
            out.putInt(event.accounts()[i]).putLong(event.amounts()[i]);
        }
    }

    @Override
    public void on(LedgerEvent.TransferTerms event) {
        Integer day = event.effectiveDay();
        UUID reverses = event.reverses();
        uuid(event.id());
        out.put((byte) ((day == null ? 0 : 1) | (reverses == null ? 0 : 2)));
        if (day != null) {
            out.putInt(day);
        }
        if (reverses != null) {
            uuid(reverses);
            out.put((byte) event.reasonNumber());
        }
    }

    @Override
    public void on(LedgerEvent.ChangeProposed event) {
        str(event.caseId());
        room(Long.BYTES + Integer.BYTES + event.body().length);
        out.putLong(event.baseVersion()).putInt(event.body().length).put(event.body());
    }

    @Override
    public void on(LedgerEvent.PolicyChanged event) {
        str(event.caseId());
        out.putLong(event.version());
    }

    @Override
    public void on(LedgerEvent.KeysChanged event) {
        str(event.caseId());
    }

    @Override
    public void on(LedgerEvent.ScreeningBegun event) {
        uuid(event.id());
        out.put(event.payload()).putLong(event.dueMicros()).put((byte)
                event.demands().size());
        for (LedgerEvent.Demand demand : event.demands()) {
            str(demand.role());
            out.put((byte) demand.count());
        }
        out.putInt((int) event.escalateAfterSeconds())
                .put((byte) event.escalationRoles().size());
        event.escalationRoles().forEach(this::str);
    }

    @Override
    public void on(LedgerEvent.VerdictRecorded event) {
        uuid(event.id());
        out.put(event.payload()).put((byte) (event.clear() ? 1 : 2));
        str(event.keyId());
        out.putLong(event.expiresMicros()).put(event.evidence());
        out.putInt(event.signature().length).put(event.signature());
    }

    @Override
    public void on(LedgerEvent.ScreeningLapsed event) {
        uuid(event.id());
    }

    @Override
    public void on(LedgerEvent.ApprovalRefused event) {
        out.put((byte) event.what());
        str(event.caseId());
        str(event.keyId());
        out.putShort((short) event.reasonNumber());
        out.put(event.signatureDigest()).put(event.commandDigest());
    }

    @Override
    public void on(LedgerEvent.RefusalsCounted event) {
        str(event.scope());
        out.putLong(event.count());
    }

    private void room(int bytes) {
        if (out.remaining() < bytes) {
            out = ByteBuffer.allocate(out.position() + bytes).put(out.flip());
        }
    }

    @Override
    public void on(LedgerEvent.MaintenanceSet event) {
        str(event.by());
        str(event.reason());
        out.putLong(event.untilMicros());
    }

    private void uuid(UUID id) {
        out.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    }

    private void str(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.putShort((short) utf8.length).put(utf8);
    }
}
