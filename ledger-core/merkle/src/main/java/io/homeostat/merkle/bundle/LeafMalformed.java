package io.homeostat.merkle.bundle;

/** The bytes are not the one encoding of any leaf; says which field and which byte of the leaf. */
public final class LeafMalformed extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final int offset;

    LeafMalformed(int offset, String field, String detail) {
        super("byte " + offset + " of the leaf, field " + field + ": " + detail);
        this.offset = offset;
    }

    /** Offset within the leaf at which the field begins. */
    public int offset() {
        return offset;
    }
}
