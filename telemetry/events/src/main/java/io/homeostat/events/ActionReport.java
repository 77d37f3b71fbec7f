package io.homeostat.events;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a sidecar says of an action: answer to {@code POST /v1/actions} and {@code GET /v1/actions/ID}. */
public record ActionReport(
        String actionId,
        ActionKind kind,
        ActionOutcome outcome,
        String detail,
        Instant startedAt,
        @Nullable Instant finishedAt) {
    public ActionReport {
        Objects.requireNonNull(actionId, "actionId");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(outcome, "outcome");
        Objects.requireNonNull(detail, "detail");
        Objects.requireNonNull(startedAt, "startedAt");
    }
}
