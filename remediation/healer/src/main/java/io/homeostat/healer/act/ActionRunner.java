package io.homeostat.healer.act;

import io.homeostat.events.ActionKind;
import io.homeostat.events.ActionOrder;
import io.homeostat.events.ActionReport;
import io.homeostat.events.NodeProbe;
import io.homeostat.events.ProcessState;
import io.homeostat.events.RecoveryAction;
import io.homeostat.events.SidecarStatus;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Carries out one typed action and looks whether its postcondition holds.
 *
 * <p>{@link #act} may be called again at any time, also by another process after a crash: what already holds is not done
 * again, the ledger's commands are idempotent, and a sidecar answers an order it knows with the report of the first.
 * Throws {@link ActFault} when nobody could be asked. Stateless and thread-safe.
 */
public final class ActionRunner {
    private static final String AT_RISK = "quorum_at_risk";

    private final LedgerApi ledger;
    private final SidecarApi sidecars;

    public ActionRunner(LedgerApi ledger, SidecarApi sidecars) {
        this.ledger = ledger;
        this.sidecars = sidecars;
    }

    /** {@code ordered} says that an earlier call came back with {@link Progress.Running}: then a report is enough. */
    public Progress act(RecoveryAction action, ActionContext context, boolean ordered) {
        return switch (action.kind()) {
            case ISOLATE -> isolate(action.node(), context);
            case TRANSFER_LEADERSHIP -> transferLeadership(action.node());
            case REMOVE_MEMBER -> setMember(action.node(), false);
            case ADD_MEMBER -> setMember(action.node(), true);
            case READMIT -> readmit(action.node(), context);
            case RESTART -> restart(action, context, ordered);
            case FENCE, RESYNC -> order(action, context, ordered);
        };
    }

    /** {@link Progress.Holds}, or {@link Progress.Running} with what was found instead. */
    public Progress check(RecoveryAction action) {
        String node = action.node();
        return switch (action.kind()) {
            case ISOLATE -> found(ledgerNode(node).isolated(), "isolated in the ledger", "still active in the ledger");
            case READMIT -> found(!ledgerNode(node).isolated(), "active in the ledger", "still isolated in the ledger");
            case REMOVE_MEMBER -> found(!ledgerNode(node).member(), "no member", "still a member");
            case ADD_MEMBER -> found(ledgerNode(node).member(), "a member", "not a member yet");
            case TRANSFER_LEADERSHIP -> {
                String leader = leader(node);
                yield found(!leader.equals(node), "leader is '" + leader + "'", "still the leader");
            }
            case FENCE -> {
                SidecarStatus status = sidecars.status(node);
                yield found(down(status), "process is down", "process is " + status.process());
            }
            case RESTART -> {
                SidecarStatus status = sidecars.status(node);
                yield found(answers(status), "process runs and answers, pid " + status.pid(), words(status));
            }
            case RESYNC -> {
                SidecarStatus status = sidecars.status(node);
                yield found(
                        status.process() == ProcessState.RUNNING && !diverged(status),
                        "process runs on new data, pid " + status.pid(),
                        words(status));
            }
        };
    }

    private Progress isolate(String node, ActionContext context) {
        LedgerNodes nodes = ledger.nodes(node);
        if (nodes.node(node).map(LedgerNodes.Node::isolated).orElse(false)) {
            return new Progress.Acted("already isolated at journal index " + nodes.index(), nodes.index());
        }
        Reply<Long> reply = ledger.isolate(node, context.incidentId(), context.reason());
        if (reply instanceof Reply.Done<Long> done) {
            return new Progress.Acted("isolated at journal index " + done.value(), done.value());
        }
        return refused(reply, "node_already_isolated", nodes.index());
    }

    private Progress readmit(String node, ActionContext context) {
        // The ledger is asked also for a node that is not isolated: it ends the mark of a divergence as well. An
        // isolation that an earlier, abandoned incident left behind is ended under its own id.
        String found = ledgerNode(node).incidentId();
        String incidentId = found == null || found.isEmpty() ? context.incidentId() : found;
        Reply<Long> reply = ledger.readmit(node, incidentId);
        if (reply instanceof Reply.Done<Long> done) {
            return new Progress.Acted("readmitted at journal index " + done.value(), done.value());
        }
        return refused(reply, "node_not_isolated", -1);
    }

    private Progress transferLeadership(String node) {
        String leader = leader(node);
        if (!leader.equals(node)) {
            return new Progress.Acted("leadership is not at the node, leader is '" + leader + "'", -1);
        }
        Reply<String> reply = ledger.moveLeadershipAway(node);
        if (reply instanceof Reply.Done<String> done) {
            return new Progress.Acted("leader is " + done.value(), -1);
        }
        return refused(reply, "", -1);
    }

    private Progress setMember(String node, boolean member) {
        if (ledgerNode(node).member() == member) {
            return new Progress.Acted(member ? "is a member already" : "is no member already", -1);
        }
        Reply<List<String>> reply = ledger.setMember(node, member);
        if (reply instanceof Reply.Done<List<String>> done) {
            return new Progress.Acted("members are " + done.value(), -1);
        }
        return refused(reply, "", -1);
    }

    /** A process that a reflex of the sidecar has brought back is not killed once more. */
    private Progress restart(RecoveryAction action, ActionContext context, boolean ordered) {
        if (!ordered) {
            SidecarStatus status = sidecars.status(action.node());
            if (answers(status)) {
                return new Progress.Acted(
                        "needed no order: the process runs and answers, pid " + status.pid() + ", restarts "
                                + status.restarts(),
                        -1);
            }
            if (status.process() == ProcessState.STARTING) {
                return new Progress.Running("the process is starting already", false);
            }
        }
        return order(action, context, ordered);
    }

    private Progress order(RecoveryAction action, ActionContext context, boolean ordered) {
        Optional<ActionReport> known = ordered ? sidecars.report(action.node(), action.actionId()) : Optional.empty();
        ActionReport report = known.orElseGet(() -> sidecars.order(new ActionOrder(
                action.actionId(),
                context.incidentId(),
                action.kind(),
                action.node(),
                context.caseId(),
                context.payloadDigest(),
                context.approvals(),
                parameters(action, context))));
        String detail = report.detail().isEmpty() ? "reported by the sidecar" : report.detail();
        return switch (report.outcome()) {
            case RUNNING -> new Progress.Running(detail, true);
            case SUCCEEDED -> new Progress.Acted(detail, -1);
            case FAILED -> new Progress.Failed(detail);
            case REFUSED -> new Progress.Refused(detail);
        };
    }

    /** The sidecar checks the approvals itself, and for that needs the plan that they were given for. */
    private static Map<String, String> parameters(RecoveryAction action, ActionContext context) {
        Map<String, String> parameters = new HashMap<>(action.parameters());
        parameters.put("reason", context.reason());
        if (action.kind() == ActionKind.RESTART) {
            parameters.put("since", Long.toString(context.firstAnomalyAt().toEpochMilli()));
        }
        if (!context.caseId().isEmpty()) {
            parameters.put("plan", context.planJson());
        }
        if (!context.caseProof().isEmpty()) {
            parameters.put("case", context.caseProof());
        }
        return parameters;
    }

    private LedgerNodes.Node ledgerNode(String node) {
        return ledger.nodes(node)
                .node(node)
                .orElseThrow(() -> new ActFault(
                        ActFault.Kind.PERMANENT, "expected node " + node + " in GET /v1/nodes but it is not there"));
    }

    private String leader(String node) {
        String leader = ledger.nodes(node).leader();
        return leader == null ? "" : leader;
    }

    private static Progress refused(Reply<?> reply, String meansDone, long index) {
        if (!(reply instanceof Reply.Refused<?> no)) {
            throw new IllegalStateException("expected a refusal but found " + reply);
        }
        if (no.reason().equals(meansDone)) {
            return new Progress.Acted("the ledger says " + no.reason(), index);
        }
        String words = "the ledger refused: " + no.reason() + ", " + no.detail();
        return no.reason().equals(AT_RISK) ? new Progress.Refused(words) : new Progress.Failed(words);
    }

    private static Progress found(boolean holds, String good, String bad) {
        return holds
                ? new Progress.Holds(good, -1)
                : new Progress.Running("expected otherwise but found: " + bad, false);
    }

    private static boolean down(SidecarStatus status) {
        return Set.of(ProcessState.FENCED, ProcessState.STOPPED).contains(status.process());
    }

    private static boolean answers(SidecarStatus status) {
        NodeProbe probe = status.probe();
        return status.process() == ProcessState.RUNNING
                && probe != null
                && probe.raftLogAlive()
                && !diverged(status)
                && status.pid() > 0;
    }

    private static boolean diverged(SidecarStatus status) {
        NodeProbe probe = status.probe();
        return probe != null && "diverged".equals(probe.gate());
    }

    private static String words(SidecarStatus status) {
        NodeProbe probe = status.probe();
        return "process " + status.process()
                + (probe == null ? ", no answer" : ", gate " + probe.gate() + ", log alive " + probe.raftLogAlive());
    }
}
