/**
 * Leaves decoded, bundles packed, and the verifier that replays every leaf in code of its own.
 *
 * <p>Fed by bundle files and by {@link io.homeostat.merkle.MerkleLog}. Feeds auditors, and {@code homeostat verify}. A
 * decoder accepts one encoding of a value only; every byte of a bundle is covered by a digest; a verdict is never better
 * than what was recomputed here.
 */
@NullMarked
package io.homeostat.merkle.bundle;

import org.jspecify.annotations.NullMarked;
