package io.homeostat.agent.authority;

import io.homeostat.merkle.Checkpoint;
import io.homeostat.merkle.Frames;
import io.homeostat.merkle.SignedNote;
import io.homeostat.merkle.bundle.GateFollower;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ledger's approval policy and keys as this sidecar has followed them, and on disk, so that they are known when the ledger
 * is not. Nothing that a node says is believed for its own sake: leaves are followed from the genesis, a change counts with
 * the signatures that the policy before it asks for, and all of it must be the head that a node of the genesis signed. What
 * does not hold changes nothing here.
 *
 * <p>Never goes back: a shorter journal is passed over, and one that is not the continuation of what was followed has another
 * root. {@link #follow} is called by one thread, {@link #current} by any.
 */
public final class LedgerGate {
    private static final Logger LOG = LoggerFactory.getLogger(LedgerGate.class);
    private static final int PAGE_LEAVES = 8192;
    private static final int MAX_LEAF_BYTES = 1 << 16;

    private final Path genesisFile;
    private final Path memoryFile;
    private @Nullable GateFollower followed;
    private volatile @Nullable ApproverPolicy policy;
    private boolean refused;

    /** The node's journal. Both throw a {@link RuntimeException} when there is no answer. */
    public interface Source {
        /** {@code GET /v1/checkpoint}. */
        byte[] checkpoint();

        /** {@code GET /v1/journal}: frames from a leaf on, as many as one page holds. */
        byte[] journal(long from, int limit);
    }

    /**
     * @param genesisFile the cluster's {@code genesis.json}, may be missing
     * @param memoryFile what was followed so far, may be missing
     * @throws IllegalStateException when one of them is damaged
     */
    public LedgerGate(Path genesisFile, Path memoryFile) {
        this.genesisFile = genesisFile;
        this.memoryFile = memoryFile;
        if (Files.exists(memoryFile)) {
            try {
                GateFollower kept = GateFollower.fromBytes(Files.readAllBytes(memoryFile));
                requirePinned(kept);
                followed = kept;
                policy = ApproverPolicy.of(kept);
            } catch (IOException e) {
                throw new UncheckedIOException("the followed policy " + memoryFile + " can not be read", e);
            } catch (IllegalArgumentException e) {
                throw new IllegalStateException(
                        "the followed policy " + memoryFile + " is damaged: " + e.getMessage()
                                + "; remove it to follow the ledger from its genesis again",
                        e);
            }
        }
    }

    Optional<ApproverPolicy> current() {
        return Optional.ofNullable(policy);
    }

    /** One look at the node; what it can not prove is logged and changes nothing. */
    public void follow(Source source) {
        try {
            SignedNote head = SignedNote.parse(source.checkpoint());
            GateFollower next = upTo(Checkpoint.parse(head.text()).size(), source);
            if (next == null) {
                return;
            }
            if (!next.isHead(head)) {
                throw new IllegalArgumentException(
                        "the node's signed head is not that of the leaves that were followed");
            }
            take(next);
            refused = false;
        } catch (IllegalArgumentException e) {
            if (!refused) {
                refused = true;
                LOG.atError()
                        .addKeyValue("error", e.getMessage())
                        .log("the node's policy can not be proved; what was followed stays in force");
            }
        }
    }

    /** Null when the node is behind, or its journal ends before its head. */
    private @Nullable GateFollower upTo(long size, Source source) {
        GateFollower next = followed == null ? null : followed.copy();
        if (size < 1 || next != null && size < next.size()) {
            return null;
        }
        while (next == null || next.size() < size) {
            long from = next == null ? 0 : next.size();
            List<byte[]> leaves =
                    Frames.decode(source.journal(from, (int) Math.min(PAGE_LEAVES, size - from)), MAX_LEAF_BYTES);
            if (leaves.isEmpty()) {
                return null;
            }
            for (byte[] leaf : leaves) {
                if (next == null) {
                    next = GateFollower.begin(leaf);
                    requirePinned(next);
                } else if (next.size() < size) {
                    next.append(leaf);
                }
            }
        }
        return next;
    }

    private void requirePinned(GateFollower begun) {
        if (Files.exists(genesisFile)) {
            PinnedGenesis.read(genesisFile).requireIs(begun.genesis());
        }
    }

    private void take(GateFollower next) {
        ApproverPolicy before = policy;
        ApproverPolicy now = ApproverPolicy.of(next);
        GateFollower last = followed;
        followed = next;
        policy = now;
        if (last == null || last.size() < next.size()) {
            keep(next.toBytes());
        }
        if (!now.equals(before)) {
            LOG.atInfo()
                    .addKeyValue("version", next.policyVersion())
                    .addKeyValue("keys", now.keys().size())
                    .addKeyValue("leaves", next.size())
                    .log("approver policy followed");
        }
    }

    private void keep(byte[] memory) {
        Path draft = memoryFile.resolveSibling(memoryFile.getFileName() + ".next");
        try {
            Files.write(draft, memory);
            Files.move(draft, memoryFile, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("the followed policy " + memoryFile + " can not be written", e);
        }
    }
}
