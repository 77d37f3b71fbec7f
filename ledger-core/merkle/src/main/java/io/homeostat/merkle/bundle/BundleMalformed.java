package io.homeostat.merkle.bundle;

/** The file is not a bundle, or not the bundle that was written: says in which section and at which byte of the file. */
public final class BundleMalformed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String section;
    private final long sequence;
    private final long offset;

    BundleMalformed(String section, long offset, String detail) {
        this(section, -1, offset, detail);
    }

    BundleMalformed(String section, long sequence, long offset, String detail) {
        super(detail);
        this.section = section;
        this.sequence = sequence;
        this.offset = offset;
    }

    /** Name of the section, {@code file} outside of every one. */
    public String section() {
        return section;
    }

    /** Position of the frame within its section, -1 when no frame is meant. */
    public long sequence() {
        return sequence;
    }

    /** Byte offset in the file. */
    public long offset() {
        return offset;
    }
}
