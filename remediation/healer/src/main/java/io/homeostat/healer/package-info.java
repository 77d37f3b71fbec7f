/**
 * The door of remediation: anomalies in, a recovered node and its story out.
 *
 * <p>Fed by {@link io.homeostat.healer.story.StoryChannel}. Feeds {@link io.homeostat.healer.workflow.RecoveryEngine}.
 * Only this package starts threads and opens connections; all others get what they need as arguments.
 */
@NullMarked
package io.homeostat.healer;

import org.jspecify.annotations.NullMarked;
