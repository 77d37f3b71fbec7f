/**
 * Signing as an approver, and the web API of approvals as its caller sees it.
 *
 * <p>Fed by a key file. Feeds the command {@code approve} and {@link io.homeostat.deploy.demo}. Keys are read where the
 * person sits and never sent.
 */
@NullMarked
package io.homeostat.deploy.approve;

import org.jspecify.annotations.NullMarked;
