package io.homeostat.detector.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
        assertThat(EventCodec.sha256Hex(Files.readAllBytes(file(digest)))).isEqualTo(digest);
        assertThat(store.window(digest)).isEqualTo(Files.readAllBytes(file(digest)));
        assertThat(windows()).isEqualTo(1);
    }

    @Test
    void a_changed_a_missing_and_a_too_big_file_are_refused_with_what_was_expected() throws IOException {
        EvidenceStore store = new EvidenceStore(folder, new EvidenceLimits(1_000_000, 10, 50));
        String digest = store.seal(Map.of("node", "n1"));
        Files.writeString(file(digest), "{\"node\":\"n2\"}");

        assertThatThrownBy(() -> store.window(digest))
                .isInstanceOf(EvidenceException.class)
                .hasMessageContaining("was changed: expected SHA-256 " + digest);
        String big = store.seal(Map.of("text", "x".repeat(100)));
        assertThatThrownBy(() -> store.window(big)).hasMessageContaining("at most 50 bytes");
        assertThatThrownBy(() -> store.window("0".repeat(64))).hasMessageContaining("is missing");
        assertThatThrownBy(() -> store.window("../../secret")).hasMessageContaining("64 hex digits");
        assertThatThrownBy(() -> store.alert("../secret")).hasMessageContaining("must match");

        assertThat(store.seal(Map.of("node", "n1"))).isEqualTo(digest);
        assertThat(store.window(digest)).as("sealed again, it is whole again").isNotEmpty();
    }

    @Test
    void the_oldest_windows_go_when_the_store_is_full_but_never_the_newest() throws IOException {
        EvidenceStore store = new EvidenceStore(folder, new EvidenceLimits(25, 10, 1_000));
        String first = store.seal(Map.of("i", 1000000));
        Files.setLastModifiedTime(file(first), FileTime.fromMillis(1));
        String second = store.seal(Map.of("i", 2000000));

        assertThat(file(first)).doesNotExist();
        assertThat(file(second)).exists();
        String big = store.seal(Map.of("text", "x".repeat(100)));
        assertThat(file(big)).exists();
        assertThat(windows()).isEqualTo(1);
    }

    private Path file(String digest) {
        return folder.resolve("windows").resolve(digest + ".json");
    }

    private long windows() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("windows"))) {
            return files.count();
        }
    }
}
