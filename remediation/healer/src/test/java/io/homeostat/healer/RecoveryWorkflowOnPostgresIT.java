package io.homeostat.healer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.healer.workflow.EngineDatabase;
import io.homeostat.healer.workflow.EngineTables;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The same stories on a real PostgreSQL. */
final class RecoveryWorkflowOnPostgresIT extends RecoveryStories {
    private static EmbeddedPostgres postgres;
    private static int databases;

    @BeforeAll
    static void startPostgres() throws Exception {
        postgres = EmbeddedPostgres.builder()
                .setServerConfig("fsync", "off")
                .setServerConfig("synchronous_commit", "off")
                .setServerConfig("shared_buffers", "16MB")
                .setServerConfig("max_connections", "60")
                .start();
        execute("CREATE DATABASE prepared");
        // The engine's tables are made once and copied for each test.
        try (EngineDatabase prepared =
                EngineDatabase.open(postgres.getJdbcUrl("postgres", "prepared"), "postgres", "")) {
            EngineTables.create(prepared);
        }
    }

    @AfterAll
    static void stopPostgres() throws Exception {
        postgres.close();
    }

    @Override
    String emptyDatabase() throws Exception {
        String name = "healer" + (++databases);
        execute("CREATE DATABASE " + name + " TEMPLATE prepared");
        return postgres.getJdbcUrl("postgres", name);
    }

    @Test
    void a_second_healer_on_the_same_database_is_turned_away() throws Exception {
        String url = emptyDatabase();
        try (EngineDatabase first = EngineDatabase.open(url, "postgres", "")) {
            assertThatThrownBy(() -> EngineDatabase.open(url, "postgres", ""))
                    .hasMessageContaining("expected to be the only healer");
            assertThat(first.dataSource()).isNotNull();
        }
        EngineDatabase.open(url, "postgres", "").close();
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
