/**
 * CloudEvents JSON on the wire and canonical JSON for digests and Merkle leaves.
 *
 * <p>Fed by producers of {@link io.homeostat.events.IncidentEvent}. Feeds the topic {@code incidents} and the trail.
 * Decoding ignores unknown fields; encoding is deterministic.
 */
@NullMarked
package io.homeostat.events.codec;

import org.jspecify.annotations.NullMarked;
