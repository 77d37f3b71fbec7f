package io.homeostat.events;

/** On which side of the expected value the observed value lies; {@code ABSENT} where a value was due and none came. */
public enum Direction {
    ABOVE,
    BELOW,
    ABSENT
}
