/**
 * What a cluster is on disk: topology, genesis, secrets and ports below one data directory.
 *
 * <p>Fed by the commands. Feeds {@link io.homeostat.deploy.process} and every role. Chosen once and kept: ports, keys,
 * tokens and genesis never change on a directory that exists. Secrets are files of mode 600 and are never logged.
 */
@NullMarked
package io.homeostat.deploy.cluster;

import org.jspecify.annotations.NullMarked;
