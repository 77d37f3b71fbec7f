package io.homeostat.ledger.testing;

import io.homeostat.ledger.archive.ArchiveFault;
import io.homeostat.ledger.archive.RowArchive;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** An archive without threads: a part is taken over only when so many others wait behind it. For simulations. */
public final class MemoryRowArchive implements RowArchive {
    private final int waiting;
    private final Map<UUID, Row> rows = new HashMap<>();
    private final TreeMap<Long, byte[]> holds = new TreeMap<>();
    private final Deque<Part> parts = new ArrayDeque<>();
    private long addedTo;

    private record Part(long upTo, Supplier<List<Row>> rows) {}

    public MemoryRowArchive(int waiting) {
        this.waiting = waiting;
    }

    @Override
    public byte @Nullable [] find(long idHigh, long idLow) {
        Row row = rows.get(new UUID(idHigh, idLow));
        return row == null ? null : row.content();
    }

    @Override
    public List<byte[]> holdsBefore(long number, int limit) {
        return holds.headMap(number, false).descendingMap().values().stream()
                .limit(limit)
                .toList();
    }

    @Override
    public void add(long upTo, Supplier<List<Row>> added) {
        parts.add(new Part(upTo, added));
        take(waiting);
    }

    private void take(int left) {
        while (parts.size() > left) {
            Part part = parts.remove();
            part.rows().get().forEach(this::put);
            addedTo = part.upTo();
        }
    }

    private void put(Row row) {
        rows.put(new UUID(row.idHigh(), row.idLow()), row);
        if (row.hold()) {
            holds.put(row.number(), row.content());
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
                for (Row row : rows.values()) {
                    out.writeLong(row.idHigh());
                    out.writeLong(row.idLow());
                    out.writeLong(row.number());
                    out.writeBoolean(row.hold());
                    out.writeInt(row.content().length);
                    out.write(row.content());
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
                put(new Row(
                        in.readLong(), in.readLong(), in.readLong(), in.readBoolean(), in.readNBytes(in.readInt())));
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
