package io.homeostat.healer.act;

/** How far an action is after one call. */
public sealed interface Progress {
    String detail();

    /** Under way; ask again. {@code ordered} when a sidecar has taken the order, so that a report is enough. */
    record Running(String detail, boolean ordered) implements Progress {}

    /**
     * Done as far as the actor says; the postcondition is still to be seen.
     *
     * @param ledgerIndex journal index that the ledger answered, -1 when the action has none
     */
    record Acted(String detail, long ledgerIndex) implements Progress {}

    /** The postcondition was seen to hold. */
    record Holds(String detail, long ledgerIndex) implements Progress {}

    record Failed(String detail) implements Progress {}

    record Refused(String detail) implements Progress {}
}
