package io.homeostat.healer.guard;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;

/**
 * The one stop button: while it is pressed no action is started. It is a row in the database, so it holds over restarts;
 * whoever finds it pressed keeps the row locked until the wait for the release is written, so no release is missed.
 */
public final class StopButton {
    /** Words of people end in events: bounded. */
    private static final int MAX_WORDS = 500;

    /** Who pressed or released it last, when and why. */
    public record State(boolean pressed, String by, String reason, Instant since) {}

    public State state(Connection connection) throws SQLException {
        return read(connection, "SELECT pressed, by_whom, reason, since_millis FROM healer_switch WHERE id = 1");
    }

    /** Like {@link #state}, but when it is pressed the row stays locked until the transaction ends. */
    public State stateHeld(Connection connection) throws SQLException {
        State seen = state(connection);
        return seen.pressed()
                ? read(
                        connection,
                        "SELECT pressed, by_whom, reason, since_millis FROM healer_switch WHERE id = 1 FOR UPDATE")
                : seen;
    }

    public void set(Connection connection, State state) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE healer_switch SET pressed = ?, by_whom = ?, reason = ?, since_millis = ? WHERE id = 1")) {
            update.setBoolean(1, state.pressed());
            update.setString(2, bounded(state.by()));
            update.setString(3, bounded(state.reason()));
            update.setLong(4, state.since().toEpochMilli());
            if (update.executeUpdate() != 1) {
                throw new SQLException("expected exactly one row in healer_switch; the schema is incomplete");
            }
        }
    }

    private static State read(Connection connection, String sql) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql);
                ResultSet row = query.executeQuery()) {
            if (!row.next()) {
                throw new SQLException("expected one row in healer_switch but found none; the schema is incomplete");
            }
            return new State(
                    row.getBoolean(1), row.getString(2), row.getString(3), Instant.ofEpochMilli(row.getLong(4)));
        }
    }

    private static String bounded(String words) {
        return words.length() > MAX_WORDS ? words.substring(0, MAX_WORDS) : words;
    }
}
