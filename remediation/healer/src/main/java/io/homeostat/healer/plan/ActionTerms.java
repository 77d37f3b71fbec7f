package io.homeostat.healer.plan;

import io.homeostat.events.ActionKind;

/** Pre- and postcondition and undo of each kind, in words; the code that checks them belongs to the action. */
record ActionTerms(String precondition, String postcondition, String undo) {
    static ActionTerms of(ActionKind kind) {
        return switch (kind) {
            case ISOLATE ->
                new ActionTerms(
                        "the healthy active nodes left are a majority and hold a verified copy",
                        "the ledger records the node as isolated",
                        "READMIT");
            case TRANSFER_LEADERSHIP ->
                new ActionTerms(
                        "the node is the Raft leader",
                        "another node is the Raft leader",
                        "none needed: any healthy node may lead");
            case FENCE ->
                new ActionTerms(
                        "the node is isolated and a majority is healthy without it",
                        "the node's process is down and no reflex starts it",
                        "RESTART");
            case RESTART ->
                new ActionTerms(
                        "the node's process is down or answers no probe",
                        "the process runs, answers probes and its Raft log is alive",
                        "none needed: the data was not touched");
            case REMOVE_MEMBER ->
                new ActionTerms(
                        "another active node holds a verified copy and a majority is healthy without this one",
                        "the node is out of the Raft configuration",
                        "ADD_MEMBER");
            case RESYNC ->
                new ActionTerms(
                        "another active node holds a verified copy; the node is out of the Raft configuration",
                        "the process runs on a new, empty store and the old data lies aside",
                        "the old data was moved aside, not deleted: fence, move it back, restart");
            case ADD_MEMBER ->
                new ActionTerms(
                        "the node's process runs on a store that is filled from verified peers",
                        "the node is in the Raft configuration",
                        "REMOVE_MEMBER");
            case READMIT ->
                new ActionTerms(
                        "the node's state digest equals the majority's at or after the recovery",
                        "the ledger records the node as active",
                        "ISOLATE");
        };
    }
}
