/**
 * What people tell a running detector: feedback rules and acts on models, as messages of one ordered topic.
 *
 * <p>Fed by the command line. Feeds {@link io.homeostat.detector.job}, which broadcasts them. A message has the digest of
 * its content as id: the same message twice is one.
 */
@NullMarked
package io.homeostat.detector.control;

import org.jspecify.annotations.NullMarked;
