package io.homeostat.ledger.state;

/**
 * A transfer that waits for a detector's verdict.
 *
 * @param payloadDigest what the verdict must name
 * @param dueMicros ledger time after which people decide
 */
public record ScreeningView(byte[] payloadDigest, long dueMicros, CaseView.Money transfer) {}
