/**
 * What is to be done about a cause, complete before the first step, and who must agree.
 *
 * <p>Fed by {@link io.homeostat.healer.guard.ClusterView}. Feeds {@link io.homeostat.healer.act.ActionRunner}. A plan is as autonomous
 * as its least autonomous action.
 */
@NullMarked
package io.homeostat.healer.plan;

import org.jspecify.annotations.NullMarked;
