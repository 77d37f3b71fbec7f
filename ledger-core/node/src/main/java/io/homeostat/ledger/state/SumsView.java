package io.homeostat.ledger.state;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * @param index sequence of the newest leaf at that moment
 * @param sums asset to the sum of all balances, which is 0 unless memory was changed behind the ledger's back
 */
public record SumsView(long index, Map<String, Long> sums) {
    public SumsView {
        sums = Collections.unmodifiableMap(new TreeMap<>(sums));
    }
}
