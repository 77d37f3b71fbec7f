/**
 * The node as a process: start, watch, stop, and its bounded log file.
 *
 * <p>Fed by {@link io.homeostat.agent.NodeAgent}. Feeds {@link io.homeostat.agent.reflex}. A process that this package started never
 * outlives its parent: it holds the other end of the node's standard input. Output is always drained, so a full disk never
 * blocks the node.
 */
@NullMarked
package io.homeostat.agent.process;

import org.jspecify.annotations.NullMarked;
