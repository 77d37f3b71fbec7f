package io.homeostat.healer.act;

/** What the ledger said to a command: it did it, or it refused. That it could not be asked is an {@link ActFault}. */
public sealed interface Reply<T> {
    record Done<T>(T value) implements Reply<T> {}

    /**
     * @param reason wire name, for example {@code quorum_at_risk}
     * @param detail the ledger's words, bounded in length
     */
    record Refused<T>(String reason, String detail) implements Reply<T> {}
}
