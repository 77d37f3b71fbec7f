/**
 * The way of incident events in and out: the durable outbox and the topic.
 *
 * <p>Fed by {@link io.homeostat.healer.workflow.RecoveryEngine}. Feeds the topic {@code incidents}. An event is written in the
 * transaction of its step and acknowledged by the topic before the next step starts.
 */
@NullMarked
package io.homeostat.healer.story;

import org.jspecify.annotations.NullMarked;
