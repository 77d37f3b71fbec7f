package io.homeostat.agent.supervise;

import io.homeostat.events.ActionReport;
import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * What a restarted agent must still know; one small JSON file, written whole and fsynced before a change counts.
 *
 * @param held the node is to stay down
 * @param heldReason why, empty when it is not held
 * @param joinPending the next start is to be made with {@code --join}, until the node has answered once
 * @param attempts restarts by reflex, oldest first, bounded by the reflex policy's window
 * @param reports answers to known action ids, oldest first
 */
public record AgentMemory(
        boolean held, String heldReason, boolean joinPending, List<Instant> attempts, List<ActionReport> reports) {
    public AgentMemory {
        Objects.requireNonNull(heldReason, "heldReason");
        attempts = List.copyOf(attempts);
        reports = List.copyOf(reports);
    }

    static AgentMemory empty() {
        return new AgentMemory(false, "", false, List.of(), List.of());
    }

    AgentMemory withHeld(boolean nowHeld, String reason) {
        return new AgentMemory(nowHeld, reason, joinPending, attempts, reports);
    }

    AgentMemory withJoinPending(boolean pending) {
        return new AgentMemory(held, heldReason, pending, attempts, reports);
    }

    AgentMemory withAttempts(List<Instant> newAttempts) {
        return new AgentMemory(held, heldReason, joinPending, newAttempts, reports);
    }

    AgentMemory withReports(List<ActionReport> newReports) {
        return new AgentMemory(held, heldReason, joinPending, attempts, newReports);
    }

    /** A file that can not be read is an error: forgetting that a node is fenced would start it. */
    static AgentMemory load(Path file) {
        if (!Files.exists(file)) {
            return empty();
        }
        try {
            return EventCodec.read(Files.readAllBytes(file), AgentMemory.class);
        } catch (IOException e) {
            throw new UncheckedIOException("agent state " + file + " can not be read; check its permissions", e);
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(
                    "agent state " + file + " is damaged; decide whether the node may run, then move the file away", e);
        }
    }

    void store(Path file) {
        Path next = file.resolveSibling(file.getFileName() + ".next");
        try {
            try (FileChannel channel = FileChannel.open(
                    next, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
                ByteBuffer bytes = ByteBuffer.wrap(EventCodec.canonicalJson(this));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("agent state " + file + " can not be written; free some disk space", e);
        }
    }
}
