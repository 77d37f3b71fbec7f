/**
 * The topic {@code incidents}: read from the beginning with a durable position, and written to by approvals itself.
 *
 * <p>Fed by detector and healer. Feeds {@link io.homeostat.approvals.trail}. A position is stored only after the trail has
 * made its leaves durable, so a position may lie behind the trail and never before it.
 */
@NullMarked
package io.homeostat.approvals.topic;

import org.jspecify.annotations.NullMarked;
