package io.homeostat.agent.action;

import io.homeostat.events.ActionReport;

/** Answer to an order. */
public sealed interface Submission {
    /** Taken, known or refused by authority: the report says which. */
    record Reported(ActionReport report) implements Submission {}

    /** Malformed: nothing was recorded. */
    record Invalid(String field, String detail) implements Submission {}

    /** Another action runs, or the id belongs to another kind. */
    record Conflict(String slug, String detail) implements Submission {}
}
