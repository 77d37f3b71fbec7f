package io.homeostat.approvals.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * {@code users.json}: who may sign in.
 *
 * <pre>
 * {"users":[{"user":"ada","person":"ada","roles":["approver"],"hash":"pbkdf2-sha256$ITERATIONS$SALT$HASH"}]}
 * </pre>
 *
 * {@code person} is the name in the ledger's policy. Salt (16 bytes) and hash (32 bytes) are base64; PBKDF2 with
 * HMAC-SHA-256 (RFC 8018, iterations by OWASP's advice). Read once at the start. Thread-safe.
 */
public final class UsersFile {
    private static final int ITERATIONS = 600_000;
    private static final int MIN_ITERATIONS = 1_000;
    private static final int MAX_ITERATIONS = 10_000_000;
    private static final int MIN_PASSWORD_CHARS = 8;
    private static final Pattern NAME = Pattern.compile("[a-z0-9._-]{1,64}");
    private static final String SCHEME = "pbkdf2-sha256";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, Stored> users;
    private final Stored nobody;

    private record Stored(User user, int iterations, byte[] salt, byte[] hash) {}

    /** Someone who may sign in. */
    public record User(String user, String person, Set<Role> roles) {
        public User {
            roles = Set.copyOf(roles);
            requireName("user", user);
            requireName("person", person);
        }
    }

    /** A user to be written, with the password in clear; the caller clears the array. */
    public record NewUser(String user, String person, Set<Role> roles, char[] password) {
        public NewUser {
            roles = Set.copyOf(roles);
            requireName("user", user);
            requireName("person", person);
            if (password.length < MIN_PASSWORD_CHARS) {
                throw new IllegalArgumentException("password of " + user + " must have at least " + MIN_PASSWORD_CHARS
                        + " characters but has " + password.length);
            }
        }
    }

    private UsersFile(Map<String, Stored> users) {
        this.users = users;
        // An unknown user costs the same time as a known one, so that the answer's time names nobody.
        int iterations =
                users.values().stream().mapToInt(Stored::iterations).max().orElse(ITERATIONS);
        this.nobody = new Stored(new User("nobody", "nobody", Set.of()), iterations, new byte[16], new byte[32]);
    }

    /** Writes the file as a whole, readable by its owner only. */
    public static void write(Path file, List<NewUser> users) {
        write(file, users, ITERATIONS);
    }

    static void write(Path file, List<NewUser> users, int iterations) {
        SecureRandom random = new SecureRandom();
        ObjectNode root = JSON.createObjectNode();
        ArrayNode list = root.putArray("users");
        for (NewUser user : users) {
            byte[] salt = new byte[16];
            random.nextBytes(salt);
            byte[] hash = derive(user.password(), salt, iterations);
            ObjectNode one = list.addObject().put("user", user.user()).put("person", user.person());
            ArrayNode roles = one.putArray("roles");
            user.roles().stream().sorted().forEach(r -> roles.add(r.wireName()));
            one.put("hash", SCHEME + "$" + iterations + "$" + base64(salt) + "$" + base64(hash));
        }
        try {
            Path fresh = Files.createTempFile(file.toAbsolutePath().getParent(), "users", ".new");
            if (Files.getFileStore(fresh).supportsFileAttributeView("posix")) {
                Files.setPosixFilePermissions(
                        fresh, EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
            }
            Files.write(fresh, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(root));
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("expected to write the users to " + file, e);
        }
    }

    static UsersFile read(Path file) {
        try {
            Map<String, Stored> users = new LinkedHashMap<>();
            for (JsonNode one : JSON.readTree(file.toFile()).path("users")) {
                Stored stored = stored(one, file);
                users.put(stored.user().user(), stored);
            }
            return new UsersFile(users);
        } catch (IOException e) {
            throw new UncheckedIOException("expected the users in " + file + " as JSON", e);
        }
    }

    /** The user when the password is right. Takes the time of one PBKDF2 in every case. */
    Optional<User> verify(String name, char[] password) {
        Stored stored = users.getOrDefault(name, nobody);
        boolean right = MessageDigest.isEqual(derive(password, stored.salt(), stored.iterations()), stored.hash());
        return right && users.containsKey(name) ? Optional.of(stored.user()) : Optional.empty();
    }

    private static Stored stored(JsonNode one, Path file) {
        String name = one.path("user").asText("");
        String[] parts = one.path("hash").asText("").split("\\$", -1);
        if (parts.length != 4 || !parts[0].equals(SCHEME) || !parts[1].matches("[0-9]{1,8}")) {
            throw new IllegalArgumentException(file + ": hash of user '" + name + "' must be " + SCHEME
                    + "$ITERATIONS$SALT$HASH; write the file with UsersFile.write");
        }
        int iterations = Integer.parseInt(parts[1]);
        if (iterations < MIN_ITERATIONS || iterations > MAX_ITERATIONS) {
            throw new IllegalArgumentException(file + ": iterations of user '" + name + "' must be " + MIN_ITERATIONS
                    + " to " + MAX_ITERATIONS + " but are " + iterations);
        }
        List<Role> roles = new ArrayList<>();
        one.path("roles").forEach(role -> roles.add(Role.of(role.asText())));
        User user = new User(name, one.path("person").asText(name), Set.copyOf(roles));
        return new Stored(
                user,
                iterations,
                Base64.getDecoder().decode(parts[2]),
                Base64.getDecoder().decode(parts[3]));
    }

    private static byte[] derive(char[] password, byte[] salt, int iterations) {
        PBEKeySpec spec = new PBEKeySpec(password, salt, iterations, 256);
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java 17 has PBKDF2WithHmacSHA256", e);
        } finally {
            spec.clearPassword();
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static void requireName(String field, String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(field + " must match " + NAME + " but is '" + name + "'");
        }
    }
}
