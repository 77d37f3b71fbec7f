package io.homeostat.deploy.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.homeostat.approvals.web.Role;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Map;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * {@code users.json}: who may sign in to the web UI. Only hashes are written, in the form that
 * {@link io.homeostat.approvals.web.UsersFile} reads.
 */
final class WebUsers {
    /**
     * Many iterations make a guessable password costly to guess. These passwords are random, 115 bits: nobody guesses them
     * at any speed, and a first start should not take seconds for it.
     */
    private static final int ITERATIONS = 10_000;

    private static final int HASH_BITS = 256;
    private static final int SALT_BYTES = 16;

    private WebUsers() {}

    /** @param passwords by person, for every person of the demo */
    static ObjectNode of(Map<String, String> passwords, Secrets random) {
        ObjectNode root = new ObjectMapper().createObjectNode();
        ArrayNode users = root.putArray("users");
        for (DemoPersons.Person person : DemoPersons.ALL) {
            String password = passwords.get(person.id());
            if (password == null) {
                throw new IllegalStateException("expected a password for " + person.id());
            }
            byte[] salt = random.bytes(SALT_BYTES);
            ObjectNode user = users.addObject().put("user", person.id()).put("person", person.id());
            ArrayNode roles = user.putArray("roles");
            person.webRoles().stream().map(Role::wireName).sorted().forEach(roles::add);
            user.put("hash", "pbkdf2-sha256$" + ITERATIONS + "$" + base64(salt) + "$" + base64(hash(password, salt)));
        }
        return root;
    }

    private static byte[] hash(String password, byte[] salt) {
        PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, ITERATIONS, HASH_BITS);
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
}
