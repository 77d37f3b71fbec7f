package io.homeostat.detector.screening;

/** Account as the journal created it, or a held transfer: what later leaves refer to by number or id. Flat for Flink. */
public final class JournalState {
    private JournalState() {}

    /** @param accountClass of docs/encoding.md */
    public record Account(String id, String asset, int exponent, int accountClass) {}

    /** @param asked whether a verdict was asked for, so that its attempt was counted */
    public record Held(int debit, int credit, long amountMinor, boolean asked) {}
}
