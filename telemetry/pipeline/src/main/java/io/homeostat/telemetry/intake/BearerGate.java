package io.homeostat.telemetry.intake;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** Compares the {@code Authorization} header with the one token, in constant time. An empty token lets everybody in. */
final class BearerGate {
    private static final String PREFIX = "Bearer ";

    private final byte[] token;

    BearerGate(String token) {
        this.token = token.getBytes(StandardCharsets.UTF_8);
    }

    boolean admits(@Nullable String authorization) {
        if (token.length == 0) {
            return true;
        }
        if (authorization == null || !authorization.startsWith(PREFIX)) {
            return false;
        }
        byte[] shown = authorization.substring(PREFIX.length()).getBytes(StandardCharsets.UTF_8);
        return MessageDigest.isEqual(token, shown);
    }
}
