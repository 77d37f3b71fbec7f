package io.homeostat.ledger.http;

import io.homeostat.ledger.LedgerTelemetry;
import io.vertx.core.http.HttpMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** The leader's end of a {@link Relay}: every item is authenticated, admitted and answered as if it had come by itself. */
final class RelayRoutes {
    static final String PATH = "/internal/relay";
    private static final String ROLE = "client";
    private final NodeServices node;
    private final Admission admission;
    private final Route.Handler transfers;
    private final Function<Throwable, Problem> problems;

    /**
     * @param transfers answers one transfer
     * @param problems what a failure is to a client
     */
    RelayRoutes(
            NodeServices node, Admission admission, Route.Handler transfers, Function<Throwable, Problem> problems) {
        this.node = node;
        this.admission = admission;
        this.transfers = transfers;
        this.problems = problems;
    }

    List<Route> routes() {
        return List.of(new Route(HttpMethod.POST, PATH, "node", Route.Place.LEADER, this::relay));
    }

    private CompletionStage<Answer> relay(Exchange exchange) {
        exchange.knows();
        List<RelayFrame.Item> items = RelayFrame.read(exchange.body());
        List<CompletableFuture<Answer>> answers = new ArrayList<>(items.size());
        for (RelayFrame.Item item : items) {
            answers.add(answer(item, exchange));
        }
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(all -> new Answer(
                        200,
                        RelayFrame.CONTENT_TYPE,
                        RelayFrame.writeAnswers(
                                answers.stream().map(CompletableFuture::join).toList())));
    }

    private CompletableFuture<Answer> answer(RelayFrame.Item item, Exchange frame) {
        Tokens.Principal principal = node.tokens().principal(item.authorization());
        if (principal == null || !principal.roles().contains(ROLE)) {
            Problem problem = principal == null
                    ? Problem.unauthenticated("send 'Authorization: Bearer <token>' with a token that this node knows")
                    : Problem.forbidden("this route needs the role '" + ROLE + "'");
            return CompletableFuture.completedFuture(problem.answer());
        }
        LedgerTelemetry.RequestSpan span = node.telemetry()
                .request(
                        "POST",
                        TransferRoutes.SINGLE,
                        name -> name.equals("traceparent")
                                        && !item.traceParent().isEmpty()
                                ? item.traceParent()
                                : null);
        boolean admitted = false;
        CompletionStage<Answer> result;
        try {
            admission.enter(principal.name(), item.body().length, LoadClass.WRITE);
            admitted = true;
            result = transfers.handle(
                    new Exchange(principal, List.of(), Map.of(), item.body(), false, span, frame.loop(), none -> null));
        } catch (RuntimeException e) {
            // The border of one item, as PublicApi is of one request: it must not take its neighbours along.
            result = CompletableFuture.failedFuture(e);
        }
        boolean leave = admitted;
        return result.handle((answer, failure) -> {
                    Answer said =
                            failure == null ? answer : problems.apply(failure).answer();
                    if (leave) {
                        admission.leave(principal.name(), item.body().length);
                    }
                    span.end(said.status());
                    return said;
                })
                .toCompletableFuture();
    }
}
