package io.homeostat.ledger.http;

import io.homeostat.ledger.LedgerNodeLimits;
import java.util.HashMap;
import java.util.Map;

/**
 * How many requests, and bytes of their bodies, may be inside at once. Beyond the node's limit: 503; beyond one principal's
 * share: 429. A refusal costs the node nothing but its answer. Every queue behind this door holds what was admitted here, so
 * nothing inside grows with the load outside; and what is cheapest to give up is given up first ({@link LoadClass}).
 *
 * <p>Thread-safe, under one short lock: counters of their own would count what is about to be refused, and so refuse others
 * for whom there was room (AdmissionLincheckTest). The map of principals is bounded by the tokens file.
 */
final class Admission {
    private final LedgerNodeLimits limits;
    private final Map<String, Integer> byPrincipal = new HashMap<>();
    private int requests;
    private long bytes;

    Admission(LedgerNodeLimits limits) {
        this.limits = limits;
    }

    /** Every admission is given back by {@link #leave} exactly once. */
    synchronized void enter(String principal, long bodyBytes, LoadClass load) {
        long most = load.of(limits.requestsInFlight());
        if (requests >= most) {
            throw Problem.overloaded(
                    "the node has " + most + " requests in flight, all that it takes of the class '" + load.wireName()
                            + "'; try again",
                    Long.toString(most));
        }
        int own = byPrincipal.getOrDefault(principal, 0);
        if (own >= limits.requestsInFlightPerPrincipal()) {
            throw Problem.tooManyRequests(
                    "this principal has " + limits.requestsInFlightPerPrincipal() + " requests in flight; try again",
                    Integer.toString(limits.requestsInFlightPerPrincipal()));
        }
        long mostBytes = load.of(limits.bodyBytesInFlight());
        if (bodyBytes > 0 && bytes + bodyBytes > mostBytes) {
            throw Problem.overloaded(
                    "the node holds " + mostBytes + " bytes of bodies, all that it takes of the class '"
                            + load.wireName() + "'; try again",
                    Long.toString(mostBytes));
        }
        requests++;
        bytes += bodyBytes;
        byPrincipal.put(principal, own + 1);
    }

    synchronized void leave(String principal, long bodyBytes) {
        bytes -= bodyBytes;
        requests--;
        byPrincipal.merge(principal, -1, Integer::sum);
    }

    synchronized int inFlight() {
        return requests;
    }
}
