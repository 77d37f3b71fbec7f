/**
 * The RFC 6962 tree, its durable leaf log, proofs, signed checkpoints and the text that approvers sign.
 *
 * <p>Fed by the ledger node and the trail, which append leaves to a {@link io.homeostat.merkle.MerkleLog}. Feeds
 * {@link io.homeostat.merkle.bundle}, which packs and verifies them. Needs nothing but a JDK, so that an auditor can read
 * all of it; a leaf once synced is never changed; a proof that does not verify is never handed out.
 */
@NullMarked
package io.homeostat.merkle;

import org.jspecify.annotations.NullMarked;
