package io.homeostat.approvals.web;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who sent a request.
 *
 * @param name user or principal
 * @param person the person in the ledger's policy, empty for programs
 * @param session the browser's session, {@code null} for programs
 */
record Caller(String name, String person, Set<Role> roles, Sessions.@Nullable Session session) {
    Caller {
        roles = Set.copyOf(roles);
    }

    static Caller program(String principal, Set<Role> roles) {
        return new Caller(principal, "", roles, null);
    }

    static Caller of(Sessions.Session session) {
        UsersFile.User user = session.user();
        return new Caller(user.user(), user.person(), user.roles(), session);
    }

    boolean may(Role.Access access) {
        return access.allows(roles);
    }
}
