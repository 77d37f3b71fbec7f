/**
 * The node-side hands of remediation: it starts and supervises one ledger node, probes it, and acts on it.
 *
 * <p>Fed by orders of the healer. Feeds the node's process, and {@code node.*} metrics to the detector. It knows the ledger
 * only by HTTP and by its process, so it can stand beside a ledger that is not ours.
 */
@NullMarked
package io.homeostat.agent;

import org.jspecify.annotations.NullMarked;
