/**
 * Asking the node how it is.
 *
 * <p>Fed by {@link io.homeostat.agent.process}. Feeds {@link io.homeostat.agent.reflex} and the status. A probe ends in time whatever the node
 * does, reads a bounded answer and never waits on the thread that asked for it.
 */
@NullMarked
package io.homeostat.agent.probe;

import org.jspecify.annotations.NullMarked;
