package io.homeostat.ledger.http;

import io.homeostat.ledger.state.Command;
import io.homeostat.merkle.ChangePayload;
import io.vertx.core.http.HttpMethod;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * The approval policy and the approvers' keys: read, and changes of both proposed. A proposal opens a case and changes
 * nothing; only the signatures of that case do.
 */
final class PolicyRoutes {
    /** The role that may propose a change; approving needs keys, not roles of a token. */
    private static final String PROPOSER = "proposer";

    private final NodeServices node;
    private final Writes writes;
    private final CaseRoutes cases;

    PolicyRoutes(NodeServices node, Writes writes, CaseRoutes cases) {
        this.node = node;
        this.writes = writes;
        this.cases = cases;
    }

    List<Route> routes() {
        return List.of(
                new Route(HttpMethod.GET, "/v1/policy", "reader", Route.Place.LOCAL, this::policy),
                new Route(
                        HttpMethod.POST,
                        "/v1/policy/changes",
                        PROPOSER,
                        Route.Place.LEADER,
                        x -> propose(x, PolicyJson::policyChange)),
                new Route(
                        HttpMethod.POST,
                        "/v1/keys/changes",
                        PROPOSER,
                        Route.Place.LEADER,
                        x -> propose(x, PolicyJson::keyChange)));
    }

    private CompletionStage<Answer> policy(Exchange exchange) {
        exchange.knows();
        byte[] json = PolicyJson.of(node.ledger().policyInForce()).getBytes(StandardCharsets.UTF_8);
        return CompletableFuture.completedFuture(new Answer(200, "application/json", json));
    }

    private CompletionStage<Answer> propose(Exchange exchange, Function<String, PolicyJson.Proposal> reading) {
        exchange.knows();
        PolicyJson.Proposal proposal;
        try {
            proposal = reading.apply(new String(exchange.body(), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            throw Problem.invalidField("body", "a change of policy or keys", String.valueOf(e.getMessage()));
        }
        if (proposal.body().length > ChangePayload.MAX_BODY_BYTES) {
            throw Problem.invalidField(
                    "body",
                    ChangePayload.MAX_BODY_BYTES + " bytes encoded",
                    "the change has " + proposal.body().length + " bytes encoded");
        }
        if (!Syntax.CHANGE_CASE_ID.matches(proposal.caseId())) {
            throw Problem.invalidField(
                    "caseId", Syntax.CHANGE_CASE_ID.rule(), "'caseId' must be " + Syntax.CHANGE_CASE_ID.rule());
        }
        Command.ProposeChange command = new Command.ProposeChange(
                proposal.caseId(),
                proposal.baseVersion(),
                proposal.body(),
                exchange.principal().name());
        return writes.proposeOne(
                exchange,
                command,
                committed -> cases.withCase(committed.outcomes().get(0), command.caseId()));
    }
}
