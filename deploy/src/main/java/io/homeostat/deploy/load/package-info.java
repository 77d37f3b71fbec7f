/**
 * The load of the demo: rows of a CSV file or seeded transfers, offered to the ledger and remembered until they are found again.
 *
 * <p>Fed by a file and by {@link io.homeostat.ledger.client}. Feeds {@link io.homeostat.deploy.demo}. An acknowledged
 * transfer is never forgotten; amounts are exact; account ids can be turned back.
 */
@NullMarked
package io.homeostat.deploy.load;

import org.jspecify.annotations.NullMarked;
