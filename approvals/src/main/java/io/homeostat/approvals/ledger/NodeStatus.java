package io.homeostat.approvals.ledger;

import java.net.URI;

/**
 * What one node says of itself ({@code GET /v1/status}); never absent: a node without an answer is a fact too.
 *
 * @param gate {@code open}, {@code fenced}, {@code diverged}, {@code starting}, or {@code no answer}
 */
public record NodeStatus(URI api, String id, String role, String gate, boolean answered) {}
