package io.homeostat.ledger.http;

import io.homeostat.ledger.state.HoldPage;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Holds of an account, open ones and what became of the others. */
final class HoldRoutes {
    private static final int MOST = 1000;
    private static final int USUAL = 100;
    private static final Set<String> STATUSES = Set.of("held", "posted", "voided", "expired");
    private final NodeServices node;

    HoldRoutes(NodeServices node) {
        this.node = node;
    }

    List<Route> routes() {
        return List.of(new Route(HttpMethod.GET, "/v1/holds", "reader", Route.Place.LINEARIZABLE, this::holds));
    }

    private CompletionStage<Answer> holds(Exchange exchange) {
        exchange.knows("account", "status", "before", "limit");
        String account = exchange.query().get("account");
        if (account != null && !Syntax.ACCOUNT.matches(account)) {
            throw Problem.invalidField("account", Syntax.ACCOUNT.rule(), "'account' must be " + Syntax.ACCOUNT.rule());
        }
        if (account != null && node.ledger().account(account).isEmpty()) {
            throw Problem.notFound("account_not_found", "there is no account '" + account + "'");
        }
        String status = exchange.query().get("status");
        if (status != null && !STATUSES.contains(status)) {
            throw Problem.invalidField(
                    "status", "held, posted, voided, expired", "'status' must be held, posted, voided or expired");
        }
        long before = exchange.whole("before", 0, Long.MAX_VALUE, Long.MAX_VALUE);
        int limit = (int) exchange.whole("limit", 1, MOST, USUAL);
        HoldPage page = node.ledger().holds(account, status, before, limit);
        return CompletableFuture.completedFuture(Answer.json(200, json -> {
            json.writeStartObject();
            json.writeNumberField("index", page.index());
            if (page.next().isPresent()) {
                json.writeNumberField("next", page.next().getAsLong());
            }
            json.writeArrayFieldStart("holds");
            for (HoldPage.View hold : page.holds()) {
                json.writeStartObject();
                json.writeStringField("id", hold.id().toString());
                json.writeStringField("status", hold.status());
                json.writeStringField("debit", hold.debit());
                json.writeStringField("credit", hold.credit());
                json.writeNumberField("amount", hold.amount());
                json.writeStringField("asset", hold.asset());
                json.writeBooleanField("gated", hold.gated());
                if (hold.expiresMicros().isPresent()) {
                    json.writeNumberField(
                            "expiresAtMicros", hold.expiresMicros().getAsLong());
                }
                json.writeNumberField("index", hold.index());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }));
    }
}
