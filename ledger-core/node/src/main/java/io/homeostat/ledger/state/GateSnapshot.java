package io.homeostat.ledger.state;

import io.homeostat.ledger.gate.ApprovalCase;
import io.homeostat.ledger.gate.ApprovalPolicy;
import io.homeostat.ledger.gate.GateBook;
import io.homeostat.ledger.gate.KeyChange;
import io.homeostat.ledger.gate.KeyRegister;
import io.homeostat.ledger.journal.LedgerEvent;
import io.homeostat.ledger.journal.LedgerEvent.Demand;
import io.homeostat.merkle.ApprovalSignature;
import io.homeostat.merkle.ChangePayload;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The gate's part of a snapshot: policy in force and its history, keys with their status, counts of refusals, screenings,
 * then the cases, each with the change
 * that it is about. Which changes wait follows from the cases.
 */
final class GateSnapshot {
    private static final int DIGEST_BYTES = 32;
    /** A policy of the genesis may be larger than one that a change carries. */
    private static final int MAX_POLICY_BYTES = 4 << 20;

    private static final int MAX_KEYS = 4096;
    private static final KeyRegister.Status[] STATUS = KeyRegister.Status.values();

    private GateSnapshot() {}

    static void write(LedgerState state, DataOutputStream out) throws IOException {
        GateBook gate = state.gate;
        out.writeLong(gate.policy().version());
        bytes(out, ApprovalPolicy.body(gate.policy().tiers()));
        out.writeInt(gate.history().size());
        for (GateBook.Version version : gate.history()) {
            out.writeLong(version.version());
            out.writeLong(version.sequence());
            out.writeLong(version.timeMicros());
            out.writeUTF(version.caseId());
            out.write(version.digest());
        }
        out.writeInt(gate.keys().entries().size());
        for (KeyRegister.Entry entry : gate.keys().entries()) {
            bytes(out, new KeyChange.Register(entry.key()).body());
            out.writeByte(entry.status().ordinal());
            out.writeLong(entry.sinceSequence());
            out.writeLong(gate.keys().signCount(entry.key().keyId()));
        }
        out.writeLong(gate.refusals().hour());
        out.writeInt(gate.refusals().counts().size());
        for (Map.Entry<String, Long> count : gate.refusals().counts().entrySet()) {
            out.writeUTF(count.getKey());
            out.writeLong(count.getValue());
        }
        out.writeLong(state.looseBeyond);
        out.writeInt(state.screenings.size());
        for (Screening screening : state.screenings.values()) {
            LedgerEvent.ScreeningBegun begun = screening.begun();
            out.writeLong(begun.id().getMostSignificantBits());
            out.writeLong(begun.id().getLeastSignificantBits());
            out.write(begun.payload());
            out.writeLong(begun.dueMicros());
            writeDemands(begun.demands(), out);
            out.writeLong(begun.escalateAfterSeconds());
            writeNames(begun.escalationRoles(), out);
            out.writeLong(screening.sequence());
        }
        out.writeInt(state.casesInOrder.size());
        for (ApprovalCase known : state.casesInOrder) {
            writeCase(known, out);
        }
    }

    static void read(LedgerState state, DataInputStream in) throws IOException {
        long version = in.readLong();
        ApprovalPolicy policy = new ApprovalPolicy(version, ApprovalPolicy.tiersOf(bytes(in, MAX_POLICY_BYTES)));
        List<GateBook.Version> history = new ArrayList<>();
        for (int i = count(in, GateBook.HISTORY_KEPT, "versions of the policy"); i > 0; i--) {
            history.add(new GateBook.Version(in.readLong(), in.readLong(), in.readLong(), in.readUTF(), digest(in)));
        }
        List<KeyRegister.Entry> keys = new ArrayList<>();
        Map<String, Long> signCounts = new LinkedHashMap<>();
        for (int i = count(in, MAX_KEYS, "keys"); i > 0; i--) {
            KeyChange change = KeyChange.fromBody(bytes(in, ChangePayload.MAX_BODY_BYTES));
            if (!(change instanceof KeyChange.Register register)) {
                throw new SnapshotDamaged("expected a key in the snapshot but found another change of keys");
            }
            keys.add(new KeyRegister.Entry(register.key(), STATUS[in.readUnsignedByte()], in.readLong()));
            long signCount = in.readLong();
            if (signCount > 0) {
                signCounts.put(register.key().keyId(), signCount);
            }
        }
        state.gate.restore(policy, history, keys, signCounts);
        long hour = in.readLong();
        Map<String, Long> refusals = new LinkedHashMap<>();
        for (int i = count(in, MAX_KEYS + 1, "refused keys"); i > 0; i--) {
            refusals.put(in.readUTF(), in.readLong());
        }
        state.gate.refusals().restore(hour, refusals);
        state.looseBeyond = in.readLong();
        for (int i = count(in, state.limits.maxCases(), "screenings"); i > 0; i--) {
            LedgerEvent.ScreeningBegun begun = new LedgerEvent.ScreeningBegun(
                    new UUID(in.readLong(), in.readLong()),
                    digest(in),
                    in.readLong(),
                    readDemands(in),
                    in.readLong(),
                    readNames(in));
            state.remember(new Screening(begun, in.readLong()));
        }
        for (int i = count(in, state.limits.maxCases(), "cases"); i > 0; i--) {
            state.remember(readCase(in));
        }
    }

    private static void writeCase(ApprovalCase known, DataOutputStream out) throws IOException {
        LedgerEvent.CaseOpened opened = known.opened();
        out.writeUTF(opened.caseId());
        out.writeByte(opened.kind());
        out.write(opened.payload());
        out.writeUTF(opened.requester());
        out.writeLong(opened.expiresMicros());
        writeDemands(opened.demands(), out);
        out.writeLong(opened.escalatesMicros());
        writeNames(opened.escalationRoles(), out);
        out.writeLong(known.openedAtMicros());
        out.writeLong(known.openedSequence());
        LedgerEvent.ChangeProposed change = known.change();
        out.writeBoolean(change != null);
        if (change != null) {
            out.writeLong(change.baseVersion());
            bytes(out, change.body());
        }
        out.writeByte(known.approvals().size());
        for (ApprovalCase.Recorded approval : known.approvals()) {
            LedgerEvent.ApprovalRecorded event = approval.event();
            out.writeByte(event.decision());
            out.writeUTF(event.keyId());
            out.writeLong(event.expiresMicros());
            out.write(event.reason());
            bytes(out, event.signature());
            out.writeUTF(approval.person());
            out.writeByte(approval.place());
            out.writeLong(approval.sequence());
        }
        out.writeByte(known.state().number());
        out.writeLong(known.decidedSequence());
        out.writeLong(known.refusals());
    }

    private static ApprovalCase readCase(DataInputStream in) throws IOException {
        String caseId = in.readUTF();
        int kind = in.readByte();
        byte[] payload = digest(in);
        String requester = in.readUTF();
        long expires = in.readLong();
        List<Demand> demands = readDemands(in);
        long escalates = in.readLong();
        List<String> roles = readNames(in);
        ApprovalCase known = new ApprovalCase(
                new LedgerEvent.CaseOpened(caseId, kind, payload, requester, expires, demands, escalates, roles),
                in.readLong(),
                in.readLong());
        if (in.readBoolean()) {
            known.propose(new LedgerEvent.ChangeProposed(
                    caseId,
                    kind == LedgerEvent.CASE_OF_POLICY,
                    in.readLong(),
                    bytes(in, ChangePayload.MAX_BODY_BYTES)));
        }
        for (int i = in.readUnsignedByte(); i > 0; i--) {
            LedgerEvent.ApprovalRecorded event = new LedgerEvent.ApprovalRecorded(
                    caseId,
                    payload,
                    in.readByte(),
                    in.readUTF(),
                    in.readLong(),
                    digest(in),
                    bytes(in, ApprovalSignature.MAX_BYTES));
            String person = in.readUTF();
            int place = in.readUnsignedByte();
            if (place >= demands.size()) {
                throw new SnapshotDamaged("an approval of case " + caseId + " fills demand " + place
                        + " but the case has " + demands.size());
            }
            known.restore(event, person, place, in.readLong());
        }
        int decided = in.readByte();
        long decidedSequence = in.readLong();
        if (decided != ApprovalCase.State.OPEN.number()) {
            known.decide(ApprovalCase.State.of(decided), decidedSequence);
        }
        known.refusals(in.readLong());
        return known;
    }

    private static void writeDemands(List<Demand> demands, DataOutputStream out) throws IOException {
        out.writeByte(demands.size());
        for (Demand demand : demands) {
            out.writeUTF(demand.role());
            out.writeByte(demand.count());
        }
    }

    private static List<Demand> readDemands(DataInputStream in) throws IOException {
        List<Demand> demands = new ArrayList<>();
        for (int i = in.readUnsignedByte(); i > 0; i--) {
            demands.add(new Demand(in.readUTF(), in.readUnsignedByte()));
        }
        return List.copyOf(demands);
    }

    private static void writeNames(List<String> names, DataOutputStream out) throws IOException {
        out.writeByte(names.size());
        for (String name : names) {
            out.writeUTF(name);
        }
    }

    private static List<String> readNames(DataInputStream in) throws IOException {
        List<String> names = new ArrayList<>();
        for (int i = in.readUnsignedByte(); i > 0; i--) {
            names.add(in.readUTF());
        }
        return List.copyOf(names);
    }

    private static int count(DataInputStream in, int most, String what) throws IOException {
        int count = in.readInt();
        if (count < 0 || count > most) {
            throw new SnapshotDamaged("the snapshot states " + count + " " + what + ", the limit is " + most);
        }
        return count;
    }

    private static void bytes(DataOutputStream out, byte[] value) throws IOException {
        out.writeInt(value.length);
        out.write(value);
    }

    private static byte[] bytes(DataInputStream in, int most) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > most) {
            throw new SnapshotDamaged("a field of the snapshot states " + length + " bytes, the limit is " + most);
        }
        byte[] value = new byte[length];
        in.readFully(value);
        return value;
    }

    private static byte[] digest(DataInputStream in) throws IOException {
        byte[] value = new byte[DIGEST_BYTES];
        in.readFully(value);
        return value;
    }
}
