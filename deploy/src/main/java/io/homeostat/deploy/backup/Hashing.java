package io.homeostat.deploy.backup;

import io.homeostat.merkle.Digests;
import io.homeostat.merkle.MerkleTree;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;

/** SHA-256 of objects that do not fit into memory, and the comparison with what a manifest states. */
final class Hashing {
    private Hashing() {}

    static byte[] sha256(Path file) throws IOException {
        MessageDigest digest = MerkleTree.newSha256();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return digest.digest();
    }

    /** Copies the object to a file, which is then as its entry says. */
    static void fetch(ObjectStore store, Manifest.Entry entry, Path file) throws IOException {
        MessageDigest digest = MerkleTree.newSha256();
        try (InputStream in = new DigestInputStream(store.get(entry.name()), digest)) {
            compare(entry, Files.copy(in, file), digest.digest());
        } catch (NoSuchFileException e) {
            throw new BackupDamaged(entry.name(), "it is missing");
        }
    }

    static void compare(Manifest.Entry entry, long bytes, byte[] sha256) {
        if (bytes != entry.bytes()) {
            throw new BackupDamaged(
                    entry.name(),
                    "expected " + entry.bytes() + " bytes but found "
                            + (bytes > entry.bytes() ? "more" : String.valueOf(bytes)));
        }
        if (!Digests.hex(sha256).equals(entry.sha256())) {
            throw new BackupDamaged(
                    entry.name(), "expected SHA-256 " + entry.sha256() + " but found " + Digests.hex(sha256));
        }
    }
}
