package io.homeostat.ledger.testing;

import io.homeostat.ledger.archive.ArchiveFault;
import io.homeostat.ledger.archive.ArchivedRow;
import io.homeostat.ledger.archive.RowArchive;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An archive without threads: a part is taken over only when so many others wait behind it. For simulations. */
public final class MemoryRowArchive implements RowArchive {
    private final int waiting;
    private final Map<UUID, byte[]> rows = new HashMap<>();
    private final TreeMap<Long, byte[]> holds = new TreeMap<>();
    private final Deque<Part> parts = new ArrayDeque<>();
    private long addedTo;

    private record Part(long upTo, int most, Consumer<ByteBuffer> rows) {}

    public MemoryRowArchive(int waiting) {
        this.waiting = waiting;
    }

    @Override
    public byte @Nullable [] find(long idHigh, long idLow) {
        return rows.get(new UUID(idHigh, idLow));
    }

    @Override
    public List<byte[]> holdsBefore(long number, int limit) {
        return holds.headMap(number, false).descendingMap().values().stream()
                .limit(limit)
                .toList();
    }

    @Override
    public void add(long upTo, int most, Consumer<ByteBuffer> added) {
        parts.add(new Part(upTo, most, added));
        take(waiting);
    }

    private void take(int left) {
        while (parts.size() > left) {
            Part part = parts.remove();
            ByteBuffer bytes = ByteBuffer.allocate(part.most() * ArchivedRow.BYTES);
            part.rows().accept(bytes);
            bytes.flip();
            while (bytes.hasRemaining()) {
                byte[] row = new byte[ArchivedRow.BYTES];
                bytes.get(row);
                put(row);
            }
            addedTo = part.upTo();
        }
    }

    private void put(byte[] row) {
        rows.put(new UUID(ArchivedRow.idHigh(row, 0), ArchivedRow.idLow(row, 0)), row);
        if (ArchivedRow.hold(row, 0)) {
            holds.put(ArchivedRow.number(row, 0), row);
        }
    }

    @Override
    public long addedTo() {
        return addedTo;
    }

    @Override
    public void await(long upTo) {
        while (addedTo < upTo) {
            take(parts.size() - 1);
        }
    }

    @Override
    public void copyTo(Path folder) {
        try {
            Files.createDirectories(folder);
            try (DataOutputStream out =
                    new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(folder.resolve("rows"))))) {
                out.writeInt(rows.size());
                for (byte[] row : rows.values()) {
                    out.write(row);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void restore(@Nullable Path copy, long upTo) {
        parts.clear();
        rows.clear();
        holds.clear();
        addedTo = upTo;
        if (copy == null) {
            return;
        }
        try (DataInputStream in =
                new DataInputStream(new ByteArrayInputStream(Files.readAllBytes(copy.resolve("rows"))))) {
            for (int i = in.readInt(); i > 0; i--) {
                put(in.readNBytes(ArchivedRow.BYTES));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public @Nullable ArchiveFault fault() {
        return null;
    }

    @Override
    public void close() {
        parts.clear();
    }
}
