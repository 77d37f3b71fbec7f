package io.homeostat.approvals.web;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Users with few PBKDF2 iterations, so that tests spend their time elsewhere. */
public final class UsersFileAccess {
    private UsersFileAccess() {}

    public static UsersFile.NewUser user(String name, Set<Role> roles, String password) {
        return new UsersFile.NewUser(name, name, roles, password.toCharArray());
    }

    public static void writeQuick(Path file, List<UsersFile.NewUser> users) {
        UsersFile.write(file, users, 1_000);
    }
}
