/**
 * The reasoning trail: one Merkle leaf for each incident event, its heads anchored in the ledger's own journal.
 *
 * <p>Fed by {@link io.homeostat.approvals.topic.IncidentReader}. Feeds {@link io.homeostat.approvals.inbox}, {@link
 * io.homeostat.approvals.explain}, {@link io.homeostat.approvals.desk} and {@link io.homeostat.approvals.bundle}. An event
 * id has exactly one leaf, also over a power cut; a leaf holds digests of free texts and never the texts.
 */
@NullMarked
package io.homeostat.approvals.trail;

import org.jspecify.annotations.NullMarked;
