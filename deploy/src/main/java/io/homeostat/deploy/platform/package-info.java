/**
 * The platform's JVM: an embedded Kafka broker, then healer, detector and approvals, all in one process.
 *
 * <p>Fed by {@link io.homeostat.deploy.cluster}. Feeds the commands. The broker is a real one (KRaft), never a stub.
 */
@NullMarked
package io.homeostat.deploy.platform;

import org.jspecify.annotations.NullMarked;
