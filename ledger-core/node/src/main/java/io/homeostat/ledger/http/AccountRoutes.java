package io.homeostat.ledger.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.homeostat.ledger.state.AccountView;
import io.homeostat.ledger.state.Command;
import io.homeostat.ledger.state.Command.AccountClass;
import io.homeostat.ledger.state.Reason;
import io.homeostat.ledger.state.SumsView;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Accounts and the sums over them. */
final class AccountRoutes {
    private static final String[] FIELDS = {
        "id", "asset", "exponent", "class", "debitsMustNotExceedCredits", "creditsMustNotExceedDebits"
    };
    private static final int MAX_EXPONENT = 18;
    private final NodeServices node;
    private final Writes writes;
    private final PastBalances past;

    AccountRoutes(NodeServices node, Writes writes) {
        this.node = node;
        this.writes = writes;
        this.past = new PastBalances(node);
    }

    List<Route> routes() {
        return List.of(
                new Route(HttpMethod.POST, "/v1/accounts", "operator", Route.Place.LEADER, this::create),
                new Route(HttpMethod.GET, "/v1/accounts/{id}", "reader", Route.Place.LINEARIZABLE, this::read),
                new Route(HttpMethod.GET, "/v1/sums", "reader", Route.Place.LINEARIZABLE, this::sums));
    }

    private CompletionStage<Answer> create(Exchange exchange) {
        exchange.knows(Writes.ZONES);
        List<Command> accounts = Json.read(exchange.body(), this::accounts);
        return writes.propose(
                exchange,
                accounts,
                committed -> Answer.json(200, json -> {
                    List<Command.Outcome> outcomes = committed.outcomes();
                    json.writeStartObject();
                    json.writeNumberField(
                            "index", outcomes.get(outcomes.size() - 1).journalIndex());
                    json.writeArrayFieldStart("results");
                    for (int i = 0; i < outcomes.size(); i++) {
                        Reason reason = outcomes.get(i).reason();
                        json.writeStartObject();
                        json.writeStringField("id", ((Command.CreateAccount) accounts.get(i)).id());
                        json.writeStringField("status", reason.accepted() ? "created" : "rejected");
                        if (reason != Reason.OK) {
                            json.writeStringField("reason", reason.wireName());
                        }
                        json.writeEndObject();
                    }
                    json.writeEndArray();
                    writes.heldBy(json, committed);
                    json.writeEndObject();
                }));
    }

    private List<Command> accounts(JsonParser json) throws IOException {
        int most = node.limits().batchCommands();
        List<Command> accounts = new ArrayList<>();
        Json.Fields fields = new Json.Fields(json, "accounts");
        while (fields.next() >= 0) {
            fields.list();
            while (json.nextToken() != JsonToken.END_ARRAY) {
                if (accounts.size() == most) {
                    throw Problem.tooLarge(
                            "accounts", Integer.toString(most), "a request holds at most " + most + " accounts");
                }
                accounts.add(account(new Json.Fields(json, "accounts", accounts.size(), FIELDS)));
            }
        }
        fields.require(0);
        if (accounts.isEmpty()) {
            throw Problem.invalidField("accounts", "1.." + most, "a request holds at least one account");
        }
        return accounts;
    }

    private static Command account(Json.Fields fields) throws IOException {
        String id = "";
        String asset = "";
        int exponent = 0;
        AccountClass accountClass = AccountClass.CUSTOMER;
        boolean limited = false;
        boolean creditsLimited = false;
        for (int field = fields.next(); field >= 0; field = fields.next()) {
            switch (field) {
                case 0 -> id = fields.text(Syntax.ACCOUNT);
                case 1 -> asset = fields.text(Syntax.ASSET);
                case 2 -> exponent = (int) fields.whole(0, MAX_EXPONENT);
                case 3 -> accountClass = accountClass(fields);
                case 4 -> limited = fields.truth();
                default -> creditsLimited = fields.truth();
            }
        }
        fields.require(0, 1, 2, 3, 4);
        if (limited && creditsLimited) {
            throw fields.wrong("an account with at most one limit", "the second one");
        }
        return new Command.CreateAccount(id, asset, exponent, accountClass, limited, creditsLimited);
    }

    private static AccountClass accountClass(Json.Fields fields) throws IOException {
        String name = fields.text(Syntax.NAME);
        return Arrays.stream(AccountClass.values())
                .filter(known -> known.name().toLowerCase(Locale.ROOT).equals(name))
                .findFirst()
                .orElseThrow(() -> fields.wrong("customer, settlement, external, fee or suspense", "none of them"));
    }

    private CompletionStage<Answer> read(Exchange exchange) {
        String id = exchange.knows(PastBalances.INDEX, PastBalances.TIME, PastBalances.DATE)
                .variable(0, "id", Syntax.ACCOUNT);
        CompletionStage<Answer> then = past.read(
                exchange,
                id,
                known -> answer(known.account(), known.timeMicros()),
                known -> effective(known.account(), known.mayChange()));
        if (then != null) {
            return then;
        }
        AccountView account = node.ledger()
                .account(id)
                .orElseThrow(() -> Problem.notFound("account_not_found", "there is no account '" + id + "'"));
        return CompletableFuture.completedFuture(answer(account, -1));
    }

    /** @param timeMicros of the leaf at the account's index; -1 for the present */
    private static Answer answer(AccountView account, long timeMicros) {
        return Answer.json(200, json -> {
            json.writeStartObject();
            writeIdentity(json, account);
            json.writeBooleanField("debitsMustNotExceedCredits", account.debitsMustNotExceedCredits());
            json.writeBooleanField("creditsMustNotExceedDebits", account.creditsMustNotExceedDebits());
            json.writeNumberField("debitsPosted", account.debitsPosted());
            json.writeNumberField("creditsPosted", account.creditsPosted());
            json.writeNumberField("debitsHeld", account.debitsHeld());
            json.writeNumberField("creditsHeld", account.creditsHeld());
            json.writeNumberField("balance", account.balance());
            json.writeNumberField("index", account.index());
            if (timeMicros >= 0) {
                json.writeNumberField("asOfTimeMicros", timeMicros);
            }
            json.writeEndObject();
        });
    }

    /** Of what is held nothing is said: it counts on no day yet. */
    private static Answer effective(AccountView account, boolean mayChange) {
        return Answer.json(200, json -> {
            json.writeStartObject();
            writeIdentity(json, account);
            json.writeNumberField("debitsPosted", account.debitsPosted());
            json.writeNumberField("creditsPosted", account.creditsPosted());
            json.writeNumberField("balance", account.balance());
            json.writeNumberField("index", account.index());
            json.writeBooleanField("mayChange", mayChange);
            json.writeEndObject();
        });
    }

    private static void writeIdentity(JsonGenerator json, AccountView account) throws IOException {
        json.writeStringField("id", account.id());
        json.writeStringField("asset", account.asset());
        json.writeNumberField("exponent", account.exponent());
        json.writeStringField("class", account.accountClass().name().toLowerCase(Locale.ROOT));
    }

    private CompletionStage<Answer> sums(Exchange exchange) {
        exchange.knows();
        SumsView sums = node.ledger().sums();
        return CompletableFuture.completedFuture(Answer.json(200, json -> {
            json.writeStartObject();
            json.writeNumberField("index", sums.index());
            json.writeObjectFieldStart("sums");
            for (Map.Entry<String, Long> sum : sums.sums().entrySet()) {
                json.writeNumberField(sum.getKey(), sum.getValue());
            }
            json.writeEndObject();
            json.writeEndObject();
        }));
    }
}
