package io.homeostat.ledger.http;

import io.homeostat.ledger.LedgerTelemetry;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One admitted request: who asks, for what, with which body.
 *
 * @param variables of the route's template, in order
 * @param query decoded parameters; one that is given twice was refused before
 * @param binary the body is protobuf, and so should be the answer
 * @param loop the request's own event loop, where its answer is made: not in the thread that applies entries
 * @param headers by name
 */
record Exchange(
        Tokens.Principal principal,
        List<String> variables,
        Map<String, String> query,
        byte[] body,
        boolean binary,
        LedgerTelemetry.RequestSpan span,
        Executor loop,
        Function<String, @Nullable String> headers) {
    /** The request's header, empty when it has none of that name. */
    String header(String name) {
        String value = headers.apply(name);
        return value == null ? "" : value;
    }

    /** Refuses parameters that the route does not know. */
    Exchange knows(String... parameters) {
        Set<String> known = Set.of(parameters);
        for (String name : query.keySet()) {
            if (!known.contains(name)) {
                throw Problem.invalidField(
                        name,
                        parameters.length == 0 ? "no parameters" : String.join(", ", parameters),
                        "the query parameter '" + name + "' is not known here");
            }
        }
        return this;
    }

    String variable(int index, String name, Syntax syntax) {
        String value = variables.get(index);
        if (!syntax.matches(value)) {
            throw Problem.invalidField(name, syntax.rule(), "'" + name + "' in the path must be " + syntax.rule());
        }
        return value;
    }

    long whole(String parameter, long least, long most, long otherwise) {
        String text = query.get(parameter);
        if (text == null) {
            return otherwise;
        }
        String limit = "a whole number from " + least + " to " + most;
        try {
            long value = Long.parseLong(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw Problem.invalidField(parameter, limit, "'" + parameter + "' must be " + limit + " but is no number");
        }
        throw Problem.invalidField(parameter, limit, "'" + parameter + "' must be " + limit + " but is " + text);
    }

    long required(String parameter, long least, long most) {
        if (!query.containsKey(parameter)) {
            throw Problem.invalidField(parameter, "required", "the query parameter '" + parameter + "' is missing");
        }
        return whole(parameter, least, most, least);
    }
}
