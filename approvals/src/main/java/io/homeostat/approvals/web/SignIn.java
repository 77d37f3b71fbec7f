package io.homeostat.approvals.web;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Name and password to session. Tries are limited by user and by address; an unknown name costs the same time as a known
 * one and gets the same answer. The form carries a token made from a cookie of its own, so that nobody signs a victim in.
 * Thread-safe.
 */
final class SignIn {
    private static final Logger LOG = LoggerFactory.getLogger(SignIn.class);
    private static final int MAX_PASSWORD_CHARS = 256;

    private final UsersFile users;
    private final Sessions sessions;
    private final TryLimiter tries;
    private final WebLimits limits;
    private final byte[] secret;

    SignIn(UsersFile users, Sessions sessions, InstantSource clock, byte[] secret, WebLimits limits) {
        this.users = users;
        this.sessions = sessions;
        this.tries = new TryLimiter(clock, limits.signInWindow(), limits.signInTracked());
        this.limits = limits;
        this.secret = secret.clone();
    }

    /** The form token that belongs to a browser's sign-in cookie. */
    String tokenFor(String cookie) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(mac.doFinal(cookie.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }

    boolean tokenHolds(String cookie, String token) {
        return !cookie.isEmpty() && same(tokenFor(cookie), token);
    }

    static boolean same(String expected, String found) {
        return MessageDigest.isEqual(expected.getBytes(StandardCharsets.UTF_8), found.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * A new session, or empty when name and password do not fit.
     *
     * @throws Problem 429 when there were too many tries
     */
    Optional<Sessions.Started> signIn(Map<String, String> form, String address) {
        String name = form.getOrDefault("user", "").strip();
        String password = form.getOrDefault("password", "");
        String userKey = "user:" + name;
        String addressKey = "address:" + address;
        if (name.length() > 64 || password.length() > MAX_PASSWORD_CHARS) {
            return Optional.empty();
        }
        requireTry(addressKey, limits.signInTriesPerAddress());
        requireTry(userKey, limits.signInTriesPerUser());
        Optional<UsersFile.User> user = users.verify(name, password.toCharArray());
        if (user.isEmpty()) {
            LOG.atWarn().addKeyValue("address", address).log("sign-in refused");
            return Optional.empty();
        }
        tries.takeBack(userKey);
        tries.takeBack(addressKey);
        LOG.atInfo().addKeyValue("user", user.get().user()).log("signed in");
        return Optional.of(sessions.start(user.get()));
    }

    private void requireTry(String key, int allowed) {
        long wait = tries.tryOnce(key, allowed);
        if (wait > 0) {
            throw new Problem(
                    429,
                    "too-many-tries",
                    "Too many tries",
                    "There were " + allowed + " failed tries. Wait " + wait + " seconds and try again.",
                    "",
                    wait);
        }
    }
}
