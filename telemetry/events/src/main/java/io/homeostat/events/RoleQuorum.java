package io.homeostat.events;

import java.util.Objects;

/**
 * A demand of the approval policy: {@code count} distinct persons who hold {@code role}. Demands are joined by AND.
 */
public record RoleQuorum(String role, int count) {
    public RoleQuorum {
        Objects.requireNonNull(role, "role");
        if (count < 1) {
            throw new IllegalArgumentException("count must be at least 1 but is " + count + " for role " + role);
        }
    }
}
