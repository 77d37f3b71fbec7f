package io.homeostat.approvals.web;

import io.homeostat.events.codec.EventCodec;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Optional;

/**
 * Signed-in browsers, in memory: a restart signs everybody out. A session comes into being only by signing in, with an id
 * that was never used before, so nobody can hand a victim a session. Thread-safe.
 */
final class Sessions {
    private final InstantSource clock;
    private final WebLimits limits;
    private final SecureRandom random;
    /** By hash of the id, least recently used first: the ids themselves are nowhere but in the browsers. */
    private final LinkedHashMap<String, Session> byHash = new LinkedHashMap<>(16, 0.75f, true);

    /** @param csrfToken what a changing request of this session must carry */
    record Session(UsersFile.User user, String csrfToken, Instant startedAt, Instant usedAt) {}

    record Started(String id, Session session) {}

    Sessions(InstantSource clock, SecureRandom random, WebLimits limits) {
        this.clock = clock;
        this.random = random;
        this.limits = limits;
    }

    synchronized Started start(UsersFile.User user) {
        String id = randomToken();
        Instant now = clock.instant();
        Session session = new Session(user, randomToken(), now, now);
        byHash.put(hash(id), session);
        if (byHash.size() > limits.maxSessions()) {
            byHash.remove(byHash.keySet().iterator().next());
        }
        return new Started(id, session);
    }

    synchronized Optional<Session> find(String id) {
        String hash = hash(id);
        Session session = byHash.get(hash);
        if (session == null) {
            return Optional.empty();
        }
        Instant now = clock.instant();
        if (now.isAfter(session.usedAt().plus(limits.sessionIdle()))
                || now.isAfter(session.startedAt().plus(limits.sessionLife()))) {
            byHash.remove(hash);
            return Optional.empty();
        }
        Session used = new Session(session.user(), session.csrfToken(), session.startedAt(), now);
        byHash.put(hash, used);
        return Optional.of(used);
    }

    /** A page that refreshes itself is not a person at work: it must not keep a session alive. */
    synchronized Optional<Session> peek(String id) {
        Session session = byHash.get(hash(id));
        if (session == null) {
            return Optional.empty();
        }
        Instant now = clock.instant();
        boolean live = !now.isAfter(session.usedAt().plus(limits.sessionIdle()))
                && !now.isAfter(session.startedAt().plus(limits.sessionLife()));
        return live ? Optional.of(session) : Optional.empty();
    }

    synchronized void end(String id) {
        byHash.remove(hash(id));
    }

    String randomToken() {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String hash(String id) {
        return EventCodec.sha256Hex(id.getBytes(StandardCharsets.UTF_8));
    }
}
