package io.homeostat.merkle;

import java.util.Arrays;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The public half of an approver's or a detector's key: what it takes to check a signature, and nothing more. Immutable and
 * thread-safe.
 *
 * @param publicKey raw Ed25519, 32 bytes, or an uncompressed point of P-256, 65 bytes
 * @param rpId WebAuthn relying party that the key is bound to, a domain; empty for the others
 * @param origin WebAuthn origin that the key is bound to, {@code https://host[:port]}; empty for the others
 */
public record VerificationKey(Algorithm algorithm, byte[] publicKey, String rpId, String origin) {
    private static final Pattern RP_ID = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,126}[a-z0-9])?");
    private static final Pattern ORIGIN =
            Pattern.compile("https?://[a-z0-9]([a-z0-9.-]{0,126}[a-z0-9])?(:[0-9]{1,5})?");

    public VerificationKey {
        Objects.requireNonNull(algorithm, "algorithm");
        publicKey = publicKey.clone();
        if (algorithm == Algorithm.ED25519) {
            if (publicKey.length != Ed25519.PUBLIC_KEY_BYTES) {
                throw new IllegalArgumentException(
                        "a raw Ed25519 public key has 32 bytes but this has " + publicKey.length);
            }
        } else {
            Es256.requirePublicKey(publicKey);
        }
        if (algorithm == Algorithm.WEBAUTHN) {
            if (!RP_ID.matcher(rpId).matches()) {
                throw new IllegalArgumentException("rpId must match " + RP_ID + " but is '" + rpId + "'");
            }
            if (!ORIGIN.matcher(origin).matches()) {
                throw new IllegalArgumentException("origin must match " + ORIGIN + " but is '" + origin + "'");
            }
        } else if (!rpId.isEmpty() || !origin.isEmpty()) {
            throw new IllegalArgumentException("only a WebAuthn key has an rpId and an origin");
        }
    }

    /** A raw Ed25519 key. */
    public static VerificationKey ed25519(byte[] publicKey) {
        return new VerificationKey(Algorithm.ED25519, publicKey, "", "");
    }

    /** How a key signs; the number stands in the encoding. */
    public enum Algorithm {
        /** RFC 8032; the signature has 64 bytes. */
        ED25519(1, "Ed25519"),
        /** {@link Es256} over the text itself; the signature is r and s, 64 bytes. */
        ES256(2, "ES256"),
        /** {@link WebAuthn}: ES256 by an authenticator; the signature is a whole assertion. */
        WEBAUTHN(3, "WebAuthn");

        private final int number;
        private final String wireName;

        Algorithm(int number, String wireName) {
            this.number = number;
            this.wireName = wireName;
        }

        public int number() {
            return number;
        }

        public String wireName() {
            return wireName;
        }

        /** Bytes of a public key. */
        public int publicKeyBytes() {
            return this == ED25519 ? Ed25519.PUBLIC_KEY_BYTES : Es256.PUBLIC_KEY_BYTES;
        }

        /** @throws IllegalArgumentException when there is none of this number */
        public static Algorithm of(int number) {
            for (Algorithm algorithm : values()) {
                if (algorithm.number == number) {
                    return algorithm;
                }
            }
            throw new IllegalArgumentException(
                    "algorithm of a key must be 1 (Ed25519), 2 (ES256) or 3 (WebAuthn) but is " + number);
        }

        /** @throws IllegalArgumentException when there is none of this name */
        public static Algorithm named(String wireName) {
            for (Algorithm algorithm : values()) {
                if (algorithm.wireName.equals(wireName)) {
                    return algorithm;
                }
            }
            throw new IllegalArgumentException(
                    "algorithm of a key must be \"Ed25519\", \"ES256\" or \"WebAuthn\" but is \"" + wireName + "\"");
        }
    }

    @Override
    public byte[] publicKey() {
        return publicKey.clone();
    }

    /** True when {@code signature} over {@code message} verifies; a malformed one is just false. */
    public boolean verifies(byte[] message, byte[] signature) {
        return switch (algorithm) {
            case ED25519 -> Ed25519.verify(publicKey, message, signature);
            case ES256 -> Es256.verify(publicKey, message, signature);
            case WEBAUTHN -> WebAuthn.verify(this, message, signature);
        };
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof VerificationKey k
                && algorithm == k.algorithm
                && Arrays.equals(publicKey, k.publicKey)
                && rpId.equals(k.rpId)
                && origin.equals(k.origin);
    }

    @Override
    public int hashCode() {
        return Objects.hash(algorithm, Arrays.hashCode(publicKey), rpId, origin);
    }

    @Override
    public String toString() {
        return "VerificationKey[" + algorithm.wireName() + " " + Digests.hex(publicKey)
                + (rpId.isEmpty() ? "" : ", rpId " + rpId + ", origin " + origin) + "]";
    }
}
