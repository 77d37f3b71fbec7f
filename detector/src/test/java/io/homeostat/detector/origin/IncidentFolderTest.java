package io.homeostat.detector.origin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class IncidentFolderTest {
    @TempDir
    Path folder;

    @Test
    void an_incident_is_ranked_and_marked_and_its_root_cause_changes_nothing() throws IOException {
        write("store", "300,0.1,0.02,100,100\n600,0.1,0.02,100,100\n900,0.9,0.8,100,100\n");
        List<IncidentFolder.Ranked> marked = IncidentFolder.rankAll(folder);
        write("front", "300,0.1,0.02,100,100\n600,0.1,0.02,100,100\n900,0.9,0.8,100,100\n");
        List<IncidentFolder.Ranked> other = IncidentFolder.rankAll(folder);

        assertThat(marked).singleElement().satisfies(r -> {
            assertThat(r.place()).isEqualTo(1);
            assertThat(r.incident()).isEqualTo("one");
            assertThat(r.suspects().get(0).component()).isEqualTo("store");
        });
        assertThat(other.get(0).suspects()).isEqualTo(marked.get(0).suspects());
        assertThat(other.get(0).place()).isEqualTo(2);
    }

    @Test
    void a_window_that_the_incident_falls_into_is_not_before_it() throws IOException {
        // Begins at 850: the row of 600 is of no use for what was usual.
        write("store", "300,0.1,0.02,100,100\n600,0.5,0.4,100,100\n900,0.9,0.8,100,100\n", 850);

        Suspect first = IncidentFolder.rankAll(folder).get(0).suspects().get(0);

        assertThat(first.component()).isEqualTo("store");
        assertThat(first.onsetWindow()).isZero();
    }

    @Test
    void what_is_missing_or_wrong_is_named() throws IOException {
        assertThatThrownBy(() -> IncidentFolder.rankAll(folder)).hasMessageContaining("target.json");
        write("store", "300,0.1,much,100,100\n600,0.1,0.02,100,100\n");
        assertThatThrownBy(() -> IncidentFolder.rankAll(folder)).hasMessageContaining("'much'");
        Files.delete(folder.resolve("graph.csv"));
        assertThatThrownBy(() -> IncidentFolder.rankAll(folder)).hasMessageContaining("graph.csv");
    }

    private void write(String root, String rows) throws IOException {
        write(root, rows, 900);
    }

    private void write(String root, String rows, long at) throws IOException {
        Files.writeString(folder.resolve("graph.csv"), ",front,store\nfront,0.0,1.0\nstore,0.0,0.0\n");
        Path one = Files.createDirectories(folder.resolve("one"));
        Files.writeString(
                one.resolve("metrics.csv"),
                "microservice,front,store,front,store\nmetric,latency,latency,requests,requests\n"
                        + "statistic,Average,Average,Sum,Sum\nunix_timestamp,,,,\n" + rows);
        Files.writeString(
                one.resolve("target.json"),
                "{\"target\":{\"node\":\"front\",\"metric\":\"latency\",\"timestamp\":" + at
                        + "},\"root_cause\":{\"node\":\"" + root + "\"}}");
    }
}
