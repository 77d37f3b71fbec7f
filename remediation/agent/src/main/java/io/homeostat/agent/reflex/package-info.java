/**
 * The few local actions that are always safe, decided by one pure table.
 *
 * <p>Fed by {@link io.homeostat.agent.probe}. Feeds {@link io.homeostat.agent.process}. A reflex restarts a crashed process or fences one whose
 * Raft log is dead; a diverged, fenced or hung node is left to plans. Attempts are counted on disk.
 */
@NullMarked
package io.homeostat.agent.reflex;

import org.jspecify.annotations.NullMarked;
