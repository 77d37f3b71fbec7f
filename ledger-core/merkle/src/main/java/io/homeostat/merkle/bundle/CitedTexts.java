package io.homeostat.merkle.bundle;

import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.bundle.Leaf.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/**
 * The texts of a bundle and which of them a leaf cites. A text that nobody cites is nobody's word and is refused; a cited
 * text that is absent is fine, because texts may be erased. Not thread-safe.
 */
final class CitedTexts {
    private static final String SECTION = BundleSection.TEXTS.wireName();
    private static final int HEX_DIGITS = 64;

    private final Map<Bytes, Place> uncited = new HashMap<>();
    private final long count;

    private record Place(long index, long offset) {}

    private CitedTexts(BundleReader bundle, BundleLimits limits, Findings findings) throws IOException {
        Bytes last = null;
        long texts = 0;
        try (BundleReader.FrameCursor frames = bundle.frames(BundleSection.TEXTS)) {
            for (byte[] text = frames.next(); text != null; text = frames.next()) {
                if (++texts > limits.texts()) {
                    throw new BundleMalformed(
                            SECTION, frames.index(), frames.offset(), "more than " + limits.texts() + " texts");
                }
                Bytes digest = new Bytes(MerkleTree.sha256(text));
                if (last != null && last.compareTo(digest) >= 0) {
                    findings.add(
                            Question.INTEGRITY,
                            SECTION,
                            frames.index(),
                            frames.offset(),
                            "texts must be sorted by digest, each once");
                }
                if (!isUtf8(text)) {
                    findings.add(Question.INTEGRITY, SECTION, frames.index(), frames.offset(), "the text is not UTF-8");
                }
                uncited.put(digest, new Place(frames.index(), frames.offset()));
                last = digest;
            }
        }
        count = texts;
    }

    static CitedTexts read(BundleReader bundle, BundleLimits limits, Findings findings) throws IOException {
        return new CitedTexts(bundle, limits, findings);
    }

    long count() {
        return count;
    }

    void cite(Bytes digest) {
        uncited.remove(digest);
    }

    /** Trail leaves are JSON and cite digests as 64 lower-case hex digits. */
    void citeHexIn(byte[] json) {
        if (uncited.isEmpty()) {
            return;
        }
        int run = 0;
        for (int i = 0; i <= json.length; i++) {
            if (i < json.length && isHex(json[i])) {
                run++;
                continue;
            }
            if (run == HEX_DIGITS) {
                String hex = new String(json, i - HEX_DIGITS, HEX_DIGITS, StandardCharsets.US_ASCII);
                cite(new Bytes(HexFormat.of().parseHex(hex)));
            }
            run = 0;
        }
    }

    void reportUncited(Findings findings) {
        uncited.forEach((digest, place) -> findings.add(
                Question.INTEGRITY,
                SECTION,
                place.index,
                place.offset,
                "no leaf cites the text with digest " + digest));
    }

    private static boolean isHex(byte b) {
        return b >= '0' && b <= '9' || b >= 'a' && b <= 'f';
    }

    private static boolean isUtf8(byte[] text) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
