package io.homeostat.merkle;

/**
 * Bounds of a {@link MerkleLog}.
 *
 * @param segmentBytes a new segment file is begun when the next frame would pass this; 64 MiB copies in a second and keeps
 *     the file count of a billion leaves near a thousand
 * @param leafBytes largest leaf, the smallest has 1 byte; 1 MiB holds a genesis of thousands of keys and any incident event
 * @param bufferBytes frames and hashes gathered before a write call; 256 KiB makes the call's cost vanish
 * @param readLeaves most leaves that one read returns, as the journal route promises
 * @param readBytes a read ends after the frame that reaches this; 4 MiB as the journal route promises
 */
public record MerkleLogLimits(int segmentBytes, int leafBytes, int bufferBytes, int readLeaves, int readBytes) {
    public MerkleLogLimits {
        requirePositive(segmentBytes, "segmentBytes");
        requirePositive(leafBytes, "leafBytes");
        requirePositive(bufferBytes, "bufferBytes");
        requirePositive(readLeaves, "readLeaves");
        requirePositive(readBytes, "readBytes");
    }

    public static MerkleLogLimits defaults() {
        return new MerkleLogLimits(64 << 20, 1 << 20, 256 << 10, 65_536, 4 << 20);
    }

    private static void requirePositive(int value, String name) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + " must be positive but is " + value);
        }
    }
}
