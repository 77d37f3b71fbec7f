package io.homeostat.agent.authority;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The approver policy on disk, so that it is known when the ledger is not.
 *
 * <p>The first policy is kept for good: a ledger's genesis never changes, so another one can only come from a node that was
 * tampered with. Whoever does not want to trust the node's first answer lays {@code genesis.json} there beforehand. Thread-safe.
 */
public final class PolicyFile {
    private static final Logger LOG = LoggerFactory.getLogger(PolicyFile.class);

    private final Path file;
    private @Nullable ApproverPolicy current;

    public PolicyFile(Path file) {
        this.file = file;
        if (Files.exists(file)) {
            try {
                current = ApproverPolicy.parse(Files.readAllBytes(file));
            } catch (IOException e) {
                throw new UncheckedIOException("approver policy " + file + " can not be read", e);
            } catch (IllegalArgumentException e) {
                throw new IllegalStateException(
                        "approver policy " + file + " is damaged: restore it from genesis.json", e);
            }
        }
    }

    synchronized Optional<ApproverPolicy> current() {
        return Optional.ofNullable(current);
    }

    /** What the node says its policy is. */
    public synchronized void offer(byte[] json) {
        ApproverPolicy offered;
        try {
            offered = ApproverPolicy.parse(json);
        } catch (IllegalArgumentException e) {
            LOG.atWarn().addKeyValue("error", e.getMessage()).log("the node's policy is malformed and not taken");
            return;
        }
        if (current == null) {
            keep(json);
            current = offered;
            LOG.atInfo().addKeyValue("keys", offered.keys().size()).log("approver policy kept");
        } else if (!offered.equals(current)) {
            LOG.atError()
                    .addKeyValue("file", file)
                    .log("the node shows another approver policy than the one kept; the kept one stays in force");
        }
    }

    private void keep(byte[] json) {
        Path next = file.resolveSibling(file.getFileName() + ".next");
        try {
            Files.write(next, json);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("approver policy " + file + " can not be written", e);
        }
    }
}
