package io.homeostat.merkle.bundle;

/**
 * Bounds of what {@link BundleReader} and {@link BundleVerifier} take in: a bundle is a stranger's file.
 *
 * @param lineBytes longest header line; a section line is far below 256 bytes
 * @param smallSectionBytes most bytes of manifest and checkpoint, which are held in memory; 64 KiB as a signed note
 * @param leafBytes largest leaf, trail leaf or text, as {@link io.homeostat.merkle.MerkleLogLimits}
 * @param largeSectionBytes most bytes of journal, trail and texts, which are streamed; 64 GiB is a billion transfers
 * @param journalLeaves most leaves that are replayed; the ids of 64 million transfers take 2 GiB of heap
 * @param texts most texts, whose digests are held in memory
 * @param findings most findings that are kept; further ones are counted, one is enough to refuse
 */
public record BundleLimits(
        int lineBytes,
        int smallSectionBytes,
        int leafBytes,
        long largeSectionBytes,
        long journalLeaves,
        int texts,
        int findings) {
    public static BundleLimits defaults() {
        return new BundleLimits(256, 64 << 10, 1 << 20, 64L << 30, 64_000_000, 1_000_000, 100);
    }
}
