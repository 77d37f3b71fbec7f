/**
 * JSON over HTTP to the processes of a cluster.
 *
 * <p>Fed by {@link io.homeostat.deploy.cluster}. Feeds the commands and {@link io.homeostat.deploy.demo}. An answer is a
 * value whatever its status; only a connection that fails throws.
 */
@NullMarked
package io.homeostat.deploy.rest;

import org.jspecify.annotations.NullMarked;
