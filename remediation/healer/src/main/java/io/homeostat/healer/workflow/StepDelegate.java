package io.homeostat.healer.workflow;

import io.homeostat.healer.incident.IncidentBook;
import io.homeostat.healer.story.Outbox;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import org.camunda.bpm.engine.delegate.DelegateExecution;
import org.camunda.bpm.engine.delegate.JavaDelegate;
import org.camunda.bpm.engine.impl.cfg.TransactionState;
import org.camunda.bpm.engine.impl.context.Context;
import org.camunda.bpm.engine.impl.interceptor.CommandContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one step inside the engine's transaction: first everything that earlier steps said must be on the topic, then the
 * step decides, then state, events and outcome are written with the engine's own move, or none of them.
 */
final class StepDelegate implements JavaDelegate {
    private static final Logger LOG = LoggerFactory.getLogger(StepDelegate.class);

    private final String name;
    private final RecoveryStep step;
    private final IncidentBook book;
    private final Outbox outbox;
    private final InstantSource clock;
    private final Runnable afterCommit;

    StepDelegate(
            String name,
            RecoveryStep step,
            IncidentBook book,
            Outbox outbox,
            InstantSource clock,
            Runnable afterCommit) {
        this.name = name;
        this.step = step;
        this.book = book;
        this.outbox = outbox;
        this.clock = clock;
        this.afterCommit = afterCommit;
    }

    @Override
    public void execute(DelegateExecution execution) {
        outbox.flush();
        String incidentId = execution.getProcessBusinessKey();
        CommandContext command = Context.getCommandContext();
        Connection connection = EngineDatabase.connectionOf(command);
        try {
            StepResult result = step.take(context(connection, incidentId));
            outbox.append(connection, result.events());
            book.saveState(connection, incidentId, result.state().json());
            execution.setVariable("outcome", result.outcome().wireName());
            execution.setVariable("delay", result.delay().toString());
            Instant expiresAt = result.state().asked().expiresAt();
            if (result.outcome() == Outcome.ASKED && expiresAt != null) {
                execution.setVariable("approvalExpiry", Date.from(expiresAt));
            }
            if (result.outcome() != Outcome.WAIT) {
                LOG.atInfo()
                        .addKeyValue("incidentId", incidentId)
                        .addKeyValue("node", result.state().node())
                        .addKeyValue("step", name)
                        .addKeyValue("outcome", result.outcome().wireName())
                        .log("recovery step");
            }
        } catch (SQLException e) {
            throw new EngineFault("step " + name + " of incident " + incidentId + ": " + e.getMessage(), e);
        }
        command.getTransactionContext().addTransactionListener(TransactionState.COMMITTED, c -> afterCommit.run());
    }

    private StepContext context(Connection connection, String incidentId) throws SQLException {
        String json = book.state(connection, incidentId)
                .orElseThrow(() -> new IllegalStateException("incident " + incidentId + " is not in the book"));
        return new StepContext(
                RecoveryState.fromJson(json),
                book.anomaliesOf(connection, incidentId),
                book.lastAnomalyAt(connection, incidentId),
                RecoveryState.cut(clock.instant()),
                connection);
    }
}
