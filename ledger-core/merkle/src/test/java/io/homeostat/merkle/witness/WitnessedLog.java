package io.homeostat.merkle.witness;

import io.homeostat.merkle.CheckpointSigner;
import io.homeostat.merkle.Ed25519;
import io.homeostat.merkle.MerkleLog;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.VerifierKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A log that grows, and one that forks away from it at a size of choice. Not thread-safe. */
final class WitnessedLog implements AutoCloseable {
    static final String ORIGIN = "demo-ledger";
    static final Ed25519.Keys KEYS = Ed25519.fromSeed(MerkleTree.sha256("log".getBytes(StandardCharsets.UTF_8)));
    static final VerifierKey KEY =
            new VerifierKey(CheckpointSigner.keyName(ORIGIN, "n1"), VerifierKey.Type.NOTE, KEYS.publicKey());
    static final Map<String, List<VerifierKey>> LOGS = Map.of(ORIGIN, List.of(KEY));

    private final MerkleLog log;
    private final CheckpointSigner signer = new CheckpointSigner(ORIGIN, "n1", KEYS);

    /** @param forkAt leaves from here on are others than those of the honest log */
    WitnessedLog(Path directory, int leaves, int forkAt) {
        log = MerkleLog.open(directory);
        for (int i = 0; i < leaves; i++) {
            log.append(
                    ByteBuffer.allocate(8).putInt(i).putInt(i < forkAt ? 0 : 1).array());
        }
    }

    byte[] root(long size) {
        return log.rootAt(size);
    }

    byte[] note(long size) {
        return signer.sign(size, log.rootAt(size), size * 1000).encode();
    }

    byte[] request(long oldSize, long size) {
        return AddCheckpoint.encode(oldSize, log.consistencyProof(oldSize, size), note(size));
    }

    @Override
    public void close() {
        log.close();
    }
}
