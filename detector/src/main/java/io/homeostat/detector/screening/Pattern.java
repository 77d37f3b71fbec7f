package io.homeostat.detector.screening;

/** The liquidity patterns that are looked for, each with the words that people read. The order is that of all arrays of features. */
public enum Pattern {
    AMOUNT_PAID("amount differs from what the payer pays"),
    AMOUNT_RECEIVED("amount differs from what the receiver gets"),
    AMOUNT_CORRIDOR("amount differs from what this payer paid this receiver"),
    AMOUNT_RARE("amounts of this size are rare in the asset"),
    VELOCITY_PAID("the payer pays more often than usual"),
    VELOCITY_RECEIVED("the receiver is paid more often than usual"),
    REPEATS("like amounts are repeated between the same two"),
    NEW_PEER("the payer never paid this receiver"),
    FAN_OUT("the payer pays more different receivers than usual"),
    FAN_IN("the receiver is paid by more different payers than usual"),
    CYCLE("a like amount comes back to where it came from"),
    PASS_THROUGH("the payer passes on what it was paid"),
    HOUR("the payer does not pay at this hour"),
    WEEKDAY("the payer does not pay on this day of the week"),
    NET_POSITION("the net position of a settlement account moves more than usual");

    static final int COUNT = values().length;
    private final String words;

    Pattern(String words) {
        this.words = words;
    }

    public String words() {
        return words;
    }

    /** Whether it compares with what is usual for an account; the others look at how transfers hang together. */
    boolean ofAmount() {
        return ordinal() <= AMOUNT_RARE.ordinal();
    }
}
