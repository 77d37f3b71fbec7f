package io.homeostat.ledger.http;

import io.vertx.core.http.HttpMethod;
import java.util.Set;

/**
 * What is given up first when a node has more to do than it can, in the order of the constants. A class is admitted only
 * while all requests together fill less than its share of the node's limit: what stands later always finds the room that the
 * classes before it were not given.
 */
enum LoadClass {
    /** Lists, proofs, the journal, balances: they can be asked again, and elsewhere. */
    READ(70),
    /** New transfers and accounts: the client still has the money and the id. */
    WRITE(90),
    /** The end of what was begun: posting and voiding holds, decisions on held money. */
    SETTLE(97),
    /** What keeps the ledger alive and says how it is: isolation, membership, attestations, maintenance, health. */
    CONTROL(100);

    private static final int WHOLE = 100;
    private static final Set<String> KEEPERS = Set.of("remediation", "trail", "node");
    private final int percent;

    LoadClass(int percent) {
        this.percent = percent;
    }

    /** The class's share of a limit, at least 1. */
    long of(long limit) {
        return Math.max(1, limit * percent / WHOLE);
    }

    String wireName() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    static LoadClass of(HttpMethod method, String template, String role, Route.Place place) {
        if (place == Route.Place.ALWAYS
                || place == Route.Place.LEADER_ALWAYS
                || KEEPERS.contains(role)
                || template.startsWith("/v1/maintenance")) {
            return CONTROL;
        }
        if (method.equals(HttpMethod.GET)) {
            return READ;
        }
        boolean ends = template.endsWith("/post") || template.endsWith("/void") || template.endsWith("/approvals");
        return ends ? SETTLE : WRITE;
    }
}
