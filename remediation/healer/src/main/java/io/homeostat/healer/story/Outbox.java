package io.homeostat.healer.story;

import io.homeostat.events.IncidentEvent;
import io.homeostat.events.codec.EventCodec;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;

/**
 * Events are written in the transaction of their step and published, in that order, before the next step starts. After a
 * crash what was written and not acknowledged goes out again with the same id and content. Thread-safe.
 */
public final class Outbox {
    private static final String SOURCE = "/healer";

    private final DataSource database;
    private final StoryChannel channel;
    private final StoryLimits limits;
    private final ReentrantLock publishing = new ReentrantLock();

    public Outbox(DataSource database, StoryChannel channel, StoryLimits limits) {
        this.database = database;
        this.channel = channel;
        this.limits = limits;
    }

    public void append(Connection connection, List<IncidentEvent> events) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO healer_outbox (event_id, node, cloud_event) VALUES (?, ?, ?)")) {
            for (IncidentEvent event : events) {
                insert.setString(1, event.eventId());
                insert.setString(2, event.node());
                insert.setString(3, new String(EventCodec.toCloudEvent(event, SOURCE), StandardCharsets.UTF_8));
                insert.executeUpdate();
            }
        }
    }

    /** Returns when everything that is committed is acknowledged; otherwise {@link StoryFault}. */
    public void flush() {
        publishing.lock();
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(true);
            List<Pending> pending = pending(connection);
            while (!pending.isEmpty()) {
                channel.publish(pending.stream().map(Pending::line).toList());
                remove(connection, pending);
                pending = pending(connection);
            }
        } catch (SQLException e) {
            throw new StoryFault("the outbox could not be read: " + e.getMessage(), e);
        } finally {
            publishing.unlock();
        }
    }

    private List<Pending> pending(Connection connection) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT seq, node, cloud_event FROM healer_outbox ORDER BY seq LIMIT " + limits.batch())) {
            List<Pending> found = new ArrayList<>();
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    found.add(new Pending(row.getLong(1), new StoryLine(row.getString(2), row.getString(3))));
                }
            }
            return found;
        }
    }

    /** By number and not by range: a lower number may be committed by another incident in the meantime. */
    private static void remove(Connection connection, List<Pending> published) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM healer_outbox WHERE seq = ?")) {
            for (Pending line : published) {
                delete.setLong(1, line.seq());
                delete.executeUpdate();
            }
        }
    }

    private record Pending(long seq, StoryLine line) {}
}
