package io.homeostat.approvals.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Bearer tokens of programs: a JSON list (bare, or as the member {@code tokens}) of {@code {"principal","roles","sha256"}}.
 * Only hashes are stored. Roles of other services in the same file are passed over. Read once at the start. Thread-safe.
 */
final class ApiTokens {
    private final Map<String, Caller> byHash;

    private ApiTokens(Map<String, Caller> byHash) {
        this.byHash = Map.copyOf(byHash);
    }

    static ApiTokens read(Path file) {
        try {
            JsonNode root = new ObjectMapper().readTree(file.toFile());
            Map<String, Caller> byHash = new HashMap<>();
            for (JsonNode one : root.isArray() ? root : root.path("tokens")) {
                Set<Role> roles = new HashSet<>();
                for (JsonNode name : one.path("roles")) {
                    for (Role role : Role.values()) {
                        if (role.wireName().equals(name.asText())) {
                            roles.add(role);
                        }
                    }
                }
                String hash = one.path("sha256").asText("");
                if (!hash.matches("[0-9a-f]{64}")) {
                    throw new IllegalArgumentException(file + ": sha256 of principal '"
                            + one.path("principal").asText("") + "' must be 64 lower-case hex digits");
                }
                byHash.put(hash, Caller.program(one.path("principal").asText(""), roles));
            }
            return new ApiTokens(byHash);
        } catch (IOException e) {
            throw new UncheckedIOException("expected the tokens in " + file + " as JSON", e);
        }
    }

    /** Looked up by hash: the time it takes says nothing about a token. */
    Optional<Caller> find(String token) {
        return Optional.ofNullable(byHash.get(EventCodec.sha256Hex(token.getBytes(StandardCharsets.UTF_8))));
    }
}
