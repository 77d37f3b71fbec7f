/**
 * One node under supervision: its process, its newest answer, its reflexes and what must outlive a restart of the agent.
 *
 * <p>Fed by {@link io.homeostat.agent.process}, {@link io.homeostat.agent.probe} and {@link io.homeostat.agent.reflex}. Feeds
 * {@link io.homeostat.agent.action} and the metrics. At most one hand moves the process at a time, reflex or order.
 */
@NullMarked
package io.homeostat.agent.supervise;

import org.jspecify.annotations.NullMarked;
