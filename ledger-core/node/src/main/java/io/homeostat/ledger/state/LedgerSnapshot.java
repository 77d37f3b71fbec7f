package io.homeostat.ledger.state;

import io.homeostat.ledger.archive.RowArchive;
import io.homeostat.ledger.attest.AttestationTally.Round;
import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.journal.LedgerEvent;
import io.homeostat.ledger.state.TransferTable.Status;
import io.homeostat.merkle.MerkleFrontier;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UTFDataFormatException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The whole state as bytes, version 3, within the frames of {@link SnapshotOutput}. Sections in this order: head, journal
 * edge, accounts, transfers, holds, gate, nodes, attestations, anchor, reversals, refusals, fold, state digest. What can be computed
 * (tables, expiries, page hashes) is not stored, and old transfers are in the copy of the index that goes with it. The same state gives the same bytes. {@link LedgerImage} puts the sections together.
 */
final class LedgerSnapshot {
    static final int VERSION = 3;
    /** Of transfers in memory; more than 4 GB would be needed for them. */
    private static final int MOST_ROWS = 1 << 26;

    private static final int MAX_TEXT_BYTES = 0xffff;
    private static final int DIGEST_BYTES = 32;

    private LedgerSnapshot() {}

    /** A state and the right edge of the journal that belongs to it. */
    record Loaded(LedgerState state, MerkleFrontier edge) {}

    /** What stands before the two large tables. */
    static void writeHead(LedgerState state, MerkleFrontier edge, DataOutputStream out) throws IOException {
        out.writeShort(VERSION);
        out.write(state.genesis.digest());
        out.writeBoolean(state.begun);
        out.writeLong(state.raftIndex);
        out.writeLong(state.timeMicros);
        out.writeLong(state.turns);
        bytes(out, edge.toBytes());
    }

    /** What stands behind them: written while nothing is applied, so it must be small. */
    static void writeRest(LedgerState state, DataOutputStream out) throws IOException {
        writeHolds(state, out);
        GateSnapshot.write(state, out);
        writeNodes(state, out);
        writeRounds(state, out);
        LedgerState.Anchor anchor = state.anchor;
        out.writeBoolean(anchor != null);
        if (anchor != null) {
            out.writeLong(anchor.treeSize());
            out.write(anchor.root());
        }
        Maintenance maintenance = state.maintenance;
        out.writeBoolean(maintenance != null);
        if (maintenance != null) {
            out.writeUTF(maintenance.by());
            out.writeUTF(maintenance.reason());
            out.writeLong(maintenance.sinceMicros());
            out.writeLong(maintenance.untilMicros());
        }
        out.writeInt(state.reversals.size());
        for (Map.Entry<UUID, UUID> reversal : state.reversals.entrySet()) {
            id(out, reversal.getKey());
            id(out, reversal.getValue());
        }
        out.writeLong(state.refusals);
        out.writeLong(state.looseMinute);
        out.writeInt(state.looseRefusals);
        out.write(state.fold.value());
    }

    /** @throws SnapshotDamaged when it is not byte for byte what was written, or is of another genesis */
    static Loaded read(
            Genesis genesis, LedgerStateLimits limits, long tableSeed, RowArchive archive, InputStream source)
            throws IOException {
        SnapshotInput frames = new SnapshotInput(source);
        LedgerState state = new LedgerState(genesis, limits, tableSeed, archive);
        try {
            // Not closed: the stream belongs to the caller.
            DataInputStream in = new DataInputStream(frames);
            int version = in.readUnsignedShort();
            if (version != VERSION) {
                throw new SnapshotDamaged(
                        "this ledger reads snapshots of version " + VERSION + " but found " + version);
            }
            requireGenesis(genesis, in.readNBytes(DIGEST_BYTES));
            state.begun = in.readBoolean();
            state.raftIndex = in.readLong();
            state.timeMicros = in.readLong();
            state.turns = in.readLong();
            MerkleFrontier edge = MerkleFrontier.fromBytes(bytes(in, Long.BYTES + 64 * DIGEST_BYTES));
            readAccounts(state, in);
            readTransfers(state, in);
            readHolds(state, in);
            GateSnapshot.read(state, in);
            readNodes(state, in);
            readRounds(state, in);
            if (in.readBoolean()) {
                state.anchor = new LedgerState.Anchor(in.readLong(), digest(in));
            }
            if (in.readBoolean()) {
                state.maintenance = new Maintenance(in.readUTF(), in.readUTF(), in.readLong(), in.readLong());
            }
            int reversals = count(in, limits.maxCases(), "reversals");
            for (int i = 0; i < reversals; i++) {
                state.rememberReversal(new UUID(in.readLong(), in.readLong()), new UUID(in.readLong(), in.readLong()));
            }
            state.refusals = in.readLong();
            state.looseMinute = in.readLong();
            state.looseRefusals = in.readInt();
            state.fold.restore(digest(in));
            byte[] recorded = digest(in);
            frames.requireEnd();
            if (!Arrays.equals(recorded, state.digest(edge.root(), edge.size()))) {
                throw new SnapshotDamaged("the state that was read has another digest than the one that was written");
            }
            return new Loaded(state, edge);
        } catch (EOFException e) {
            throw new SnapshotDamaged("the snapshot ends before its last section", e);
        } catch (UTFDataFormatException e) {
            throw new SnapshotDamaged("the snapshot holds a name that is no text", e);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new SnapshotDamaged("the snapshot's content contradicts itself: " + e.getMessage(), e);
        }
    }

    private static void requireGenesis(Genesis genesis, byte[] found) {
        if (!Arrays.equals(genesis.digest(), found)) {
            throw new SnapshotDamaged(
                    "the snapshot belongs to another genesis than this node's genesis file; give every node"
                            + " of the ledger the same file");
        }
    }

    static void writeAccounts(AccountTable accounts, DataOutputStream out) throws IOException {
        out.writeInt(accounts.count());
        for (int i = 0; i < accounts.count(); i++) {
            out.writeUTF(accounts.id(i));
            out.writeUTF(accounts.asset(i));
            out.writeByte(accounts.exponent(i));
            out.writeByte(accounts.classNumber(i));
            out.writeByte((accounts.flagged(i) ? 1 : 0) | (accounts.creditsLimited(i) ? 2 : 0));
            out.writeLong(accounts.debitsPosted(i));
            out.writeLong(accounts.creditsPosted(i));
            out.writeLong(accounts.debitsHeld(i));
            out.writeLong(accounts.creditsHeld(i));
        }
    }

    private static void readAccounts(LedgerState state, DataInputStream in) throws IOException {
        int count = count(in, state.limits.maxAccounts(), "accounts");
        for (int i = 0; i < count; i++) {
            String id = in.readUTF();
            String asset = in.readUTF();
            int exponent = in.readByte();
            int classNumber = in.readByte();
            int limit = in.readByte();
            state.accounts.add(
                    new LedgerEvent.AccountCreated(i, id, asset, exponent, classNumber, limit == 1, limit == 2));
            state.accounts.restoreBalances(i, in.readLong(), in.readLong(), in.readLong(), in.readLong());
            state.pages.touch(i);
        }
    }

    static void writeTransfers(TransferTable.Frozen transfers, DataOutputStream out) throws IOException {
        ByteBuffer row = ByteBuffer.allocate(TransferRow.BYTES);
        out.writeLong(transfers.rows());
        out.writeLong(transfers.handedOver());
        out.writeInt(transfers.late().size());
        for (TransferRow late : transfers.late()) {
            late.to(row.clear());
            out.write(row.array());
        }
        for (long number = transfers.handedOver(); number < transfers.rows(); number++) {
            transfers.row(number).to(row.clear());
            out.write(row.array());
        }
    }

    private static void readTransfers(LedgerState state, DataInputStream in) throws IOException {
        long rows = in.readLong();
        long onDisk = in.readLong();
        if (rows < 0
                || rows > state.limits.maxTransfers()
                || onDisk < 0
                || onDisk > rows
                || rows - onDisk > MOST_ROWS) {
            throw new SnapshotDamaged("the snapshot states " + rows + " transfers, " + onDisk + " of them on disk");
        }
        TransferTable transfers = state.transfers;
        transfers.beginAt(onDisk, (int) (rows - onDisk));
        int late = count(in, MOST_ROWS, "old transfers in memory");
        byte[] row = new byte[TransferRow.BYTES];
        for (int i = 0; i < late; i++) {
            in.readFully(row);
            transfers.restoreLate(TransferRow.of(row));
        }
        for (long number = onDisk; number < rows; number++) {
            in.readFully(row);
            TransferRow next = TransferRow.of(row);
            if (next.number() != number) {
                throw new SnapshotDamaged("expected transfer " + number + " but found " + next.number());
            }
            transfers.restore(next);
        }
    }

    private static void writeHolds(LedgerState state, DataOutputStream out) throws IOException {
        out.writeInt(state.holds.size());
        for (Hold hold : state.holds.values()) {
            id(out, hold.id());
            out.writeLong(hold.openedMicros());
            out.writeLong(hold.expiresMicros());
            out.writeUTF(hold.requester());
            out.writeLong(hold.sequence());
        }
    }

    private static void readHolds(LedgerState state, DataInputStream in) throws IOException {
        TransferTable transfers = state.transfers;
        int count = count(in, MOST_ROWS, "holds");
        for (int i = 0; i < count; i++) {
            UUID id = new UUID(in.readLong(), in.readLong());
            TransferRow row = transfers.find(id);
            if (row == null || row.status() != Status.HELD) {
                throw new SnapshotDamaged("an open hold names " + id + ", which is no held transfer");
            }
            state.remember(new Hold(
                    id,
                    row.number(),
                    row.debit(),
                    row.credit(),
                    row.amount(),
                    in.readLong(),
                    in.readLong(),
                    in.readUTF(),
                    row.gated(),
                    in.readLong()));
        }
    }

    private static void writeNodes(LedgerState state, DataOutputStream out) throws IOException {
        for (int i = 0; i < state.nodes.count(); i++) {
            NodeRegister.Entry node = state.nodes.entry(i);
            out.writeBoolean(node.isolated);
            out.writeBoolean(node.diverged);
            out.writeUTF(node.incidentId);
            out.writeLong(node.attestedIndex);
            bytes(out, node.digest);
        }
    }

    private static void readNodes(LedgerState state, DataInputStream in) throws IOException {
        for (int i = 0; i < state.nodes.count(); i++) {
            NodeRegister.Entry node = state.nodes.entry(i);
            node.isolated = in.readBoolean();
            node.diverged = in.readBoolean();
            node.incidentId = in.readUTF();
            node.attestedIndex = in.readLong();
            node.digest = bytes(in, DIGEST_BYTES);
        }
    }

    private static void writeRounds(LedgerState state, DataOutputStream out) throws IOException {
        List<Round> rounds = state.tally.rounds();
        out.writeInt(rounds.size());
        for (Round round : rounds) {
            out.writeLong(round.raftIndex());
            for (int node = 0; node < state.nodes.count(); node++) {
                byte[] digest = round.digest(node);
                out.writeBoolean(digest != null);
                if (digest != null) {
                    out.write(digest);
                }
            }
        }
    }

    private static void readRounds(LedgerState state, DataInputStream in) throws IOException {
        int rounds = count(in, state.limits.attestationsKept(), "attestations");
        for (int i = 0; i < rounds; i++) {
            long raftIndex = in.readLong();
            state.tally.open(raftIndex);
            for (int node = 0; node < state.nodes.count(); node++) {
                if (in.readBoolean()) {
                    state.tally.vote(raftIndex, node, digest(in));
                }
            }
        }
    }

    private static int count(DataInputStream in, int most, String what) throws IOException {
        int count = in.readInt();
        if (count < 0 || count > most) {
            throw new SnapshotDamaged("the snapshot states " + count + " " + what + ", the limit is " + most);
        }
        return count;
    }

    private static void id(DataOutputStream out, UUID id) throws IOException {
        out.writeLong(id.getMostSignificantBits());
        out.writeLong(id.getLeastSignificantBits());
    }

    private static void bytes(DataOutputStream out, byte[] value) throws IOException {
        if (value.length > MAX_TEXT_BYTES) {
            throw new IllegalArgumentException(
                    "a field has at most " + MAX_TEXT_BYTES + " bytes but has " + value.length);
        }
        out.writeShort(value.length);
        out.write(value);
    }

    private static byte[] bytes(DataInputStream in, int most) throws IOException {
        int length = in.readUnsignedShort();
        if (length > most) {
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
