package io.homeostat.deploy.chaos;

/**
 * Something that happened in a recording.
 *
 * @param kind such as {@code slow-link}
 * @param group kind and severity: what results are grouped by
 * @param fault false for a distractor: an alarm in it is a false one
 * @param node whom it was done to, empty for a distractor
 * @param other the other end of a link that was made slow, else empty
 * @param leads whether that node led the group then
 * @param toMillis it was undone and all nodes were ready again
 */
record RecordedEvent(
        String kind,
        String group,
        boolean fault,
        String node,
        String other,
        boolean leads,
        String what,
        long fromMillis,
        long toMillis) {
    /** Whether an alert about this node is one about this event. */
    boolean concerns(String one) {
        return one.equals(node) || one.equals(other);
    }

    boolean touches(long fromInclusive, long toExclusive) {
        return fromMillis < toExclusive && toMillis > fromInclusive;
    }
}
