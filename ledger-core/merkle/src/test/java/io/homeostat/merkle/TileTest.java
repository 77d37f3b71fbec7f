package io.homeostat.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** C2SP tlog-tiles: the examples of its text, and tiles against the definition. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TileTest {
    @Test
    void paths_are_those_of_the_specification() {
        assertThat(TilePath.ofHashes(0, 1_234_067, 256).text()).isEqualTo("0/x001/x234/067");
        assertThat(TilePath.ofEntries(1_234_067, 8).text()).isEqualTo("entries/x001/x234/067.p/8");
        assertThat(TilePath.parse("0/x001/x234/067")).isEqualTo(TilePath.ofHashes(0, 1_234_067, 256));
        assertThat(TilePath.parse("63/000.p/255")).isEqualTo(TilePath.ofHashes(63, 0, 255));
        assertThat(TilePath.parse("entries/999")).isEqualTo(TilePath.ofEntries(999, 256));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0",
                "0/",
                "00/000",
                "01/000",
                "64/000",
                "-1/000",
                "0/0",
                "0/1234",
                "0/x000/001",
                "0/x001/x000",
                "0/001/002",
                "0/000.p/0",
                "0/000.p/256",
                "0/000.p/01",
                "0/000.p/",
                "0/000.p/1/",
                "0/000/",
                "/0/000",
                "entries",
                "entries/",
                "entries/x001",
                "Entries/000",
                "0/\u0660\u0660\u0660",
                "0/000?x",
                "0/../000",
                "0/x001/x000/x000/x000/x000/x000/000"
            })
    void other_spellings_are_refused(String path) {
        assertThatThrownBy(() -> TilePath.parse(path)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_tree_of_70000_leaves_has_the_tiles_that_the_specification_counts(@TempDir Path directory) {
        assertThat(TilePath.ofHashes(0, 272, 256).leavesNeeded()).isLessThanOrEqualTo(70_000);
        assertThat(TilePath.ofHashes(0, 273, 112).leavesNeeded()).isEqualTo(70_000);
        assertThat(TilePath.ofHashes(0, 273, 113).leavesNeeded()).isGreaterThan(70_000);
        assertThat(TilePath.ofHashes(1, 0, 256).leavesNeeded()).isEqualTo(65_536);
        assertThat(TilePath.ofHashes(1, 1, 17).leavesNeeded()).isLessThanOrEqualTo(70_000);
        assertThat(TilePath.ofHashes(1, 1, 18).leavesNeeded()).isGreaterThan(70_000);
        assertThat(TilePath.ofHashes(2, 0, 1).leavesNeeded()).isEqualTo(65_536);
        assertThat(TilePath.ofHashes(2, 0, 2).leavesNeeded()).isGreaterThan(70_000);
        assertThat(TilePath.ofHashes(63, 999_999_999_999_999_999L, 256).leavesNeeded())
                .isEqualTo(Long.MAX_VALUE);
        assertThat(TilePath.ofHashes(7, 0, 128).leavesNeeded()).isEqualTo(Long.MAX_VALUE);

        try (MerkleLog log = MerkleLog.open(directory)) {
            List<byte[]> hashes = new ArrayList<>();
            for (int i = 0; i < 70_000; i++) {
                byte[] leaf = Integer.toString(i).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
                log.append(leaf);
                hashes.add(MerkleTree.leafHash(leaf));
            }
            assertThat(log.tile(TilePath.ofHashes(0, 273, 112))).isEqualTo(join(hashes.subList(273 * 256, 70_000)));
            List<byte[]> above = level(hashes);
            assertThat(log.tile(TilePath.ofHashes(1, 0, 256))).isEqualTo(join(above.subList(0, 256)));
            assertThat(log.tile(TilePath.ofHashes(1, 1, 17))).isEqualTo(join(above.subList(256, 273)));
            assertThat(log.tile(TilePath.ofHashes(2, 0, 1))).isEqualTo(join(level(above)));
            assertThatThrownBy(() -> log.tile(TilePath.ofHashes(2, 0, 2))).hasMessageContaining("0..70000");
            assertThatThrownBy(() -> log.tile(TilePath.ofEntries(0, 1))).hasMessageContaining("leaves, not hashes");
        }
    }

    @Test
    void a_bundle_of_entries_comes_back_and_anything_cut_is_refused() {
        List<byte[]> entries = List.of(new byte[] {1}, new byte[0], new byte[EntryBundle.MAX_ENTRY_BYTES]);
        byte[] bundle = EntryBundle.encode(entries);

        assertThat(bundle).startsWith(0, 1, 1, 0, 0, 0xFF, 0xFF);
        assertThat(EntryBundle.decode(bundle, 3))
                .usingElementComparator(Arrays::compare)
                .containsExactlyElementsOf(entries);
        assertThatThrownBy(() -> EntryBundle.decode(bundle, 2)).hasMessageContaining("byte 5: a bundle has at most 2");
        assertThatThrownBy(() -> EntryBundle.decode(Arrays.copyOf(bundle, bundle.length - 1), 3))
                .hasMessageContaining("byte 5");
        assertThatThrownBy(() -> EntryBundle.decode(Arrays.copyOf(bundle, 6), 3))
                .hasMessageContaining("cut off");
        assertThatThrownBy(() -> EntryBundle.encode(List.of(new byte[0x10000])))
                .hasMessageContaining("entry 0")
                .hasMessageContaining("65535");
    }

    /** Roots of every 256 of these, by the reference tree's rule for nodes. */
    private static List<byte[]> level(List<byte[]> hashes) {
        List<byte[]> above = new ArrayList<>();
        for (int tile = 0; tile + 256 <= hashes.size(); tile += 256) {
            List<byte[]> row = new ArrayList<>(hashes.subList(tile, tile + 256));
            while (row.size() > 1) {
                List<byte[]> next = new ArrayList<>();
                for (int i = 0; i < row.size(); i += 2) {
                    next.add(MerkleTree.nodeHash(row.get(i), row.get(i + 1)));
                }
                row = next;
            }
            above.add(row.get(0));
        }
        return above;
    }

    private static byte[] join(List<byte[]> hashes) {
        byte[] all = new byte[hashes.size() * 32];
        for (int i = 0; i < hashes.size(); i++) {
            System.arraycopy(hashes.get(i), 0, all, i * 32, 32);
        }
        return all;
    }
}
