package io.homeostat.healer.act;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A bearer token from a file; read again after a 401, so that a token can be changed without a restart. Never logged. */
public final class BearerToken {
    /** A token is one line of text; a larger file is the wrong file. */
    private static final int MAX_BYTES = 4096;

    private final Path file;
    private volatile String header;

    public BearerToken(Path file) {
        this.file = file;
        this.header = read(file);
    }

    String header() {
        return header;
    }

    /** True when the file now holds another token. */
    boolean reload() {
        String before = header;
        header = read(file);
        return !header.equals(before);
    }

    private static String read(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new IllegalArgumentException("token file " + file + " must hold at most " + MAX_BYTES
                        + " bytes but holds " + Files.size(file));
            }
            String token = Files.readString(file).strip();
            if (token.isEmpty() || token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
                throw new IllegalArgumentException("token file " + file + " must hold one line of visible ASCII");
            }
            return "Bearer " + token;
        } catch (IOException e) {
            throw new ActFault(
                    ActFault.Kind.PERMANENT, "expected a readable token file at " + file + ": " + e.getMessage(), e);
        }
    }

    @Override
    public String toString() {
        return "BearerToken[" + file + "]";
    }
}
