package io.homeostat.merkle.witness;

import io.homeostat.merkle.Cosignature;
import io.homeostat.merkle.Ed25519;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.Proofs;
import io.homeostat.merkle.TreeHead;
import io.homeostat.merkle.VerifierKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides on {@code add-checkpoint} (C2SP tlog-witness). The door of the package.
 *
 * <p>Thread-safe. Requests about one log stand in line: the old size is compared, the new head made durable and the cosignature
 * given as one step. After a write that failed the log is answered 500 until a restart, because nobody knows then which head
 * the disk has.
 */
public final class Witness implements AutoCloseable {
    private final String name;
    private final Ed25519.Keys keys;
    private final InstantSource clock;
    private final HeadStore store;
    private final Map<String, Log> logs = new HashMap<>();

    /**
     * What to answer.
     *
     * @param status of HTTP
     */
    public record Reply(int status, String contentType, byte[] body) {
        private static Reply text(int status, String text) {
            return new Reply(status, "text/plain; charset=utf-8", (text + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    /** One log and its newest head. */
    private static final class Log {
        private final List<VerifierKey> keys;
        private TreeHead head;
        private boolean broken;

        Log(String origin, List<VerifierKey> keys, Optional<TreeHead> stored) {
            this.keys = List.copyOf(keys);
            this.head = stored.orElseGet(() -> new TreeHead(origin, 0, MerkleTree.emptyRoot()));
        }
    }

    /**
     * @param name under which it cosigns
     * @param logs keys that may sign heads, by origin
     * @param state directory of the heads; belongs to one process
     * @throws IOException when the directory is in use or a head in it can not be read back
     */
    public Witness(String name, Ed25519.Keys keys, Map<String, List<VerifierKey>> logs, Path state, InstantSource clock)
            throws IOException {
        this.name = name;
        this.keys = keys;
        this.clock = clock;
        this.store = new HeadStore(state);
        try {
            for (Map.Entry<String, List<VerifierKey>> log : logs.entrySet()) {
                this.logs.put(log.getKey(), new Log(log.getKey(), log.getValue(), store.read(log.getKey())));
            }
        } catch (IOException e) {
            store.close();
            throw e;
        }
    }

    /** The key by which its cosignatures are verified. */
    public VerifierKey verifierKey() {
        return new VerifierKey(name, VerifierKey.Type.COSIGNATURE, keys.publicKey());
    }

    /** Size of the newest head of this log that it cosigned, 0 when there is none. */
    public long size(String origin) {
        Log log = logs.get(origin);
        if (log == null) {
            return 0;
        }
        synchronized (log) {
            return log.head.size();
        }
    }

    public Reply addCheckpoint(byte[] body) {
        AddCheckpoint request;
        try {
            request = AddCheckpoint.parse(body);
        } catch (IllegalArgumentException e) {
            return Reply.text(400, String.valueOf(e.getMessage()));
        }
        Log log = logs.get(request.head().origin());
        if (log == null) {
            return Reply.text(
                    404, "this witness does not know the log " + request.head().origin());
        }
        boolean signed = log.keys.stream().anyMatch(key -> request.note().verifiedBy(key.name(), key.key()));
        if (!signed) {
            return Reply.text(403, "no key that this witness trusts for the log signed the checkpoint");
        }
        if (request.oldSize() > request.head().size()) {
            return Reply.text(
                    400,
                    "the old size " + request.oldSize() + " is above the checkpoint's "
                            + request.head().size());
        }
        synchronized (log) {
            return cosign(log, request);
        }
    }

    private Reply cosign(Log log, AddCheckpoint request) {
        TreeHead head = request.head();
        if (log.broken) {
            return Reply.text(500, "an earlier write of this log's head failed: restart the witness");
        }
        if (request.oldSize() != log.head.size()) {
            return conflict(log);
        }
        if (head.size() == log.head.size() && !Arrays.equals(head.root(), log.head.root())) {
            // Two heads of one size: the log is forked, and this request is the evidence.
            return conflict(log);
        }
        if (!Proofs.verifyConsistency(request.oldSize(), head.size(), log.head.root(), head.root(), request.proof())) {
            return Reply.text(
                    422, "the consistency proof from " + request.oldSize() + " to " + head.size() + " does not verify");
        }
        if (!head.equals(log.head)) {
            try {
                store.write(head);
            } catch (IOException e) {
                log.broken = true;
                return Reply.text(500, "the head could not be made durable: " + e.getMessage());
            }
            log.head = head;
        }
        String line = Cosignature.sign(
                        request.note().text(), name, keys, clock.instant().getEpochSecond())
                .line();
        return new Reply(200, "text/plain; charset=utf-8", line.getBytes(StandardCharsets.UTF_8));
    }

    private static Reply conflict(Log log) {
        return new Reply(409, "text/x.tlog.size", (log.head.size() + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void close() throws IOException {
        store.close();
    }
}
