/**
 * The sidecar's control API.
 *
 * <p>Fed by remediation over HTTP. Feeds {@link io.homeostat.agent.action}. Bodies are bounded, JSON is strict, errors are RFC 9457 problems.
 */
@NullMarked
package io.homeostat.agent.control;

import org.jspecify.annotations.NullMarked;
