package io.homeostat.deploy.chaos;

/** Seeds from the first to the last, both included, as {@code A-B} on the command line. */
public record SeedRange(long first, long last) {
    private static final long MOST = 100_000;

    public SeedRange {
        if (first < 0 || last < first || last - first >= MOST) {
            throw new IllegalArgumentException(
                    "--seeds must be A-B with 0 <= A <= B and at most " + MOST + " seeds but is " + first + "-" + last);
        }
    }

    public static SeedRange of(String text) {
        String[] parts = text.split("-", -1);
        try {
            long first = Long.parseLong(parts[0]);
            return new SeedRange(first, parts.length == 1 ? first : Long.parseLong(parts[1]));
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw new IllegalArgumentException("--seeds must be A-B, for example 1-20, but is '" + text + "'", e);
        }
    }
}
