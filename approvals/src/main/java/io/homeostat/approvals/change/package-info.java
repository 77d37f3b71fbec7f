/**
 * What a case of kind policy or keys would change, in words and line by line, from the canonical body that is signed for.
 *
 * <p>Fed by {@link io.homeostat.approvals.ledger}. Feeds {@link io.homeostat.approvals.web}. It decodes the body itself and
 * recomputes the payload digest: what an approver reads is what the signature is over, or the page says that it is not.
 */
@NullMarked
package io.homeostat.approvals.change;

import org.jspecify.annotations.NullMarked;
