/**
 * Reading the topic {@code incidents}: what happened, in words, and what is still open.
 *
 * <p>Fed by the detector, the healer and approvals. Feeds {@link io.homeostat.deploy.demo} and the command {@code status}.
 * Reads only; text of events is hostile and is printed without control characters.
 */
@NullMarked
package io.homeostat.deploy.incident;

import org.jspecify.annotations.NullMarked;
