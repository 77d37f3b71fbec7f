/**
 * The web pages and the JSON API for people: sign-in, inbox, cases, incidents, trail, bundles and the stop button.
 *
 * <p>Fed by {@link io.homeostat.approvals.inbox}, {@link io.homeostat.approvals.trail} and {@link
 * io.homeostat.approvals.bundle}. Feeds {@link io.homeostat.approvals.desk}. Every route stands in {@link
 * io.homeostat.approvals.web.Routes} with the roles that may use it; every text is escaped; a private key never comes here.
 */
@NullMarked
package io.homeostat.approvals.web;

import org.jspecify.annotations.NullMarked;
