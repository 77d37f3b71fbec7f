package io.homeostat.deploy.load;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.ledger.client.LedgerClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The ledger's own client: it asks the next node while an outcome is unknown. Thread-safe. */
public final class LedgerTransferDoor implements TransferDoor {
    private final LedgerClient client;

    public LedgerTransferDoor(LedgerClient client) {
        this.client = client;
    }

    @Override
    public void create(List<Account> accounts) {
        LedgerClient.Reply reply = client.createAccounts(accounts.stream()
                .map(account -> new LedgerClient.Account(
                        account.id(),
                        account.asset(),
                        TransferFile.EXPONENT,
                        account.kind().name().toLowerCase(Locale.ROOT),
                        !account.overdraft()))
                .toList());
        if (!reply.ok()) {
            throw new IllegalStateException(
                    accounts.size() + " accounts could not be made: " + reply.kind() + " " + reply.reason());
        }
        for (JsonNode result : reply.json().path("results")) {
            if (result.path("status").asText().equals("rejected")) {
                throw new IllegalStateException("account " + result.path("id").asText() + " was refused: "
                        + result.path("reason").asText());
            }
        }
    }

    @Override
    public List<Verdict> offer(List<Offer> batch) {
        List<LedgerClient.Transfer> transfers = new ArrayList<>(batch.size());
        for (Offer offer : batch) {
            TransferRow row = offer.row();
            transfers.add(new LedgerClient.Transfer(offer.id(), row.from(), row.to(), row.amountMinor(), row.asset()));
        }
        List<LedgerClient.Outcome> outcomes = client.batch(transfers);
        List<Verdict> verdicts = new ArrayList<>(batch.size());
        for (int i = 0; i < outcomes.size(); i++) {
            LedgerClient.Outcome outcome = outcomes.get(i);
            if (!outcome.id().equals(batch.get(i).id())) {
                throw new IllegalStateException("expected the outcome of "
                        + batch.get(i).id() + " at position " + i + " but found " + outcome.id());
            }
            verdicts.add(verdict(outcome.kind()));
        }
        return verdicts;
    }

    private static Verdict verdict(LedgerClient.Kind kind) {
        return switch (kind) {
            case ACCEPTED -> Verdict.ACKNOWLEDGED;
            case REFUSED -> Verdict.REJECTED;
            case UNAVAILABLE, UNKNOWN -> Verdict.UNKNOWN;
        };
    }
}
