package io.homeostat.ledger.gate;

import io.homeostat.ledger.gate.Genesis.Key;
import io.homeostat.ledger.journal.LedgerEvent;
import io.homeostat.ledger.journal.LedgerEvent.Demand;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One question to people: what exactly, who must agree, and who has. Only an event changes it. Not thread-safe.
 */
public final class ApprovalCase {
    private final LedgerEvent.CaseOpened opened;
    private final long openedAtMicros;
    private final long openedSequence;
    private final List<Recorded> approvals = new ArrayList<>();
    private State state = State.OPEN;
    private long decidedSequence = -1;
    private long refusals;
    private LedgerEvent.@Nullable ChangeProposed change;

    public ApprovalCase(LedgerEvent.CaseOpened opened, long openedAtMicros, long openedSequence) {
        this.opened = opened;
        this.openedAtMicros = openedAtMicros;
        this.openedSequence = openedSequence;
    }

    /** The number of a decided state is that of the CASE_DECIDED leaf. */
    public enum State {
        OPEN(0),
        APPROVED(LedgerEvent.CASE_APPROVED),
        DENIED(LedgerEvent.CASE_DENIED),
        EXPIRED(LedgerEvent.CASE_EXPIRED),
        /** Another change took effect that this one does not fit any more. */
        SUPERSEDED(LedgerEvent.CASE_SUPERSEDED);

        private final int number;

        State(int number) {
            this.number = number;
        }

        public int number() {
            return number;
        }

        public static State of(int number) {
            return values()[number];
        }
    }

    /**
     * A signature that counts, with the role that its person fills or stands in for.
     *
     * @param place of the demand among those of the case
     */
    public record Recorded(LedgerEvent.ApprovalRecorded event, String person, String role, int place, long sequence) {
        boolean approves() {
            return event.decision() == LedgerEvent.DECISION_APPROVE;
        }
    }

    public LedgerEvent.CaseOpened opened() {
        return opened;
    }

    public String id() {
        return opened.caseId();
    }

    public boolean ofTransfer() {
        return opened.kind() == LedgerEvent.CASE_OF_TRANSFER;
    }

    public boolean ofChange() {
        return opened.kind() == LedgerEvent.CASE_OF_POLICY || opened.kind() == LedgerEvent.CASE_OF_KEYS;
    }

    /** What the case would change, null when it changes neither policy nor keys. */
    public LedgerEvent.@Nullable ChangeProposed change() {
        return change;
    }

    public void propose(LedgerEvent.ChangeProposed event) {
        change = event;
    }

    public long openedAtMicros() {
        return openedAtMicros;
    }

    public long openedSequence() {
        return openedSequence;
    }

    public State state() {
        return state;
    }

    public long decidedSequence() {
        return decidedSequence;
    }

    public List<Recorded> approvals() {
        return Collections.unmodifiableList(approvals);
    }

    public long refusals() {
        return refusals;
    }

    public boolean payloadIs(byte[] digest) {
        return Arrays.equals(opened.payload(), digest);
    }

    public boolean hasDecided(String person) {
        for (Recorded approval : approvals) {
            if (approval.person().equals(person)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The demand that this key's person fills, -1 for none: the first that the person holds the role of; once the case has
     * escalated, also any for a person with an escalation role. An approval fills a demand that is still open, while a deny
     * may come from anybody who could ever have filled one: saying no must never be too late.
     */
    public int placeFor(Key key, boolean approve, long timeMicros) {
        List<Demand> demands = opened.demands();
        for (int i = 0; i < demands.size(); i++) {
            if (key.roles().contains(demands.get(i).role()) && (!approve || missing(i) > 0)) {
                return i;
            }
        }
        boolean standsIn = opened.escalatesMicros() > 0
                && timeMicros >= opened.escalatesMicros()
                && opened.escalationRoles().stream().anyMatch(key.roles()::contains);
        for (int i = 0; standsIn && i < demands.size(); i++) {
            if (!approve || missing(i) > 0) {
                return i;
            }
        }
        return -1;
    }

    /** True when one more approval at {@code place} fills the last demand. */
    public boolean completeWith(int place) {
        for (int i = 0; i < opened.demands().size(); i++) {
            if (missing(i) > (i == place ? 1 : 0)) {
                return false;
            }
        }
        return true;
    }

    public void record(LedgerEvent.ApprovalRecorded event, Key key, long timeMicros, long sequence) {
        boolean approve = event.decision() == LedgerEvent.DECISION_APPROVE;
        restore(event, key.person(), placeFor(key, approve, timeMicros), sequence);
    }

    /** Puts an approval of a snapshot back. */
    public void restore(LedgerEvent.ApprovalRecorded event, String person, int place, long sequence) {
        String role = opened.demands().get(place).role();
        approvals.add(new Recorded(event, person, role, place, sequence));
    }

    /** What was signed with this key counts no more: the person may decide again with another. */
    public void forgetKey(String keyId) {
        approvals.removeIf(approval -> approval.event().keyId().equals(keyId));
    }

    /** What this person signed counts no more: the roles that it was signed in have changed. */
    public void forgetPerson(String person) {
        approvals.removeIf(approval -> approval.person().equals(person));
    }

    public void decide(State outcome, long sequence) {
        state = outcome;
        decidedSequence = sequence;
    }

    public void countRefusal() {
        refusals++;
    }

    /** Puts the count of a snapshot back. */
    public void refusals(long count) {
        refusals = count;
    }

    private int missing(int place) {
        int missing = opened.demands().get(place).count();
        for (Recorded approval : approvals) {
            if (approval.place() == place && approval.approves()) {
                missing--;
            }
        }
        return missing;
    }
}
