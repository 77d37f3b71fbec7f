package io.homeostat.ledger.witness;

import io.homeostat.merkle.VerifierKey;
import java.net.URI;

/**
 * A witness that this ledger asks.
 *
 * @param prefix its submission prefix; {@code add-checkpoint} is asked for below it
 * @param key by which its cosignatures are checked
 */
public record WitnessTarget(URI prefix, VerifierKey key) {
    public WitnessTarget {
        if (!"http".equals(prefix.getScheme()) && !"https".equals(prefix.getScheme())) {
            throw new IllegalArgumentException("a witness's URL must begin with http:// or https:// but is " + prefix);
        }
        if (key.type() != VerifierKey.Type.COSIGNATURE) {
            throw new IllegalArgumentException("the key of witness " + key.name() + " must be of type 0x04");
        }
    }

    /** Reads {@code URL=KEY}; the key in the form that the witness prints. */
    public static WitnessTarget parse(String text) {
        int equals = text.indexOf('=');
        if (equals < 0) {
            throw new IllegalArgumentException("a witness is given as URL=KEY but this is '" + text + "'");
        }
        return new WitnessTarget(URI.create(text.substring(0, equals)), VerifierKey.parse(text.substring(equals + 1)));
    }

    URI addCheckpoint() {
        String base = prefix.toString();
        return URI.create(base + (base.endsWith("/") ? "" : "/") + "add-checkpoint");
    }
}
