/**
 * Everything an outsider needs to check a story offline, in one file.
 *
 * <p>Fed by {@link io.homeostat.approvals.ledger} and {@link io.homeostat.approvals.trail}. Feeds auditors by way of {@link
 * io.homeostat.approvals.web}. A bundle holds the whole journal and the whole trail up to an anchored head, so that nothing
 * can be left out of it unseen.
 */
@NullMarked
package io.homeostat.approvals.bundle;

import org.jspecify.annotations.NullMarked;
