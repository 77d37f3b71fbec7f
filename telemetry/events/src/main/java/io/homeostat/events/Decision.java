package io.homeostat.events;

/** What an approver signed, or how a case ended. Wire names are lower case. */
public enum Decision {
    APPROVE,
    DENY,
    /** Nobody decided in time; never signed, only an outcome. */
    EXPIRED;

    public String wireName() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
