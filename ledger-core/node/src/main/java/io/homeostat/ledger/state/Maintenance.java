package io.homeostat.ledger.state;

/**
 * A stop of writes that somebody ordered, for all of the ledger.
 *
 * @param by principal who ordered it
 * @param sinceMicros ledger time of the order
 * @param untilMicros ledger time at which it ends by itself
 */
public record Maintenance(String by, String reason, long sinceMicros, long untilMicros) {
    /** A week: whoever needs longer orders it again, and is seen to. */
    public static final long MAX_SECONDS = 7L * 24 * 3600;
}
