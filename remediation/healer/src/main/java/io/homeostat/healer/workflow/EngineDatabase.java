package io.homeostat.healer.workflow;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Objects;
import java.util.Properties;
import javax.sql.DataSource;
import org.apache.ibatis.datasource.pooled.PooledDataSource;
import org.camunda.bpm.engine.impl.interceptor.CommandContext;
import org.jspecify.annotations.Nullable;

/**
 * The one database of engine and healer, a bounded pool of connections to it, and the claim that nobody else uses it: two
 * healers on one database would both believe that a job which runs is theirs to release. An H2 file locks itself; on
 * PostgreSQL a session holds an advisory lock, which ends with the process however it ends.
 */
public final class EngineDatabase implements AutoCloseable {
    /** Three job threads, acquisition, reader, scheduler, door, and one each for the outbox. */
    private static final int MAX_CONNECTIONS = 16;

    private static final int MAX_WAIT_MILLIS = 10_000;
    private static final int PING_AFTER_IDLE_MILLIS = 10_000;
    private static final int CLAIM_WAIT_MILLIS = 3000;
    /** SQLSTATE of PostgreSQL when {@code lock_timeout} passes. */
    private static final String LOCK_NOT_AVAILABLE = "55P03";
    /** Any constant will do as long as it stays the same: "homeosta" in ASCII. */
    private static final long CLAIM = 0x686f6d656f737461L;

    private final PooledDataSource pool;
    private final @Nullable Connection claim;

    private EngineDatabase(PooledDataSource pool, @Nullable Connection claim) {
        this.pool = pool;
        this.claim = claim;
    }

    public static EngineDatabase open(String jdbcUrl, String user, String password) {
        boolean postgres = jdbcUrl.startsWith("jdbc:postgresql:");
        if (!postgres && !jdbcUrl.startsWith("jdbc:h2:")) {
            throw new IllegalArgumentException(
                    "jdbcUrl must begin with jdbc:h2: or jdbc:postgresql: but is '" + scheme(jdbcUrl) + "...'");
        }
        String driver = postgres ? "org.postgresql.Driver" : "org.h2.Driver";
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        try {
            Connection claim = postgres ? claim(jdbcUrl, properties) : null;
            PooledDataSource pool = new PooledDataSource(driver, jdbcUrl, properties);
            pool.setPoolMaximumActiveConnections(MAX_CONNECTIONS);
            pool.setPoolMaximumIdleConnections(MAX_CONNECTIONS / 2);
            pool.setPoolTimeToWait(MAX_WAIT_MILLIS);
            pool.setPoolPingEnabled(true);
            pool.setPoolPingQuery("SELECT 1");
            pool.setPoolPingConnectionsNotUsedFor(PING_AFTER_IDLE_MILLIS);
            createTables(pool, !postgres);
            return new EngineDatabase(pool, claim);
        } catch (SQLException e) {
            throw new EngineFault("the healer's database could not be opened: " + e.getMessage(), e);
        }
    }

    public DataSource dataSource() {
        return pool;
    }

    /** Fails when the session that holds the claim is gone: then another healer may have begun. */
    void requireClaim() throws SQLException {
        if (claim != null && !claim.isValid(2)) {
            throw new SQLException("the session that claims the database for this healer is gone; restart the healer");
        }
    }

    static Connection connectionOf(CommandContext command) {
        return command.getDbSqlSession().getSqlSession().getConnection();
    }

    /** Waits a little: the server ends the session of a killed process a moment after the process. */
    private static Connection claim(String jdbcUrl, Properties properties) throws SQLException {
        Connection connection = DriverManager.getConnection(jdbcUrl, properties);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET lock_timeout = " + CLAIM_WAIT_MILLIS);
            statement.execute("SELECT pg_advisory_lock(" + CLAIM + ")");
            return connection;
        } catch (SQLException e) {
            connection.close();
            if (LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                throw new SQLException(
                        "expected to be the only healer on this database but another one holds it; stop that one or give"
                                + " this one a database of its own",
                        e);
            }
            throw e;
        }
    }

    private static void createTables(DataSource pool, boolean h2) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(true);
            if (h2) {
                // By default H2 writes a commit up to half a second later, and kill -9 would take it back.
                statement.execute("SET WRITE_DELAY 0");
            }
            for (String sql : schema().replaceAll("(?m)^\\s*--.*$", "").split(";")) {
                if (!sql.isBlank()) {
                    statement.execute(sql);
                }
            }
        }
    }

    private static String schema() {
        try (InputStream in = Objects.requireNonNull(
                EngineDatabase.class.getResourceAsStream("schema.sql"), "schema.sql beside EngineDatabase")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new EngineFault("schema.sql could not be read from the jar", e);
        }
    }

    /** Never more of a URL than this: the rest may hold a password. */
    private static String scheme(String jdbcUrl) {
        String[] parts = jdbcUrl.split(":", 3);
        return String.join(":", Arrays.copyOf(parts, Math.min(2, parts.length)));
    }

    @Override
    public void close() {
        pool.forceCloseAll();
        if (claim != null) {
            try {
                claim.close();
            } catch (SQLException e) {
                throw new EngineFault("the claim on the database could not be given back", e);
            }
        }
    }
}
