package io.homeostat.merkle;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;

/**
 * Ed25519 (RFC 8032) with the JDK alone: raw 32-byte public keys on the outside, PKCS#8 PEM for private keys in files.
 * Thread-safe. Verifying costs about 0.2 ms, signing the same.
 */
public final class Ed25519 {
    /** Bytes of a raw public key. */
    public static final int PUBLIC_KEY_BYTES = 32;

    /** Bytes of a signature. */
    public static final int SIGNATURE_BYTES = 64;

    /** SubjectPublicKeyInfo (RFC 8410) up to the key itself: SEQUENCE, algorithm 1.3.101.112, BIT STRING. */
    private static final byte[] SPKI_PREFIX = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

    private static final String PEM_BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String PEM_END = "-----END PRIVATE KEY-----";
    private static final int PEM_MAX_CHARS = 4096;

    private Ed25519() {}

    /** A private key and its raw public key. The text form shows the public half only. */
    public record Keys(PrivateKey privateKey, byte[] publicKey) {
        public Keys {
            Objects.requireNonNull(privateKey, "privateKey");
            publicKey = requirePublicKey(publicKey).clone();
        }

        @Override
        public byte[] publicKey() {
            return publicKey.clone();
        }

        public byte[] sign(byte[] message) {
            return Ed25519.sign(privateKey, message);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Keys keys && Arrays.equals(publicKey, keys.publicKey);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(publicKey);
        }

        @Override
        public String toString() {
            return "Keys[publicKey=" + Base64.getEncoder().encodeToString(publicKey) + "]";
        }
    }

    public static Keys generate() {
        return generate(new SecureRandom());
    }

    /** Keys from the 32-byte seed of RFC 8032, for test vectors and for keys derived from a stored seed. */
    public static Keys fromSeed(byte[] seed) {
        if (seed.length != 32) {
            throw new IllegalArgumentException("an Ed25519 seed has 32 bytes but this has " + seed.length);
        }
        Keys keys = generate(new FixedRandom(seed));
        if (!Arrays.equals(seedOf(keys.privateKey()), seed)) {
            throw new IllegalStateException(
                    "this JDK's Ed25519 generator does not take the seed from its random source");
        }
        return keys;
    }

    /** The private key of a PKCS#8 PEM text with its public key computed anew. */
    public static Keys fromPem(String pem) {
        if (pem.length() > PEM_MAX_CHARS) {
            throw new IllegalArgumentException(
                    "a PEM key has at most " + PEM_MAX_CHARS + " characters but this has " + pem.length());
        }
        String text = pem.strip();
        if (!text.startsWith(PEM_BEGIN) || !text.endsWith(PEM_END)) {
            throw new IllegalArgumentException(
                    "expected a PKCS#8 key between '" + PEM_BEGIN + "' and '" + PEM_END + "'");
        }
        String body = text.substring(PEM_BEGIN.length(), text.length() - PEM_END.length());
        try {
            byte[] der = Base64.getMimeDecoder().decode(body);
            return fromSeed(seedOf(KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(der))));
        } catch (IllegalArgumentException | InvalidKeySpecException e) {
            throw new IllegalArgumentException("the PEM text holds no Ed25519 private key in PKCS#8", e);
        } catch (GeneralSecurityException e) {
            throw unavailable(e);
        }
    }

    public static String toPem(PrivateKey key) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded());
        return PEM_BEGIN + "\n" + body + "\n" + PEM_END + "\n";
    }

    /** Reads a PKCS#8 PEM file. */
    public static Keys readPem(Path file) throws IOException {
        if (Files.size(file) > PEM_MAX_CHARS) {
            throw new IllegalArgumentException(file + " is larger than any Ed25519 key: expected a PKCS#8 PEM file");
        }
        return fromPem(Files.readString(file, StandardCharsets.US_ASCII));
    }

    /** Writes a new file that only its owner may read; an existing file is never overwritten. */
    public static void writePem(Path file, PrivateKey key) throws IOException {
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, toPem(key), StandardCharsets.US_ASCII);
        } else {
            Files.writeString(file, toPem(key), StandardCharsets.US_ASCII, StandardOpenOption.CREATE_NEW);
        }
    }

    public static byte[] sign(PrivateKey key, byte[] message) {
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(key);
            signature.update(message);
            return signature.sign();
        } catch (InvalidKeyException e) {
            throw new IllegalArgumentException("expected an Ed25519 private key", e);
        } catch (GeneralSecurityException e) {
            throw unavailable(e);
        }
    }

    /** True when {@code signature} over {@code message} verifies; malformed keys and signatures are just false. */
    public static boolean verify(byte[] rawPublicKey, byte[] message, byte[] signature) {
        if (rawPublicKey.length != PUBLIC_KEY_BYTES || signature.length != SIGNATURE_BYTES) {
            return false;
        }
        try {
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(publicKey(rawPublicKey));
            verifier.update(message);
            return verifier.verify(signature);
        } catch (InvalidKeyException | SignatureException | IllegalArgumentException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw unavailable(e);
        }
    }

    /** SubjectPublicKeyInfo DER of a raw key. */
    public static byte[] toSubjectPublicKeyInfo(byte[] rawPublicKey) {
        requirePublicKey(rawPublicKey);
        byte[] spki = Arrays.copyOf(SPKI_PREFIX, SPKI_PREFIX.length + PUBLIC_KEY_BYTES);
        System.arraycopy(rawPublicKey, 0, spki, SPKI_PREFIX.length, PUBLIC_KEY_BYTES);
        return spki;
    }

    /** Raw key of a SubjectPublicKeyInfo, which is also {@link PublicKey#getEncoded()}. */
    public static byte[] fromSubjectPublicKeyInfo(byte[] spki) {
        if (spki.length != SPKI_PREFIX.length + PUBLIC_KEY_BYTES
                || !Arrays.equals(spki, 0, SPKI_PREFIX.length, SPKI_PREFIX, 0, SPKI_PREFIX.length)) {
            throw new IllegalArgumentException("expected a SubjectPublicKeyInfo of an Ed25519 key, 44 bytes");
        }
        return Arrays.copyOfRange(spki, SPKI_PREFIX.length, spki.length);
    }

    /** A JDK key of a raw one. */
    public static PublicKey publicKey(byte[] rawPublicKey) {
        try {
            return KeyFactory.getInstance("Ed25519")
                    .generatePublic(new X509EncodedKeySpec(toSubjectPublicKeyInfo(rawPublicKey)));
        } catch (InvalidKeySpecException e) {
            throw new IllegalArgumentException("the 32 bytes are not an Ed25519 public key", e);
        } catch (GeneralSecurityException e) {
            throw unavailable(e);
        }
    }

    private static Keys generate(SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
            generator.initialize(NamedParameterSpec.ED25519, random);
            KeyPair pair = generator.generateKeyPair();
            return new Keys(
                    pair.getPrivate(), fromSubjectPublicKeyInfo(pair.getPublic().getEncoded()));
        } catch (GeneralSecurityException e) {
            throw unavailable(e);
        }
    }

    private static byte[] seedOf(PrivateKey key) {
        if (key instanceof EdECPrivateKey edwards) {
            return edwards.getBytes().orElseThrow(() -> new IllegalArgumentException("the private key is opaque"));
        }
        throw new IllegalArgumentException("expected an Ed25519 private key but it is " + key.getAlgorithm());
    }

    private static byte[] requirePublicKey(byte[] rawPublicKey) {
        if (rawPublicKey.length != PUBLIC_KEY_BYTES) {
            throw new IllegalArgumentException(
                    "a raw Ed25519 public key has 32 bytes but this has " + rawPublicKey.length);
        }
        return rawPublicKey;
    }

    private static IllegalStateException unavailable(GeneralSecurityException e) {
        return new IllegalStateException("this Java platform lacks Ed25519, expected Java 17 or newer", e);
    }

    /** Hands out the seed: the JDK has no other way to compute a public key from a private one. */
    private static final class FixedRandom extends SecureRandom {
        private static final long serialVersionUID = 1L;

        private final byte[] seed;

        FixedRandom(byte[] seed) {
            this.seed = seed.clone();
        }

        @Override
        public void nextBytes(byte[] bytes) {
            if (bytes.length != seed.length) {
                throw new IllegalStateException("expected to be asked for 32 bytes but for " + bytes.length);
            }
            System.arraycopy(seed, 0, bytes, 0, seed.length);
        }
    }
}
