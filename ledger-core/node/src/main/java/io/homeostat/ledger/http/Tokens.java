package io.homeostat.ledger.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who a bearer token stands for. Only SHA-256 digests of tokens are held, and every one of them is compared in constant
 * time, so that neither the file nor the answer's time gives a token away.
 *
 * <p>Immutable, thread-safe.
 */
public final class Tokens {
    private static final int MAX_TOKENS = 1000;
    private static final int MIN_SECRET_CHARS = 16;
    private final List<Entry> entries;

    private Tokens(List<Entry> entries) {
        this.entries = List.copyOf(entries);
    }

    /** Who is asking, and what for. */
    public record Principal(String name, Set<String> roles) {
        public Principal {
            roles = Set.copyOf(roles);
        }
    }

    private record Entry(Principal principal, byte[] sha256) {}

    private record Line(String principal, Set<String> roles, String sha256) {}

    /** The principal of other nodes of this ledger; its roles reach nothing that writes but attestations. */
    static final Principal NODE = new Principal("node", Set.of("reader", "node"));

    /** @param internalToken secret that the nodes share */
    public static Tokens read(Path tokensFile, String internalToken) {
        List<Entry> entries = new ArrayList<>();
        entries.add(new Entry(NODE, sha256(internalToken)));
        try {
            JsonMapper mapper = JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .build();
            for (Line line : mapper.readValue(Files.readAllBytes(tokensFile), Line[].class)) {
                if (!Syntax.PRINCIPAL.matches(line.principal()) || !Syntax.DIGEST.matches(line.sha256())) {
                    throw new IllegalArgumentException(tokensFile.getFileName() + ": entry of principal '"
                            + line.principal() + "' must have a principal " + Syntax.PRINCIPAL.rule()
                            + " and the lower-case hex SHA-256 of its token");
                }
                entries.add(new Entry(new Principal(line.principal(), line.roles()), Syntax.hex(line.sha256())));
            }
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    tokensFile.getFileName() + ": expected a JSON list of {principal, roles[], sha256}: "
                            + e.getOriginalMessage(),
                    e);
        } catch (IOException e) {
            throw new IllegalArgumentException("the tokens file can not be read: " + e, e);
        }
        if (entries.size() > MAX_TOKENS) {
            throw new IllegalArgumentException(
                    tokensFile.getFileName() + ": at most " + MAX_TOKENS + " tokens but it holds " + entries.size());
        }
        return new Tokens(entries);
    }

    /** One token file's secret: its content without white space at the ends. */
    public static String secret(Path file) {
        try {
            String secret = Files.readString(file, StandardCharsets.UTF_8).strip();
            if (secret.length() < MIN_SECRET_CHARS) {
                throw new IllegalArgumentException("the token in " + file.getFileName() + " must have at least "
                        + MIN_SECRET_CHARS + " characters but has " + secret.length());
            }
            return secret;
        } catch (IOException e) {
            throw new IllegalArgumentException("the token file can not be read: " + e, e);
        }
    }

    /** @param authorization value of the header, {@code null} when it was not sent */
    public @Nullable Principal principal(@Nullable String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
            return null;
        }
        byte[] presented = sha256(authorization.substring(7).strip());
        Principal found = null;
        for (Entry entry : entries) {
            if (MessageDigest.isEqual(entry.sha256(), presented)) {
                found = entry.principal();
            }
        }
        return found;
    }

    /** True when the header carries exactly this secret; for APIs with one token. */
    public static boolean carries(@Nullable String authorization, String secret) {
        return authorization != null
                && authorization.regionMatches(true, 0, "Bearer ", 0, 7)
                && MessageDigest.isEqual(sha256(authorization.substring(7).strip()), sha256(secret));
    }

    private static byte[] sha256(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
