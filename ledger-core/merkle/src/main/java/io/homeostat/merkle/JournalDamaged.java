package io.homeostat.merkle;

/** Bytes on disk are not the bytes that were written: the place is named, nothing is repaired by guessing. */
public final class JournalDamaged extends JournalFault {
    private static final long serialVersionUID = 1L;

    private final String file;
    private final long sequence;
    private final long offset;

    JournalDamaged(String file, long sequence, long offset, String detail) {
        super(file + ": leaf " + sequence + " at byte " + offset + ": " + detail, null);
        this.file = file;
        this.sequence = sequence;
        this.offset = offset;
    }

    /** Name of the file within the log's directory. */
    public String file() {
        return file;
    }

    /** Sequence of the leaf that can not be read. */
    public long sequence() {
        return sequence;
    }

    /** Byte offset of its frame in the file. */
    public long offset() {
        return offset;
    }
}
