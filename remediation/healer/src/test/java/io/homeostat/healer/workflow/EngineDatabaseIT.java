package io.homeostat.healer.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.healer.guard.StopButton;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Instant;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class EngineDatabaseIT {
    private static final StopButton.State PRESSED =
            new StopButton.State(true, "ada", "maintenance", Instant.parse("2026-11-20T14:00:00Z"));

    @TempDir
    Path directory;

    @Test
    void a_commit_on_an_h2_file_is_in_the_file_when_it_returns() throws Exception {
        try (EngineDatabase database = open("healer")) {
            for (int i = 0; i < 20; i++) {
                StopButton.State state = new StopButton.State(true, "ada", "reason " + i, PRESSED.since());
                try (Connection connection = database.dataSource().getConnection()) {
                    new StopButton().set(connection, state);
                    connection.commit();
                }
                // What a process that is killed now leaves behind.
                Files.copy(directory.resolve("healer.mv.db"), directory.resolve("left" + i + ".mv.db"));
                try (EngineDatabase left = open("left" + i);
                        Connection connection = left.dataSource().getConnection()) {
                    assertThat(new StopButton().state(connection)).isEqualTo(state);
                }
            }
        }
    }

    @Test
    void a_url_of_another_database_is_refused_without_showing_its_secrets() {
        assertThatThrownBy(() -> EngineDatabase.open("jdbc:mysql://host/db?password=secret", "sa", ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("jdbc:mysql")
                .hasMessageNotContaining("secret");
    }

    private EngineDatabase open(String name) {
        return EngineDatabase.open("jdbc:h2:file:" + directory.resolve(name), "sa", "");
    }
}
