package io.homeostat.ledger.http;

import io.homeostat.ledger.LedgerNodeLimits;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many requests, and bytes of their bodies, may be inside at once. Beyond the node's limit: 503; beyond one principal's
 * share: 429. A refusal costs the node nothing but its answer. Every queue behind this door holds what was admitted here, so
 * nothing inside grows with the load outside; and what is cheapest to give up is given up first ({@link LoadClass}).
 *
 * <p>Thread-safe. The map of principals is bounded by the tokens file.
 */
final class Admission {
    private final LedgerNodeLimits limits;
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private final ConcurrentMap<String, AtomicInteger> byPrincipal = new ConcurrentHashMap<>();

    Admission(LedgerNodeLimits limits) {
        this.limits = limits;
    }

    /** Every admission is given back by {@link #leave} exactly once. */
    void enter(String principal, long bodyBytes, LoadClass load) {
        long most = load.of(limits.requestsInFlight());
        if (requests.incrementAndGet() > most) {
            requests.decrementAndGet();
            throw Problem.overloaded(
                    "the node has " + most + " requests in flight, all that it takes of the class '" + load.wireName()
                            + "'; try again",
                    Long.toString(most));
        }
        AtomicInteger own = byPrincipal.get(principal);
        if (own == null) {
            own = byPrincipal.computeIfAbsent(principal, name -> new AtomicInteger());
        }
        if (own.incrementAndGet() > limits.requestsInFlightPerPrincipal()) {
            own.decrementAndGet();
            requests.decrementAndGet();
            throw Problem.tooManyRequests(
                    "this principal has " + limits.requestsInFlightPerPrincipal() + " requests in flight; try again",
                    Integer.toString(limits.requestsInFlightPerPrincipal()));
        }
        long mostBytes = load.of(limits.bodyBytesInFlight());
        if (bytes.addAndGet(bodyBytes) > mostBytes && bodyBytes > 0) {
            leave(principal, bodyBytes);
            throw Problem.overloaded(
                    "the node holds " + mostBytes + " bytes of bodies, all that it takes of the class '"
                            + load.wireName() + "'; try again",
                    Long.toString(mostBytes));
        }
    }

    void leave(String principal, long bodyBytes) {
        bytes.addAndGet(-bodyBytes);
        requests.decrementAndGet();
        AtomicInteger own = byPrincipal.get(principal);
        if (own != null) {
            own.decrementAndGet();
        }
    }

    int inFlight() {
        return requests.get();
    }
}
