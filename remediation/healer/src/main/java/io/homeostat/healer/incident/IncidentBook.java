package io.homeostat.healer.incident;

import io.homeostat.events.Cause;
import io.homeostat.events.IncidentEvent.AnomalyCleared;
import io.homeostat.events.IncidentEvent.AnomalyRaised;
import io.homeostat.events.Severity;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of incidents, in the healer's own tables (see {@code schema.sql}). Every method works in the
 * caller's transaction, so that a step's facts, its events and its place in the workflow are written together or not at
 * all. Stateless and thread-safe.
 */
public final class IncidentBook {
    /** Widths of the columns: longer ids are hostile. */
    private static final int MAX_ID = 200;

    private final IncidentLimits limits;

    public IncidentBook(IncidentLimits limits) {
        this.limits = limits;
    }

    /** True the first time; false for an id that was seen before, however often it is delivered. */
    public boolean firstSeen(Connection connection, String eventId) throws SQLException {
        if (eventId.isEmpty() || eventId.length() > MAX_ID) {
            throw new IllegalArgumentException(
                    "event id must have 1 to " + MAX_ID + " characters but has " + eventId.length());
        }
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO healer_seen (event_id) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM healer_seen WHERE event_id = ?)")) {
            insert.setString(1, eventId);
            insert.setString(2, eventId);
            return insert.executeUpdate() == 1;
        }
    }

    public Optional<OpenIncident> openOf(Connection connection, String node) throws SQLException {
        return open(
                        connection,
                        "SELECT incident_id, node, severity, opened_micros FROM healer_incident WHERE open_node = ?",
                        node)
                .stream()
                .findFirst();
    }

    public List<OpenIncident> allOpen(Connection connection) throws SQLException {
        return open(
                connection,
                "SELECT incident_id, node, severity, opened_micros FROM healer_incident WHERE open_node IS NOT NULL ORDER BY seq",
                null);
    }

    /** Serializes an anomaly that joins with the step that is about to wait for such anomalies. */
    public void lock(Connection connection, String incidentId) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("SELECT seq FROM healer_incident WHERE incident_id = ? FOR UPDATE")) {
            query.setString(1, incidentId);
            query.executeQuery().close();
        }
    }

    public Optional<Instant> lastClosureOf(Connection connection, String node) throws SQLException {
        List<Instant> found = instants(
                connection,
                "SELECT MAX(closed_micros) FROM healer_incident WHERE node = ? AND closed_micros IS NOT NULL",
                node,
                null);
        return found.stream().findFirst();
    }

    public void open(Connection connection, String incidentId, AnomalyRaised first, String state, Instant now)
            throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO healer_incident (incident_id, node, open_node, severity, opened_micros, critical_micros,"
                        + " last_anomaly_micros, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")) {
            insert.setString(1, incidentId);
            insert.setString(2, first.node());
            insert.setString(3, first.node());
            insert.setString(4, first.severity().name());
            insert.setLong(5, micros(now));
            if (first.severity() == Severity.CRITICAL) {
                insert.setLong(6, micros(now));
            } else {
                insert.setNull(6, Types.BIGINT);
            }
            insert.setLong(7, micros(first.at()));
            insert.setString(8, state);
            insert.executeUpdate();
        }
        add(connection, incidentId, first);
    }

    public void join(Connection connection, String incidentId, AnomalyRaised anomaly, boolean worsens, Instant now)
            throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE healer_incident SET last_anomaly_micros = GREATEST(last_anomaly_micros, ?) WHERE incident_id = ?")) {
            update.setLong(1, micros(anomaly.at()));
            update.setString(2, incidentId);
            update.executeUpdate();
        }
        if (worsens) {
            try (PreparedStatement update = connection.prepareStatement(
                    "UPDATE healer_incident SET severity = ?, critical_micros = ? WHERE incident_id = ?")) {
                update.setString(1, anomaly.severity().name());
                update.setLong(2, micros(now));
                update.setString(3, incidentId);
                update.executeUpdate();
            }
        }
        add(connection, incidentId, anomaly);
    }

    /** The incident of the anomaly, if it belongs to one. */
    public Optional<String> clear(Connection connection, AnomalyCleared cleared) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE healer_anomaly SET cleared_micros = ? WHERE anomaly_id = ? AND cleared_micros IS NULL")) {
            update.setLong(1, micros(cleared.at()));
            update.setString(2, cleared.anomalyId());
            if (update.executeUpdate() == 0) {
                return Optional.empty();
            }
        }
        try (PreparedStatement query =
                connection.prepareStatement("SELECT incident_id FROM healer_anomaly WHERE anomaly_id = ?")) {
            query.setString(1, cleared.anomalyId());
            try (ResultSet row = query.executeQuery()) {
                return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
            }
        }
    }

    public List<Anomaly> anomaliesOf(Connection connection, String incidentId) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT anomaly_id, cause, severity, raised_micros, cleared_micros FROM healer_anomaly"
                        + " WHERE incident_id = ? ORDER BY raised_micros, anomaly_id")) {
            query.setString(1, incidentId);
            List<Anomaly> found = new ArrayList<>();
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    long cleared = row.getLong(5);
                    Instant clearedAt = row.wasNull() ? null : instant(cleared);
                    found.add(new Anomaly(
                            row.getString(1),
                            Cause.valueOf(row.getString(2)),
                            Severity.valueOf(row.getString(3)),
                            instant(row.getLong(4)),
                            clearedAt));
                }
            }
            return found;
        }
    }

    public Instant lastAnomalyAt(Connection connection, String incidentId) throws SQLException {
        return instants(
                        connection,
                        "SELECT last_anomaly_micros FROM healer_incident WHERE incident_id = ?",
                        incidentId,
                        null)
                .stream()
                .findFirst()
                .orElse(Instant.EPOCH);
    }

    /** Times at which incidents asked for action since then, the newest last. */
    public List<Instant> criticalSince(Connection connection, Instant since) throws SQLException {
        return instants(
                connection,
                "SELECT critical_micros FROM healer_incident WHERE critical_micros > ? ORDER BY critical_micros",
                null,
                since);
    }

    public List<Instant> attemptsSince(Connection connection, String node, Instant since) throws SQLException {
        return instants(
                connection,
                "SELECT at_micros FROM healer_attempt WHERE node = ? AND at_micros > ? ORDER BY at_micros",
                node,
                since);
    }

    public void recordAttempt(Connection connection, String planId, String node, Instant at) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO healer_attempt (plan_id, node, at_micros) VALUES (?, ?, ?)")) {
            insert.setString(1, planId);
            insert.setString(2, node);
            insert.setLong(3, micros(at));
            insert.executeUpdate();
        }
    }

    public Optional<String> state(Connection connection, String incidentId) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("SELECT state FROM healer_incident WHERE incident_id = ?")) {
            query.setString(1, incidentId);
            try (ResultSet row = query.executeQuery()) {
                return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
            }
        }
    }

    public void saveState(Connection connection, String incidentId, String state) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE healer_incident SET state = ? WHERE incident_id = ?")) {
            update.setString(1, state);
            update.setString(2, incidentId);
            if (update.executeUpdate() != 1) {
                throw new SQLException("expected one row for incident " + incidentId + " in healer_incident");
            }
        }
    }

    public void close(Connection connection, String incidentId, Instant at) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE healer_incident SET open_node = NULL, closed_micros = ? WHERE incident_id = ?")) {
            update.setLong(1, micros(at));
            update.setString(2, incidentId);
            update.executeUpdate();
        }
    }

    /** Holds the tables inside their bounds; called now and then. */
    public void prune(Connection connection, Instant now) throws SQLException {
        delete(
                connection,
                "DELETE FROM healer_seen WHERE seq <= (SELECT MAX(seq) FROM healer_seen) - ?",
                limits.seenEvents());
        delete(
                connection,
                "DELETE FROM healer_incident WHERE open_node IS NULL AND seq <= (SELECT MAX(seq) FROM healer_incident) - ?",
                limits.closedIncidents());
        delete(
                connection,
                "DELETE FROM healer_attempt WHERE at_micros < ?",
                micros(now.minus(limits.planWindow()).minus(limits.cooldown())));
        try (PreparedStatement orphans = connection.prepareStatement(
                "DELETE FROM healer_anomaly WHERE incident_id NOT IN (SELECT incident_id FROM healer_incident)")) {
            orphans.executeUpdate();
        }
    }

    private void add(Connection connection, String incidentId, AnomalyRaised anomaly) throws SQLException {
        if (anomaly.anomalyId().length() > MAX_ID) {
            throw new IllegalArgumentException("anomalyId must have at most " + MAX_ID + " characters but has "
                    + anomaly.anomalyId().length());
        }
        try (PreparedStatement again = connection.prepareStatement(
                "UPDATE healer_anomaly SET incident_id = ?, cleared_micros = NULL, raised_micros = ? WHERE anomaly_id = ?")) {
            again.setString(1, incidentId);
            again.setLong(2, micros(anomaly.at()));
            again.setString(3, anomaly.anomalyId());
            if (again.executeUpdate() == 1) {
                return;
            }
        }
        // INSERT .. SELECT with the bound inside: a node that raises without end fills neither table nor memory.
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO healer_anomaly (anomaly_id, incident_id, cause, severity, raised_micros)"
                        + " SELECT ?, ?, ?, ?, CAST(? AS BIGINT) WHERE"
                        + " (SELECT COUNT(*) FROM healer_anomaly WHERE incident_id = ?) < ?")) {
            insert.setString(1, anomaly.anomalyId());
            insert.setString(2, incidentId);
            insert.setString(3, anomaly.cause().name());
            insert.setString(4, anomaly.severity().name());
            insert.setLong(5, micros(anomaly.at()));
            insert.setString(6, incidentId);
            insert.setInt(7, limits.anomaliesPerIncident());
            insert.executeUpdate();
        }
    }

    private static List<OpenIncident> open(Connection connection, String sql, @Nullable String node)
            throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            if (node != null) {
                query.setString(1, node);
            }
            List<OpenIncident> found = new ArrayList<>();
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    found.add(new OpenIncident(
                            row.getString(1),
                            row.getString(2),
                            Severity.valueOf(row.getString(3)),
                            instant(row.getLong(4))));
                }
            }
            return found;
        }
    }

    private static List<Instant> instants(
            Connection connection, String sql, @Nullable String key, @Nullable Instant since) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            int at = 1;
            if (key != null) {
                query.setString(at++, key);
            }
            if (since != null) {
                query.setLong(at, micros(since));
            }
            List<Instant> found = new ArrayList<>();
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    long value = row.getLong(1);
                    if (!row.wasNull()) {
                        found.add(instant(value));
                    }
                }
            }
            return found;
        }
    }

    private static void delete(Connection connection, String sql, long argument) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(sql)) {
            delete.setLong(1, argument);
            delete.executeUpdate();
        }
    }

    private static long micros(Instant at) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, at);
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
