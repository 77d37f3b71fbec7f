package io.homeostat.agent.action;

import io.homeostat.agent.AgentLimits;
import io.homeostat.agent.supervise.NodeSupervisor;
import io.homeostat.events.ActionOrder;
import io.homeostat.events.ActionOutcome;
import io.homeostat.events.NodeProbe;
import io.homeostat.events.ProcessState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The three actions, each with its postcondition. Confined to the action thread, which holds the supervisor's hands. */
final class LocalActions {
    private static final Set<String> RESYNCING_GATES = Set.of("starting", "open");

    private final NodeSupervisor supervisor;
    private final Quarantine quarantine;
    private final AgentLimits limits;
    private final InstantSource clock;

    LocalActions(NodeSupervisor supervisor, Quarantine quarantine, AgentLimits limits, InstantSource clock) {
        this.supervisor = supervisor;
        this.quarantine = quarantine;
        this.limits = limits;
        this.clock = clock;
    }

    /** How an action ended. */
    record Result(ActionOutcome outcome, String detail) {
        static Result succeeded(String detail) {
            return new Result(ActionOutcome.SUCCEEDED, detail);
        }

        static Result failed(String detail) {
            return new Result(ActionOutcome.FAILED, detail);
        }
    }

    Result carryOut(ActionOrder order) throws InterruptedException {
        return switch (order.kind()) {
            case FENCE -> fence(order);
            case RESTART -> restart(order);
            case RESYNC -> resync();
            case TRANSFER_LEADERSHIP, ISOLATE, REMOVE_MEMBER, ADD_MEMBER, READMIT ->
                throw new IllegalStateException("the desk takes local actions only, not " + order.kind());
        };
    }

    private Result fence(ActionOrder order) throws InterruptedException {
        supervisor.hold(order.parameters().getOrDefault("reason", "order " + order.actionId()));
        return supervisor.stopProcess()
                ? Result.succeeded("the process is gone and is held down")
                : Result.failed("the process is still there after SIGKILL; look for a hung disk");
    }

    private Result restart(ActionOrder order) throws InterruptedException {
        String since = order.parameters().get("since");
        if (since != null && supervisor.reflexRestartedAfter(Instant.ofEpochMilli(Long.parseLong(since)))) {
            ProcessState state = supervisor.processState();
            boolean comesUp = state == ProcessState.RUNNING || state == ProcessState.STARTING;
            if (comesUp && supervisor.awaitAnswer(answer -> true, limits.actionDeadline()) != null) {
                return Result.succeeded("already restarted by reflex");
            }
        }
        supervisor.release();
        if (!supervisor.stopProcess()) {
            return Result.failed("the process is still there after SIGKILL; look for a hung disk");
        }
        supervisor.startOnOrder();
        NodeProbe answer = supervisor.awaitAnswer(any -> true, limits.actionDeadline());
        return answer == null ? notAnswering() : answering(answer);
    }

    private Result resync() throws InterruptedException {
        if (!supervisor.stopProcess()) {
            return Result.failed("the process is still there after SIGKILL; its data was not touched");
        }
        String aside;
        try {
            aside = moveAside();
        } catch (IOException | UncheckedIOException e) {
            // The old data must not come up again by reflex: the plan wanted it gone.
            supervisor.hold("resync failed before the data was moved aside");
            return Result.failed("the data was not moved aside and the node is held down: " + e.getMessage());
        }
        supervisor.release();
        supervisor.startOnOrder();
        NodeProbe answer = supervisor.awaitAnswer(a -> RESYNCING_GATES.contains(a.gate()), limits.actionDeadline());
        Result result = answer == null ? notAnswering() : answering(answer);
        return new Result(result.outcome(), result.detail() + "; " + aside);
    }

    private String moveAside() throws IOException {
        // On disk first: if the agent dies between here and the start, the empty node must still join and not found
        // a ledger of its own.
        supervisor.expectJoin(true);
        try {
            String aside = quarantine
                    .moveAside(clock.millis())
                    .map(path -> "old data in " + path.getFileName())
                    .orElse("there was no old data");
            quarantine.keepNewest();
            return aside;
        } catch (IOException e) {
            if (quarantine.dataIsInPlace()) {
                supervisor.expectJoin(false);
                throw e;
            }
            return "old data is aside, but older quarantines could not be deleted: " + e.getMessage();
        }
    }

    private static Result answering(NodeProbe answer) {
        return Result.succeeded("process " + answer.pid() + " answers, gate " + answer.gate());
    }

    private Result notAnswering() {
        @Nullable NodeProbe last = supervisor.status().probe();
        String found = switch (supervisor.processState()) {
            case CRASHED -> "the process ended: " + supervisor.lastExit();
            case STARTING, HUNG -> "the process gives no answer";
            case RUNNING -> "the gate is " + (last == null ? "unknown" : last.gate());
            case FENCED -> "the node was fenced meanwhile";
            case STOPPED -> "the agent stops";
        };
        return Result.failed("not up within " + limits.actionDeadline().toSeconds() + " s: " + found);
    }
}
