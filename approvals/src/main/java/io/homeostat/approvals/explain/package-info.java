/**
 * Words for people, written from typed facts and checked by code before anybody reads them.
 *
 * <p>Fed by {@link io.homeostat.approvals.trail} and {@link io.homeostat.approvals.inbox}. Feeds the topic {@code
 * incidents}. The writer has no tools and no power: nothing reads an explanation to decide anything, and without a model a
 * template says the same.
 */
@NullMarked
package io.homeostat.approvals.explain;

import org.jspecify.annotations.NullMarked;
