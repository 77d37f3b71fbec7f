package io.homeostat.detector.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class EvidenceStoreTest {
    @TempDir
    Path folder;

    @Test
    void a_window_is_stored_under_the_digest_of_its_bytes_and_only_once() throws IOException {
        EvidenceStore store = new EvidenceStore(folder, EvidenceLimits.defaults());

        String digest = store.seal(Map.of("node", "n1", "score", 0.1));
        String again = store.seal(Map.of("score", 0.1, "node", "n1"));

        assertThat(again).isEqualTo(digest);
        assertThat(EventCodec.sha256Hex(Files.readAllBytes(folder.resolve(digest + ".json"))))
                .isEqualTo(digest);
        assertThat(files()).isEqualTo(1);
    }

    @Test
    void the_oldest_windows_go_when_the_store_is_full_but_never_the_newest() throws IOException {
        EvidenceStore store = new EvidenceStore(folder, new EvidenceLimits(25));
        String first = store.seal(Map.of("i", 1000000));
        Files.setLastModifiedTime(folder.resolve(first + ".json"), FileTime.fromMillis(1));
        String second = store.seal(Map.of("i", 2000000));

        assertThat(folder.resolve(first + ".json")).doesNotExist();
        assertThat(folder.resolve(second + ".json")).exists();
        String big = store.seal(Map.of("text", "x".repeat(100)));
        assertThat(folder.resolve(big + ".json")).exists();
        assertThat(files()).isEqualTo(1);
    }

    private long files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }
}
