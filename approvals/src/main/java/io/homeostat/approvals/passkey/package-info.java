/**
 * Passkeys of approvers as a browser makes them, before the ledger knows them.
 *
 * <p>Fed by {@link io.homeostat.approvals.web}. Feeds {@link io.homeostat.approvals.desk}. It holds no key and no credential id:
 * the ledger's policy names the public key, and its key id follows from the credential's id.
 */
@NullMarked
package io.homeostat.approvals.passkey;

import org.jspecify.annotations.NullMarked;
