package io.homeostat.ledger.state;

import java.util.UUID;

/**
 * Money that is reserved and neither posted nor freed yet.
 *
 * @param row in the transfer table
 * @param expiresMicros ledger time after which it can only expire
 * @param sequence of its TRANSFER_HELD leaf
 */
record Hold(
        UUID id,
        long row,
        int debit,
        int credit,
        long amount,
        long openedMicros,
        long expiresMicros,
        String requester,
        boolean gated,
        long sequence) {}
