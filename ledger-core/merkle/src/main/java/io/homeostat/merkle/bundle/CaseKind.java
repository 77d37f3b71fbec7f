package io.homeostat.merkle.bundle;

/** What an approval case is about; the number is the encoding. */
public enum CaseKind {
    TRANSFER(1, "transfer:"),
    RECOVERY(2, "recovery:"),
    POLICY(3, "policy:"),
    KEYS(4, "keys:");

    private final int number;
    private final String prefix;

    CaseKind(int number, String prefix) {
        this.number = number;
        this.prefix = prefix;
    }

    public int number() {
        return number;
    }

    /** How the ids of such cases begin. */
    public String prefix() {
        return prefix;
    }
}
