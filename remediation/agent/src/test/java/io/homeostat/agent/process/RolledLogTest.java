package io.homeostat.agent.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RolledLogTest {
    @TempDir
    Path folder;

    @Test
    void a_full_file_is_kept_to_its_limit_and_rolled_beyond_it() throws IOException {
        Path file = folder.resolve("logs/node.log");
        try (RolledLog log = new RolledLog(file, 10, 1)) {
            write(log, "1234567890");
            assertThat(Files.exists(file.resolveSibling("node.log.1"))).isFalse();

            write(log, "a");
        }

        assertThat(file).hasContent("a");
        assertThat(file.resolveSibling("node.log.1")).hasContent("1234567890");
    }

    @Test
    void endless_output_stays_within_its_files_and_keeps_the_newest() throws IOException {
        Path file = folder.resolve("node.log");
        try (RolledLog log = new RolledLog(file, 100, 2)) {
            for (int i = 0; i < 1000; i++) {
                write(log, String.format("%010d", i));
            }
        }

        try (var files = Files.list(folder)) {
            assertThat(files)
                    .hasSize(3)
                    .allSatisfy(f -> assertThat(Files.size(f)).isLessThanOrEqualTo(100));
        }
        assertThat(Files.readString(file)).endsWith("0000000999");
    }

    @Test
    void a_file_that_can_not_be_written_does_not_fail_the_node() throws IOException {
        Path blocked = Files.createDirectory(folder.resolve("node.log"));
        RolledLog log = new RolledLog(blocked, 100, 1);

        write(log, "lost");
        Files.delete(blocked);
        write(log, "kept");
        log.close();

        assertThat(blocked).hasContent("kept");
    }

    private static void write(RolledLog log, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        log.write(bytes, bytes.length);
    }
}
