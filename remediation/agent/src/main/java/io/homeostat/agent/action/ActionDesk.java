package io.homeostat.agent.action;

import io.homeostat.agent.AgentConfig;
import io.homeostat.agent.authority.OrderAuthority;
import io.homeostat.agent.supervise.NodeSupervisor;
import io.homeostat.events.ActionOrder;
import io.homeostat.events.ActionOutcome;
import io.homeostat.events.ActionReport;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes orders: each action id once, one action at a time. The report of an id is kept on disk, so that a repeated order is
 * answered and not repeated, also after a restart of the agent.
 *
 * <p>Thread-safe. Actions run on one thread of their own.
 */
public final class ActionDesk {
    private static final Logger LOG = LoggerFactory.getLogger(ActionDesk.class);
    private static final Set<String> PARAMETERS = Set.of("since", "reason", "plan");
    private static final int MAX_REASON = 256;

    private final AgentConfig config;
    private final OrderAuthority authority;
    private final NodeSupervisor supervisor;
    private final LocalActions actions;
    private final InstantSource clock;
    private final ExecutorService thread;
    private final Map<String, ActionReport> reports = new LinkedHashMap<>();
    private @Nullable String running;
    private boolean closed;

    /** @param clock wall clock: reports and approvals are read by others */
    public ActionDesk(AgentConfig config, OrderAuthority authority, NodeSupervisor supervisor, InstantSource clock) {
        this.config = config;
        this.authority = authority;
        this.supervisor = supervisor;
        this.clock = clock;
        this.actions = new LocalActions(supervisor, new Quarantine(config.nodeDataDir()), config.limits(), clock);
        // One action at a time is the desk's own rule; the queue of one only bridges the end of the former task.
        this.thread = new ThreadPoolExecutor(0, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(1), task -> {
            Thread t = new Thread(task, "agent-action");
            t.setDaemon(true);
            return t;
        });
        for (ActionReport report : supervisor.memory().reports()) {
            reports.put(report.actionId(), report.outcome() == ActionOutcome.RUNNING ? interrupted(report) : report);
        }
    }

    public synchronized Submission submit(ActionOrder order) {
        ActionReport known = reports.get(order.actionId());
        if (known != null) {
            return known.kind() == order.kind()
                    ? new Submission.Reported(known)
                    : new Submission.Conflict(
                            "id_conflict",
                            "actionId " + order.actionId() + " was given to " + known.kind() + " before");
        }
        Optional<Submission.Invalid> invalid = invalid(order);
        if (invalid.isPresent()) {
            return invalid.get();
        }
        if (running != null || closed) {
            return new Submission.Conflict(
                    "action_running", closed ? "the agent stops" : "action " + running + " is being carried out");
        }
        Instant now = clock.instant();
        Optional<String> refusal = authority.refusal(order, now);
        if (refusal.isPresent()) {
            ActionReport refused =
                    new ActionReport(order.actionId(), order.kind(), ActionOutcome.REFUSED, refusal.get(), now, now);
            record(refused);
            return new Submission.Reported(refused);
        }
        ActionReport started =
                new ActionReport(order.actionId(), order.kind(), ActionOutcome.RUNNING, "started", now, null);
        running = order.actionId();
        record(started);
        thread.execute(() -> run(order, started));
        return new Submission.Reported(started);
    }

    public synchronized Optional<ActionReport> report(String actionId) {
        return Optional.ofNullable(reports.get(actionId));
    }

    /** A running action is interrupted and reported as failed. Blocks shortly. */
    public void close() throws InterruptedException {
        synchronized (this) {
            closed = true;
        }
        thread.shutdownNow();
        Duration longest = config.limits().termDeadline().plus(config.limits().killDeadline());
        if (!thread.awaitTermination(longest.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.atWarn().addKeyValue("nodeId", config.nodeId()).log("an action did not end in time");
        }
    }

    private void run(ActionOrder order, ActionReport started) {
        LocalActions.Result result;
        try {
            result = withHands(order);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            result = LocalActions.Result.failed("the agent stopped in the middle");
        } catch (RuntimeException e) {
            // The door of the action thread: an order must always end with a report.
            LOG.atError().setCause(e).addKeyValue("actionId", order.actionId()).log("an action failed: a defect");
            result = LocalActions.Result.failed("defect: " + e.getClass().getSimpleName() + ": " + e.getMessage());
        }
        finish(order, started, result);
    }

    private LocalActions.Result withHands(ActionOrder order) throws InterruptedException {
        Duration reflexAtMost =
                config.limits().termDeadline().plus(config.limits().killDeadline());
        if (!supervisor.takeHands(reflexAtMost.plusSeconds(1))) {
            return LocalActions.Result.failed("a reflex did not end within " + reflexAtMost.toSeconds() + " s");
        }
        try {
            return actions.carryOut(order);
        } finally {
            supervisor.giveHandsBack();
        }
    }

    private synchronized void finish(ActionOrder order, ActionReport started, LocalActions.Result result) {
        running = null;
        record(new ActionReport(
                order.actionId(),
                order.kind(),
                result.outcome(),
                result.detail(),
                started.startedAt(),
                clock.instant()));
    }

    private void record(ActionReport report) {
        // Removed first: an ended action counts as new, so that the oldest ends are forgotten first.
        reports.remove(report.actionId());
        reports.put(report.actionId(), report);
        List<String> ids = new ArrayList<>(reports.keySet());
        for (int i = 0; i < ids.size() - config.limits().keptReports(); i++) {
            reports.remove(ids.get(i));
        }
        supervisor.rememberReports(List.copyOf(reports.values()));
        LOG.atInfo()
                .addKeyValue("nodeId", config.nodeId())
                .addKeyValue("actionId", report.actionId())
                .addKeyValue("action", report.kind())
                .addKeyValue("outcome", report.outcome())
                .addKeyValue("detail", report.detail())
                .log("action");
    }

    private Optional<Submission.Invalid> invalid(ActionOrder order) {
        if (!order.actionId().matches("[A-Za-z0-9:._-]{1,128}")) {
            return invalid("actionId", "must match [A-Za-z0-9:._-]{1,128}");
        }
        if (!order.node().equals(config.nodeId())) {
            return invalid("node", "this sidecar looks after " + config.nodeId());
        }
        if (!AgentConfig.LOCAL_ACTIONS.contains(order.kind())) {
            return invalid("kind", "must be FENCE, RESTART or RESYNC; the others go through the ledger's API");
        }
        Optional<String> unknown = order.parameters().keySet().stream()
                .filter(Predicate.not(PARAMETERS::contains))
                .findFirst();
        if (unknown.isPresent()) {
            return invalid("parameters", "known keys are since, reason and plan");
        }
        String since = order.parameters().getOrDefault("since", "0");
        if (!since.matches("\\d{1,15}")) {
            return invalid("parameters.since", "must be milliseconds since the epoch");
        }
        if (order.parameters().getOrDefault("reason", "").length() > MAX_REASON) {
            return invalid("parameters.reason", "must have at most " + MAX_REASON + " characters");
        }
        return Optional.empty();
    }

    private static Optional<Submission.Invalid> invalid(String field, String detail) {
        return Optional.of(new Submission.Invalid(field, detail));
    }

    private static ActionReport interrupted(ActionReport report) {
        return new ActionReport(
                report.actionId(),
                report.kind(),
                ActionOutcome.FAILED,
                "the agent was restarted in the middle; order again with a new id",
                report.startedAt(),
                report.startedAt());
    }
}
