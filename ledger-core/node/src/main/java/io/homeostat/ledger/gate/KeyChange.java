package io.homeostat.ledger.gate;

import io.homeostat.ledger.gate.Genesis.Key;
import io.homeostat.merkle.ChangePayload;
import io.homeostat.merkle.VerificationKey;
import java.util.List;

/**
 * A change of keys, in the order of a key's life. It takes effect when its case is approved. Immutable.
 *
 * <pre>
 * u8 1 | key                                              register
 * u8 2 | str keyId | str newKeyId | algorithm and key     rotate
 * u8 3 | str keyId                                        revoke
 * u8 4 | str person | u8 n | n x str role                 roles
 * </pre>
 */
public sealed interface KeyChange {
    /** A new key, of a person who may be new too. */
    record Register(Key key) implements KeyChange {}

    /** The same person and roles under a new key. The old one signs no more; what it signed stays. */
    record Rotate(String keyId, String newKeyId, VerificationKey newKey) implements KeyChange {
        public Rotate {
            Genesis.requireName("keyId", keyId);
            Genesis.requireName("newKeyId", newKeyId);
        }
    }

    /** The key signs no more, and what it signed for cases that are still open counts no more. */
    record Revoke(String keyId) implements KeyChange {
        public Revoke {
            Genesis.requireName("keyId", keyId);
        }
    }

    /** All active keys of the person have these roles; what the person signed for open cases counts no more. */
    record Roles(String person, List<String> roles) implements KeyChange {
        public Roles {
            Genesis.requireName("person", person);
            roles = Genesis.requireRoles("person " + person, roles);
        }
    }

    default byte[] body() {
        return GateBody.bytesOf(out -> {
            if (this instanceof Register c) {
                out.writeByte(1);
                GateBody.key(out, c.key);
            } else if (this instanceof Rotate c) {
                out.writeByte(2);
                GateBody.str(out, c.keyId);
                GateBody.str(out, c.newKeyId);
                GateBody.verificationKey(out, c.newKey);
            } else if (this instanceof Revoke c) {
                out.writeByte(3);
                GateBody.str(out, c.keyId);
            } else if (this instanceof Roles c) {
                out.writeByte(4);
                GateBody.str(out, c.person);
                GateBody.names(out, c.roles);
            }
        });
    }

    /** @throws IllegalArgumentException for anything but the canonical body of a change */
    static KeyChange fromBody(byte[] body) {
        if (body.length > ChangePayload.MAX_BODY_BYTES) {
            throw new IllegalArgumentException("the body of a key change has at most " + ChangePayload.MAX_BODY_BYTES
                    + " bytes but this has " + body.length);
        }
        return GateBody.read("key change", body, in -> {
            int kind = Byte.toUnsignedInt(in.get());
            return switch (kind) {
                case 1 -> new Register(GateBody.key(in));
                case 2 -> new Rotate(GateBody.str(in), GateBody.str(in), GateBody.verificationKey(in));
                case 3 -> new Revoke(GateBody.str(in));
                case 4 -> new Roles(GateBody.str(in), GateBody.names(in));
                default -> throw new IllegalArgumentException("a key change must be of kind 1..4 but is " + kind);
            };
        });
    }
}
