package io.homeostat.ledger.raft;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.ledger.StorageDamaged;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RaftMetadataTest {
    @TempDir
    Path folder;

    @Test
    void a_node_that_never_began_has_none() {
        assertThatCode(() -> RaftMetadata.requireSound(folder.resolve("raft-meta"), "n1"))
                .doesNotThrowAnyException();
    }

    @Test
    void a_term_and_a_vote_are_sound() throws IOException {
        Path file = Files.writeString(folder.resolve("raft-meta"), "#\n#Sat Nov 21\nterm=7\nvotedFor=n2\n");

        assertThatCode(() -> RaftMetadata.requireSound(file, "n1")).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "#\n", "term=\n", "ter", "term=-1\n", "term=x\nvotedFor=n2\n"})
    void what_a_full_disk_leaves_is_a_lost_vote(String left) throws IOException {
        Path file = Files.writeString(folder.resolve("raft-meta"), left);

        assertThatThrownBy(() -> RaftMetadata.requireSound(file, "n1"))
                .isInstanceOf(StorageDamaged.class)
                .hasMessageContaining("n1")
                .hasMessageContaining("--rebuild");
    }
}
