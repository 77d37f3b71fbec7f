package io.homeostat.approvals.web;

import java.util.Locale;
import java.util.Set;

/** What a person or token may do here. It says nothing about signing: that is the ledger's policy. */
public enum Role {
    /** Reads everything but bundles. */
    VIEWER,
    /** Reads, and forwards own signed decisions. */
    APPROVER,
    /** Reads, and takes bundles away. */
    AUDITOR,
    /** Reads, takes bundles away, and presses the stop button. */
    OPERATOR;

    static Role of(String wireName) {
        for (Role role : values()) {
            if (role.wireName().equals(wireName)) {
                return role;
            }
        }
        throw new IllegalArgumentException(
                "role must be one of viewer, approver, auditor, operator but is '" + wireName + "'");
    }

    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Who may use a route. */
    enum Access {
        /** Anybody: sign-in, assets, health. */
        PUBLIC(Set.of()),
        READ(Set.of(VIEWER, APPROVER, AUDITOR, OPERATOR)),
        DECIDE(Set.of(APPROVER)),
        TAKE_AWAY(Set.of(AUDITOR, OPERATOR)),
        OPERATE(Set.of(OPERATOR));

        private final Set<Role> roles;

        Access(Set<Role> roles) {
            this.roles = roles;
        }

        boolean allows(Set<Role> held) {
            return this == PUBLIC || held.stream().anyMatch(roles::contains);
        }

        Set<Role> roles() {
            return roles;
        }
    }
}
