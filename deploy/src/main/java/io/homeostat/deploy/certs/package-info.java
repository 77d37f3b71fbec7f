/**
 * A private certificate authority for one cluster, and the certificates that it signs.
 *
 * <p>Fed by {@code homeostat certs} and by the first start of {@code up} and {@code demo}. Feeds
 * {@link io.homeostat.transport.MutualTls} of every process. Files are PEM of mode 600; private keys are never printed.
 */
@NullMarked
package io.homeostat.deploy.certs;

import org.jspecify.annotations.NullMarked;
