package io.homeostat.transport;

import java.nio.file.Path;
import java.util.Objects;

/**
 * Where one process finds its identity. Named by files, so that a printed configuration shows no secret.
 *
 * @param authority PEM with the certificates that are trusted to sign peers; two while an authority is replaced
 * @param certificate PEM with this process's certificate
 * @param key PKCS#8 PEM with its private key
 */
public record TlsFiles(Path authority, Path certificate, Path key) {
    public TlsFiles {
        Objects.requireNonNull(authority, "authority");
        Objects.requireNonNull(certificate, "certificate");
        Objects.requireNonNull(key, "key");
    }
}
