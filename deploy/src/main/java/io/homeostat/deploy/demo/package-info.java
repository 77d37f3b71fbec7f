/**
 * The whole story unattended: load, a real fault, its healing, a high-value transfer that nobody can push through, and the
 * proof of it all.
 *
 * <p>Fed by {@link io.homeostat.deploy.process} and {@link io.homeostat.deploy.load}. Feeds a report. Nothing here is
 * believed: every claim of the report is asked of the ledger, the topic or the offline verifier.
 */
@NullMarked
package io.homeostat.deploy.demo;

import org.jspecify.annotations.NullMarked;
