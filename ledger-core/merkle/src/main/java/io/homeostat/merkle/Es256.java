package io.homeostat.merkle;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.InvalidKeySpecException;
import java.util.Arrays;

/**
 * ECDSA over P-256 with SHA-256 (FIPS 186-4, RFC 7518 "ES256"), verified with the JDK alone. Public keys are uncompressed
 * SEC 1 points: {@code 0x04 | x | y}, 65 bytes. A signature is either raw ({@code r | s}, 64 bytes: what the ledger stores
 * for a plain ES256 key) or DER ({@code SEQUENCE { INTEGER r, INTEGER s }}: what WebAuthn authenticators give).
 *
 * <p>What the JDK may or may not check is checked here: the point lies on the curve and is not infinity, coordinates are below
 * the field's prime, r and s are 1 to n - 1, DER is minimal. Both s and n - s are taken, as FIPS 186 has it: a signature is
 * no identity here, a person is. Thread-safe. Verifying costs about 0.3 ms.
 */
public final class Es256 {
    /** Bytes of an uncompressed point. */
    public static final int PUBLIC_KEY_BYTES = 65;

    /** Bytes of a raw signature. */
    public static final int SIGNATURE_BYTES = 64;

    /** Bytes of the largest DER signature. */
    public static final int MAX_DER_BYTES = 72;

    private static final int FIELD_BYTES = 32;
    private static final byte UNCOMPRESSED = 4;
    private static final BigInteger P =
            new BigInteger("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", 16);
    private static final BigInteger N =
            new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);
    private static final BigInteger B =
            new BigInteger("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b", 16);
    private static final BigInteger THREE = BigInteger.valueOf(3);

    private Es256() {}

    /** @throws IllegalArgumentException unless the 65 bytes are an uncompressed point of P-256 */
    public static byte[] requirePublicKey(byte[] point) {
        if (point.length != PUBLIC_KEY_BYTES || point[0] != UNCOMPRESSED) {
            throw new IllegalArgumentException(
                    "an ES256 public key is an uncompressed point of 65 bytes that begins with 4 but this has "
                            + point.length + " bytes");
        }
        BigInteger x = coordinate(point, 1);
        BigInteger y = coordinate(point, 1 + FIELD_BYTES);
        if (x.compareTo(P) >= 0 || y.compareTo(P) >= 0) {
            throw new IllegalArgumentException("a coordinate of the ES256 public key is not below the field's prime");
        }
        BigInteger right = x.multiply(x).subtract(THREE).multiply(x).add(B).mod(P);
        if (!y.multiply(y).mod(P).equals(right)) {
            throw new IllegalArgumentException("the ES256 public key is no point of the curve P-256");
        }
        return point;
    }

    /** True when the raw signature over {@code message} verifies; malformed keys and signatures are just false. */
    public static boolean verify(byte[] point, byte[] message, byte[] rawSignature) {
        if (rawSignature.length != SIGNATURE_BYTES
                || !inRange(rawSignature, 0)
                || !inRange(rawSignature, FIELD_BYTES)) {
            return false;
        }
        try {
            Signature verifier = Signature.getInstance("SHA256withECDSAinP1363Format");
            verifier.initVerify(publicKey(point));
            verifier.update(message);
            return verifier.verify(rawSignature);
        } catch (InvalidKeyException | SignatureException | IllegalArgumentException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw unavailable(e);
        }
    }

    /** As {@link #verify} for a signature in DER; one that is not minimal DER is false. */
    public static boolean verifyDer(byte[] point, byte[] message, byte[] derSignature) {
        byte[] raw = fromDer(derSignature);
        return raw.length != 0 && verify(point, message, raw);
    }

    /** The raw signature over {@code message}. */
    public static byte[] sign(PrivateKey key, byte[] message) {
        try {
            Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initSign(key);
            signature.update(message);
            return signature.sign();
        } catch (InvalidKeyException e) {
            throw new IllegalArgumentException("expected a private key of P-256", e);
        } catch (GeneralSecurityException e) {
            throw unavailable(e);
        }
    }

    /** A JDK key of an uncompressed point. */
    public static PublicKey publicKey(byte[] point) {
        requirePublicKey(point);
        try {
            ECPoint w = new ECPoint(coordinate(point, 1), coordinate(point, 1 + FIELD_BYTES));
            return KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(w, parameters()));
        } catch (InvalidKeySpecException e) {
            throw new IllegalArgumentException("the 65 bytes are no public key of P-256", e);
        } catch (GeneralSecurityException e) {
            throw unavailable(e);
        }
    }

    /** The JDK's parameters of the curve. */
    public static ECParameterSpec parameters() {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec("secp256r1"));
            return parameters.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw unavailable(e);
        }
    }

    /** {@code 0x04 | x | y} of a point, for keys that the JDK made. */
    public static byte[] uncompressed(ECPoint point) {
        byte[] bytes = new byte[PUBLIC_KEY_BYTES];
        bytes[0] = UNCOMPRESSED;
        put(point.getAffineX(), bytes, 1);
        put(point.getAffineY(), bytes, 1 + FIELD_BYTES);
        return bytes;
    }

    /**
     * {@code 30 len 02 len r 02 len s}, each integer minimal and positive, nothing behind. A length is one byte, because no
     * such signature has more than 72.
     *
     * @return the raw form, empty when the DER is anything else
     */
    static byte[] fromDer(byte[] der) {
        byte[] none = {};
        if (der.length < 8 || der.length > MAX_DER_BYTES || der[0] != 0x30 || der[1] != der.length - 2) {
            return none;
        }
        byte[] raw = new byte[SIGNATURE_BYTES];
        int at = 2;
        for (int i = 0; i < 2; i++) {
            if (at + 2 > der.length || der[at] != 0x02) {
                return none;
            }
            int length = der[at + 1];
            int start = at + 2;
            if (length < 1 || length > FIELD_BYTES + 1 || start + length > der.length || der[start] < 0) {
                return none;
            }
            boolean padded = der[start] == 0;
            if (padded && (length == 1 || der[start + 1] >= 0)) {
                return none;
            }
            int skip = padded ? 1 : 0;
            if (length - skip > FIELD_BYTES) {
                return none;
            }
            System.arraycopy(der, start + skip, raw, (i + 1) * FIELD_BYTES - (length - skip), length - skip);
            at = start + length;
        }
        return at == der.length ? raw : none;
    }

    private static boolean inRange(byte[] signature, int offset) {
        BigInteger value = coordinate(signature, offset);
        return value.signum() > 0 && value.compareTo(N) < 0;
    }

    private static BigInteger coordinate(byte[] bytes, int offset) {
        return new BigInteger(1, Arrays.copyOfRange(bytes, offset, offset + FIELD_BYTES));
    }

    private static void put(BigInteger value, byte[] target, int offset) {
        byte[] bytes = value.toByteArray();
        int skip = Math.max(0, bytes.length - FIELD_BYTES);
        System.arraycopy(bytes, skip, target, offset + FIELD_BYTES - (bytes.length - skip), bytes.length - skip);
    }

    private static IllegalStateException unavailable(GeneralSecurityException e) {
        return new IllegalStateException("this Java platform lacks ECDSA over P-256, expected Java 17 or newer", e);
    }
}
