/**
 * A ledger's copy outside of its nodes, and a cluster begun again from one.
 *
 * <p>Fed by a node's {@code /v1/snapshot} and {@code /v1/journal}. Feeds an {@link ObjectStore}, and from there node folders.
 *
 * <p>What is never changed is written first and the manifest last, so that half a backup is none. A restore believes nothing
 * that it has not compared: ADR 0020.
 */
@NullMarked
package io.homeostat.deploy.backup;

import org.jspecify.annotations.NullMarked;
