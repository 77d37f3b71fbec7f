package io.homeostat.deploy.load;

import java.util.Objects;

/**
 * One transfer as a source offers it, with ids as the ledger takes them.
 *
 * @param amountMinor in minor units of {@code asset}, at least 1
 */
public record TransferRow(String from, String to, long amountMinor, String asset) {
    public TransferRow {
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(to, "to");
        Objects.requireNonNull(asset, "asset");
        if (amountMinor < 1) {
            throw new IllegalArgumentException("amount must be at least 1 minor unit but is " + amountMinor);
        }
    }
}
