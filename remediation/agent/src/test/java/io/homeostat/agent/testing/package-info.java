/** A small real process to supervise, and what tests need around it. */
@NullMarked
package io.homeostat.agent.testing;

import org.jspecify.annotations.NullMarked;
