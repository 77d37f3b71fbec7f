package io.homeostat.agent.action;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class QuarantineTest {
    @TempDir
    Path folder;

    @Test
    void data_is_moved_whole_and_only_the_newest_quarantine_is_kept() throws IOException {
        Path data = folder.resolve("n1");
        Quarantine quarantine = new Quarantine(data);
        for (long millis = 998; millis <= 1001; millis++) {
            Files.createDirectories(data.resolve("raft"));
            Files.writeString(data.resolve("raft/log"), "run " + millis);
            quarantine.moveAside(millis);
        }

        quarantine.keepNewest();

        try (var entries = Files.list(folder)) {
            assertThat(entries).containsExactly(folder.resolve("n1.quarantine-1001"));
        }
        assertThat(folder.resolve("n1.quarantine-1001/raft/log")).hasContent("run 1001");
    }

    @Test
    void neighbours_and_the_targets_of_links_are_not_touched() throws IOException {
        Path neighbour =
                Files.writeString(Files.createDirectory(folder.resolve("n10")).resolve("log"), "n10");
        Path notOurs = Files.createDirectory(folder.resolve("n1.quarantine-old"));
        Path data = Files.createDirectory(folder.resolve("n1"));
        Files.createSymbolicLink(data.resolve("link"), neighbour.getParent());
        Quarantine quarantine = new Quarantine(data);
        quarantine.moveAside(1);
        Files.createDirectory(data);
        quarantine.moveAside(2);

        quarantine.keepNewest();

        assertThat(neighbour).hasContent("n10");
        assertThat(notOurs).exists();
        assertThat(folder.resolve("n1.quarantine-1")).doesNotExist();
    }

    @Test
    void a_node_without_data_has_nothing_to_move() throws IOException {
        assertThat(new Quarantine(folder.resolve("n1")).moveAside(1)).isEmpty();
    }
}
