package io.homeostat.merkle.bundle;

import io.homeostat.merkle.VerificationKey;
import java.util.List;

/** What a case of kind KEYS changes; the place in this list plus one is the encoding. Immutable. */
public sealed interface KeyChange {
    /** A new key, of a person who may be new too. */
    record Register(Genesis.Key key) implements KeyChange {}

    /** The same person and roles under a new key; the old one signs no more, what it signed stays. */
    record Rotate(String keyId, String newKeyId, VerificationKey newKey) implements KeyChange {}

    /** The key signs no more, and what it signed for open cases counts no more. */
    record Revoke(String keyId) implements KeyChange {}

    /** All keys of the person have these roles from now on; what the person signed for open cases counts no more. */
    record Roles(String person, List<String> roles) implements KeyChange {
        public Roles {
            roles = List.copyOf(roles);
        }
    }

    /** @throws LeafMalformed for anything but the canonical body of a change */
    static KeyChange decode(byte[] body) {
        LeafInput in = new LeafInput(body);
        KeyChange change = PolicyInput.keyChange(in);
        in.end();
        return change;
    }
}
