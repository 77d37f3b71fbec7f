/**
 * The shared kernel: the records that stages exchange, in the order of an incident's life.
 *
 * <p>Fed by every stage. Feeds every stage. An event belongs to its producer: only the producer adds fields, consumers
 * ignore fields that they do not know. {@link io.homeostat.events.IncidentEvent} tells the whole story in one file.
 */
@NullMarked
package io.homeostat.events;

import org.jspecify.annotations.NullMarked;
