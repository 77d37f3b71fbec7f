package io.homeostat.ledger.http;

import io.homeostat.ledger.state.AsOf;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Balances of the past: read from the journal in one thread of its own, because that takes up to some seconds. */
final class PastBalances {
    /** Questions that may wait; the next is turned away. */
    private static final int MOST_WAITING = 16;

    static final String INDEX = "asOfIndex";
    static final String TIME = "asOfTime";
    static final String DATE = "effectiveDate";
    private static final String DAY = "a date like 2026-11-20";
    private static final int FIRST_YEAR = 1970;
    private static final int LAST_YEAR = 9998;
    private static final String INSTANT = "a time like 2026-11-20T10:00:00.000001Z";
    private final NodeServices node;
    private final ThreadPoolExecutor reader;

    PastBalances(NodeServices node) {
        this.node = node;
        reader = new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MOST_WAITING), task -> {
            Thread thread = new Thread(task, "past-balances");
            thread.setDaemon(true);
            return thread;
        });
        // Nobody has to close it: an idle thread ends by itself.
        reader.allowCoreThreadTimeOut(true);
    }

    /** Null when the request asks for the present. */
    @Nullable
    CompletionStage<Answer> read(
            Exchange exchange,
            String id,
            Function<AsOf.Known, Answer> known,
            Function<AsOf.Effective, Answer> effective) {
        String time = exchange.query().get(TIME);
        String date = exchange.query().get(DATE);
        boolean indexed = exchange.query().containsKey(INDEX);
        if (time == null && date == null && !indexed) {
            return null;
        }
        if (time != null && date != null || indexed && (time != null || date != null)) {
            throw Problem.invalidField(
                    time != null ? TIME : DATE,
                    "one of " + INDEX + ", " + TIME + " and " + DATE,
                    "'asOfIndex', 'asOfTime' and 'effectiveDate' do not go together");
        }
        Supplier<AsOf> question;
        if (date != null) {
            long day = day(date);
            question = () -> node.ledger().accountEffective(id, day);
        } else if (time != null) {
            long micros = micros(time);
            question = () -> node.ledger().accountAsOfTime(id, micros);
        } else {
            long index = exchange.whole(INDEX, 0, Long.MAX_VALUE, 0);
            question = () -> node.ledger().accountAsOf(id, index);
        }
        try {
            return CompletableFuture.supplyAsync(question, reader)
                    .thenApplyAsync(found -> answer(id, found, known, effective), exchange.loop());
        } catch (RejectedExecutionException e) {
            throw Problem.overloaded(
                    MOST_WAITING + " questions about past balances wait already; nothing was read",
                    Integer.toString(MOST_WAITING));
        }
    }

    private static Answer answer(
            String id, AsOf found, Function<AsOf.Known, Answer> known, Function<AsOf.Effective, Answer> effective) {
        if (found instanceof AsOf.Known balances) {
            return known.apply(balances);
        }
        if (found instanceof AsOf.Effective balances) {
            return effective.apply(balances);
        }
        throw switch (((AsOf.Unknown) found).why()) {
            case ACCOUNT_NOT_FOUND -> Problem.notFound("account_not_found", "there is no account '" + id + "'");
            case ACCOUNT_NOT_YET_OPEN ->
                Problem.notFound("account_not_yet_open", "the account '" + id + "' was opened later");
            case BEYOND_HEAD ->
                Problem.notFound(
                        "as_of_beyond_head", "the ledger has not come so far: the balance then is not decided");
            case BEFORE_HISTORY -> Problem.notFound("as_of_before_history", "the ledger began later");
            case NOT_HERE -> Problem.unavailable("this node lacks a part of the journal; ask another, or later");
            case TOO_FAR ->
                Problem.conflict("as_of_too_far", "too many leaves lie between that and either end of the journal");
        };
    }

    private static long day(String text) {
        try {
            LocalDate date = LocalDate.parse(text);
            if (date.getYear() >= FIRST_YEAR && date.getYear() <= LAST_YEAR) {
                return date.toEpochDay();
            }
        } catch (DateTimeException e) {
            throw Problem.invalidField(DATE, DAY, "'" + DATE + "' must be " + DAY);
        }
        throw Problem.invalidField(DATE, DAY, "'" + DATE + "' must lie in " + FIRST_YEAR + ".." + LAST_YEAR);
    }

    private static long micros(String text) {
        try {
            Instant time = Instant.parse(text);
            long micros = Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000L), time.getNano() / 1000);
            if (micros >= 0) {
                return micros;
            }
        } catch (DateTimeException | ArithmeticException e) {
            throw Problem.invalidField("asOfTime", INSTANT, "'asOfTime' must be " + INSTANT);
        }
        throw Problem.invalidField("asOfTime", INSTANT, "'asOfTime' must not lie before 1970");
    }
}
