package io.homeostat.approvals.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class UsersFileTest {
    @TempDir
    Path folder;

    @Test
    void what_was_written_can_sign_in_and_nothing_is_stored_in_clear() throws IOException {
        Path file = folder.resolve("users.json");
        UsersFile.write(file, List.of(UsersFileAccess.user("ada", Set.of(Role.AUDITOR), "eight char")));

        UsersFile users = UsersFile.read(file);

        assertThat(users.verify("ada", "eight char".toCharArray()))
                .map(UsersFile.User::roles)
                .contains(Set.of(Role.AUDITOR));
        assertThat(users.verify("ada", "eight cha".toCharArray())).isEmpty();
        assertThat(users.verify("nobody", new char[0])).isEmpty();
        assertThat(Files.readString(file)).doesNotContain("eight char").contains("pbkdf2-sha256$600000$");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void a_password_of_seven_characters_is_refused_and_of_eight_taken() {
        assertThatThrownBy(() -> UsersFileAccess.user("ada", Set.of(Role.AUDITOR), "seven77"))
                .hasMessageContaining("at least 8 characters but has 7");
        assertThat(UsersFileAccess.user("ada", Set.of(Role.AUDITOR), "eight888"))
                .isNotNull();
    }

    @Test
    void a_malformed_entry_is_refused_with_the_users_name() throws IOException {
        Path file = folder.resolve("users.json");
        Files.writeString(
                file, "{\"users\":[{\"user\":\"ada\",\"person\":\"ada\",\"roles\":[],\"hash\":\"md5$1$a$b\"}]}");

        assertThatThrownBy(() -> UsersFile.read(file))
                .hasMessageContaining("hash of user 'ada' must be pbkdf2-sha256$");
    }

    @Test
    void an_unknown_role_is_refused() throws IOException {
        Path file = folder.resolve("users.json");
        UsersFileAccess.writeQuick(file, List.of(UsersFileAccess.user("ada", Set.of(Role.AUDITOR), "eight char")));
        Files.writeString(file, Files.readString(file).replace("auditor", "emperor"));

        assertThatThrownBy(() -> UsersFile.read(file)).hasMessageContaining("but is 'emperor'");
    }
}
