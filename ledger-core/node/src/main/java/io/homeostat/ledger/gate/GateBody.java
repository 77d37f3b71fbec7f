package io.homeostat.ledger.gate;

import io.homeostat.ledger.gate.Genesis.Key;
import io.homeostat.ledger.gate.Genesis.Kind;
import io.homeostat.ledger.gate.Genesis.Tier;
import io.homeostat.ledger.journal.LedgerEvent.Demand;
import io.homeostat.merkle.VerificationKey;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Keys, tiers and changes of both as bytes, as docs/encoding.md says. Reading refuses everything but the one form that
 * writing gives. Stateless.
 */
final class GateBody {
    private GateBody() {}

    /** Writes one part. */
    @FunctionalInterface
    interface Part {
        void write(DataOutputStream out) throws IOException;
    }

    static byte[] bytesOf(Part part) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            part.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    /** @throws IllegalArgumentException naming {@code what} when the bytes are not exactly what {@code reading} takes */
    static <T> T read(String what, byte[] body, Function<ByteBuffer, T> reading) {
        ByteBuffer in = ByteBuffer.wrap(body);
        try {
            T value = reading.apply(in);
            if (in.hasRemaining()) {
                throw new IllegalArgumentException(what + " has " + in.remaining() + " bytes after its end");
            }
            return value;
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException(what + " ends early at byte " + in.position(), e);
        }
    }

    static void tiers(DataOutputStream out, List<Tier> tiers) throws IOException {
        out.writeShort(tiers.size());
        for (Tier tier : tiers) {
            str(out, tier.name());
            out.writeByte(tier.kind().number());
            str(out, tier.asset());
            out.writeByte(tier.accountClass());
            out.writeLong(tier.fromAmount());
            out.writeInt((int) tier.expirySeconds());
            out.writeInt((int) tier.screenMillis());
            out.writeByte(tier.demands().size());
            for (Demand demand : tier.demands()) {
                str(out, demand.role());
                out.writeByte(demand.count());
            }
            out.writeInt((int) tier.escalateAfterSeconds());
            names(out, tier.escalationRoles());
        }
    }

    static List<Tier> tiers(ByteBuffer in) {
        int n = Short.toUnsignedInt(in.getShort());
        List<Tier> tiers = new ArrayList<>(Math.min(n, Genesis.MAX_TIERS));
        for (int i = 0; i < n; i++) {
            tiers.add(tier(in));
        }
        return tiers;
    }

    private static Tier tier(ByteBuffer in) {
        String name = str(in);
        Kind kind = Kind.of(Byte.toUnsignedInt(in.get()));
        String asset = str(in);
        int accountClass = Byte.toUnsignedInt(in.get());
        long fromAmount = in.getLong();
        long expirySeconds = Integer.toUnsignedLong(in.getInt());
        long screenMillis = Integer.toUnsignedLong(in.getInt());
        int n = Byte.toUnsignedInt(in.get());
        List<Demand> demands = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            demands.add(new Demand(str(in), Byte.toUnsignedInt(in.get())));
        }
        return new Tier(
                name,
                kind,
                asset,
                accountClass,
                fromAmount,
                expirySeconds,
                screenMillis,
                demands,
                Integer.toUnsignedLong(in.getInt()),
                names(in));
    }

    static void key(DataOutputStream out, Key key) throws IOException {
        str(out, key.keyId());
        str(out, key.person());
        names(out, key.roles());
        verificationKey(out, key.key());
    }

    static Key key(ByteBuffer in) {
        return new Key(str(in), str(in), names(in), verificationKey(in));
    }

    static void verificationKey(DataOutputStream out, VerificationKey key) throws IOException {
        out.writeByte(key.algorithm().number());
        bytes(out, key.publicKey());
        if (key.algorithm() == VerificationKey.Algorithm.WEBAUTHN) {
            str(out, key.rpId());
            str(out, key.origin());
        }
    }

    static VerificationKey verificationKey(ByteBuffer in) {
        VerificationKey.Algorithm algorithm = VerificationKey.Algorithm.of(Byte.toUnsignedInt(in.get()));
        byte[] point = bytes(in, algorithm.publicKeyBytes());
        boolean bound = algorithm == VerificationKey.Algorithm.WEBAUTHN;
        return new VerificationKey(algorithm, point, bound ? str(in) : "", bound ? str(in) : "");
    }

    static void names(DataOutputStream out, List<String> names) throws IOException {
        out.writeByte(names.size());
        for (String name : names) {
            str(out, name);
        }
    }

    static List<String> names(ByteBuffer in) {
        int n = Byte.toUnsignedInt(in.get());
        List<String> names = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            names.add(str(in));
        }
        return names;
    }

    static void str(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeShort(utf8.length);
        out.write(utf8);
    }

    static String str(ByteBuffer in) {
        int length = Short.toUnsignedInt(in.getShort());
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        ByteBuffer slice = in.slice(in.position(), length);
        in.position(in.position() + length);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(slice).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("invalid UTF-8 before byte " + in.position(), e);
        }
    }

    static void bytes(DataOutputStream out, byte[] value) throws IOException {
        out.writeInt(value.length);
        out.write(value);
    }

    static byte[] bytes(ByteBuffer in, int expected) {
        int length = in.getInt();
        if (length != expected) {
            throw new IllegalArgumentException(
                    "a key must have " + expected + " bytes but byte " + in.position() + " says " + length);
        }
        byte[] value = new byte[length];
        in.get(value);
        return value;
    }
}
