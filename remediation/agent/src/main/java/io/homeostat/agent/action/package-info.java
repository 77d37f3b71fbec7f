/**
 * Carrying out FENCE, RESTART and RESYNC, one at a time, each once per action id.
 *
 * <p>Fed by {@link io.homeostat.agent.authority}. Feeds {@link io.homeostat.agent.process}. A postcondition is checked before success is reported.
 */
@NullMarked
package io.homeostat.agent.action;

import org.jspecify.annotations.NullMarked;
