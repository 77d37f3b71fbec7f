/**
 * Brings the screen's verdicts to the ledger: seals the evidence, signs, posts.
 *
 * <p>Fed by {@link io.homeostat.events.Topics#SCREENING_VERDICTS}. Feeds the ledger's {@code POST /v1/transfers/{id}/verdict}.
 * The detector's key is read here and nowhere else (docs/adr/0029). It can release what only the screen gates, nothing more.
 */
@NullMarked
package io.homeostat.deploy.screen;

import org.jspecify.annotations.NullMarked;
