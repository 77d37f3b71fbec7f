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
    private final int[] filled;
    private final List<Recorded> approvals = new ArrayList<>();
    private State state = State.OPEN;
    private long decidedSequence = -1;
    private long refusals;

    public ApprovalCase(LedgerEvent.CaseOpened opened, long openedAtMicros, long openedSequence) {
        this.opened = opened;
        this.openedAtMicros = openedAtMicros;
        this.openedSequence = openedSequence;
        this.filled = new int[opened.demands().size()];
    }

    /** The number of a decided state is that of the CASE_DECIDED leaf. */
    public enum State {
        OPEN(0),
        APPROVED(LedgerEvent.CASE_APPROVED),
        DENIED(LedgerEvent.CASE_DENIED),
        EXPIRED(LedgerEvent.CASE_EXPIRED);

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

    /** A signature that counted, with the role that its person fills. */
    public record Recorded(LedgerEvent.ApprovalRecorded event, String person, String role, long sequence) {}

    public LedgerEvent.CaseOpened opened() {
        return opened;
    }

    public String id() {
        return opened.caseId();
    }

    public boolean ofTransfer() {
        return opened.kind() == LedgerEvent.CASE_OF_TRANSFER;
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
     * The first demanded role in which this key's person counts; null when there is none. An approval fills a demand that is
     * still open, while a deny may come from anybody who holds a demanded role: saying no must never be too late.
     */
    public @Nullable String roleFor(Key key, boolean approve) {
        int place = placeFor(key, approve);
        return place < 0 ? null : opened.demands().get(place).role();
    }

    /** True when one more person in {@code role} fills the last demand. */
    public boolean completeWith(String role) {
        for (int i = 0; i < filled.length; i++) {
            Demand demand = opened.demands().get(i);
            int missing = demand.count() - filled[i];
            if (missing > (demand.role().equals(role) ? 1 : 0)) {
                return false;
            }
        }
        return true;
    }

    public void record(LedgerEvent.ApprovalRecorded event, Key key, long sequence) {
        boolean approve = event.decision() == LedgerEvent.DECISION_APPROVE;
        int place = placeFor(key, approve);
        String role = opened.demands().get(place).role();
        if (approve) {
            filled[place]++;
        }
        approvals.add(new Recorded(event, key.person(), role, sequence));
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

    private int placeFor(Key key, boolean approve) {
        for (int i = 0; i < filled.length; i++) {
            Demand demand = opened.demands().get(i);
            boolean open = !approve || filled[i] < demand.count();
            if (open && key.roles().contains(demand.role())) {
                return i;
            }
        }
        return -1;
    }
}
