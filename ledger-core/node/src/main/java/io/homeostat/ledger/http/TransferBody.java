package io.homeostat.ledger.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.homeostat.ledger.state.Command;
import io.homeostat.ledger.state.TransferView;
import java.io.IOException;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

/** The JSON of legs, dates and reversals. */
final class TransferBody {
    private static final String DATE = "a date like 2026-11-20, from 1970 to 9999";

    private TransferBody() {}

    /** The list at whose start the parser stands. Exactly one of debit and credit is given for each leg. */
    static List<Command.Leg> legs(JsonParser json, Json.Fields fields) throws IOException {
        String limit = Command.CreateLegs.MIN_LEGS + ".." + Command.CreateLegs.MAX_LEGS;
        List<Command.Leg> legs = new ArrayList<>();
        fields.list();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (legs.size() == Command.CreateLegs.MAX_LEGS) {
                throw Problem.invalidField("legs", limit, "a transfer has " + limit + " legs");
            }
            legs.add(leg(
                    legs.size(), new Json.Fields(json, "legs", legs.size(), "account", "asset", "debit", "credit")));
        }
        if (legs.size() < Command.CreateLegs.MIN_LEGS) {
            throw Problem.invalidField("legs", limit, "a transfer has " + limit + " legs but this has " + legs.size());
        }
        return legs;
    }

    private static Command.Leg leg(int number, Json.Fields fields) throws IOException {
        String account = "";
        String asset = "";
        long amount = 0;
        for (int field = fields.next(); field >= 0; field = fields.next()) {
            switch (field) {
                case 0 -> account = fields.text(Syntax.ACCOUNT);
                case 1 -> asset = fields.text(Syntax.ASSET);
                case 2 -> amount = -fields.whole(1, Long.MAX_VALUE);
                default -> amount = fields.whole(1, Long.MAX_VALUE);
            }
        }
        fields.require(0, 1);
        if (fields.has(2) == fields.has(3)) {
            String path = "legs[" + number + "].debit";
            throw Problem.invalidField(
                    path, "debit or credit", "'" + path + "': a leg has either 'debit' or 'credit', and not both");
        }
        return new Command.Leg(account, asset, amount);
    }

    /** Days since the epoch. */
    static int day(Json.Fields fields) throws IOException {
        String text = fields.text(10);
        try {
            LocalDate date = LocalDate.parse(text);
            if (date.getYear() >= 1970 && date.getYear() <= 9999) {
                return (int) date.toEpochDay();
            }
        } catch (DateTimeParseException e) {
            throw fields.wrong(DATE, "no date");
        }
        throw fields.wrong(DATE, text);
    }

    static Command.ReverseTransfer reversal(JsonParser json, UUID reverses, String principal) throws IOException {
        Json.Fields fields = new Json.Fields(json, "id", "reason", "effectiveDate");
        UUID id = null;
        Command.ReversalReason reason = Command.ReversalReason.OTHER;
        int day = Command.NO_DAY;
        for (int field = fields.next(); field >= 0; field = fields.next()) {
            switch (field) {
                case 0 -> id = fields.uuid();
                case 1 -> reason = reason(fields);
                default -> day = day(fields);
            }
        }
        fields.require(0, 1);
        return new Command.ReverseTransfer(java.util.Objects.requireNonNull(id), reverses, reason, day, principal);
    }

    private static Command.ReversalReason reason(Json.Fields fields) throws IOException {
        String name = fields.text(Syntax.NAME);
        return Arrays.stream(Command.ReversalReason.values())
                .filter(known -> known.wireName().equals(name))
                .findFirst()
                .orElseThrow(() -> fields.wrong(
                        Arrays.stream(Command.ReversalReason.values())
                                .map(Command.ReversalReason::wireName)
                                .collect(Collectors.joining(", ")),
                        "none of them"));
    }

    static UUID idOf(Command command) {
        if (command instanceof Command.CreateTransfer c) {
            return c.id();
        }
        if (command instanceof Command.CreateDatedTransfer c) {
            return c.transfer().id();
        }
        if (command instanceof Command.CreateLegs c) {
            return c.id();
        }
        throw new IllegalStateException("expected a command that makes a transfer but found " + command.getClass());
    }

    /** What a client that lost its connection needs to know, in one word. */
    static String outcome(TransferView transfer) {
        return switch (transfer.status()) {
            case "held" -> "pending";
            case "rejected" -> "refused";
            default -> "committed";
        };
    }

    /** What not every transfer has. */
    static void write(JsonGenerator json, TransferView transfer) throws IOException {
        if (!transfer.legs().isEmpty()) {
            json.writeArrayFieldStart("legs");
            for (TransferView.Leg leg : transfer.legs()) {
                json.writeStartObject();
                json.writeStringField("account", leg.account());
                json.writeStringField("asset", leg.asset());
                json.writeNumberField(leg.amount() < 0 ? "debit" : "credit", Math.abs(leg.amount()));
                json.writeEndObject();
            }
            json.writeEndArray();
        }
        LocalDate booked = transfer.bookingDate();
        if (booked != null) {
            json.writeStringField("bookingDate", booked.toString());
        }
        LocalDate effective = transfer.effectiveDate();
        if (effective != null) {
            json.writeStringField("effectiveDate", effective.toString());
        }
        UUID reverses = transfer.reverses();
        Command.ReversalReason reason = transfer.reversalReason();
        if (reverses != null && reason != null) {
            json.writeStringField("reverses", reverses.toString());
            json.writeStringField("reversalReason", reason.wireName());
        }
        UUID reversedBy = transfer.reversedBy();
        if (reversedBy != null) {
            json.writeStringField("reversedBy", reversedBy.toString());
        }
    }
}
