package io.homeostat.events;

/** How much the automation may do with an action, lowest first. */
public enum Autonomy {
    /** Record only. */
    OBSERVE,
    /** Write a plan for people to carry out. */
    PROPOSE,
    /** Carry out after people have signed. */
    APPROVE,
    /** Carry out at once. */
    AUTO
}
