package io.homeostat.ledger.check;

/**
 * One place where what was derived is not what the journal gives.
 *
 * @param where {@code journal}, {@code tree}, {@code checkpoint}, a snapshot's file name, or {@code api}
 * @param subject account, transfer, case, node or policy, for example {@code account alice}
 * @param sequence leaf that it concerns, or the newest one that counts; -1 when there is none
 * @param expected what the journal gives
 */
public record Difference(String where, String subject, long sequence, String expected, String found) {
    @Override
    public String toString() {
        return where + ": " + subject + (sequence < 0 ? "" : " at sequence " + sequence) + ": expected " + expected
                + " but found " + found;
    }
}
