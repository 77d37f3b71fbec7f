package io.homeostat.ledger.state;

import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * Some holds, newest first.
 *
 * @param next what to ask for next; empty when there are no more. A page may be empty and still have a next: one question
 *     looks at a bounded number of transfers
 * @param index sequence of the newest leaf at that moment
 */
public record HoldPage(List<View> holds, OptionalLong next, long index) {
    /** Transfers that one question looks at, about 1 ms. */
    static final int MOST_ROWS = 1 << 16;

    public HoldPage {
        holds = List.copyOf(holds);
    }

    /**
     * @param status {@code held}, {@code posted}, {@code voided}, {@code expired}
     * @param amount minor units; of a posted hold what was posted
     * @param expiresMicros ledger time after which an open hold expires; empty for a closed one
     * @param index sequence of the newest leaf about it
     */
    public record View(
            UUID id,
            String debit,
            String credit,
            long amount,
            String asset,
            String status,
            boolean gated,
            OptionalLong expiresMicros,
            long index) {}
}
