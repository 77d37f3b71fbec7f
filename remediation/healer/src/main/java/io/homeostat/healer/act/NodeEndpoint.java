package io.homeostat.healer.act;

import java.net.URI;
import java.util.regex.Pattern;

/**
 * Where a node of the ledger and its sidecar are reached.
 *
 * @param ledgerApi root of the node's public API, for example {@code http://127.0.0.1:8081}
 * @param sidecarApi root of the sidecar's control API
 */
public record NodeEndpoint(String id, String zone, URI ledgerApi, URI sidecarApi) {
    private static final Pattern ID = Pattern.compile("[a-z0-9._-]{1,64}");

    public NodeEndpoint {
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException("node id must match " + ID + " but is '" + id + "'");
        }
        requireHttp(id, "ledgerApi", ledgerApi);
        requireHttp(id, "sidecarApi", sidecarApi);
    }

    private static void requireHttp(String id, String field, URI uri) {
        if (!"http".equals(uri.getScheme()) && !"https".equals(uri.getScheme())) {
            throw new IllegalArgumentException(
                    field + " of node " + id + " must be an absolute http or https URI but is '" + uri + "'");
        }
    }
}
