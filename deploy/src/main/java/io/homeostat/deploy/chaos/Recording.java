package io.homeostat.deploy.chaos;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.homeostat.deploy.rest.Rest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code events.json} of a recording: what happened to whom, and when. Times are milliseconds since 1970.
 *
 * @param medianWriteMillis a write in normal work; severities are percents of it
 * @param leftOut kinds that this machine could not make
 * @param requests OTLP requests that were kept
 */
record Recording(
        long seed,
        int nodes,
        boolean soak,
        boolean inNamespaces,
        long beganMillis,
        long endMillis,
        int normalSeconds,
        double medianWriteMillis,
        List<String> leftOut,
        long requests,
        List<RecordedEvent> events) {
    static final String FILE = "events.json";

    Recording {
        leftOut = List.copyOf(leftOut);
        events = List.copyOf(events);
    }

    List<RecordedEvent> faults() {
        return events.stream().filter(RecordedEvent::fault).toList();
    }

    List<String> nodeIds() {
        List<String> ids = new ArrayList<>();
        for (int node = 1; node <= nodes; node++) {
            ids.add(ChaosCluster.id(node));
        }
        return ids;
    }

    void write(Path folder) throws IOException {
        Files.write(
                folder.resolve(FILE), Rest.JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this));
    }

    /** @throws IllegalArgumentException when the folder holds no recording */
    static Recording read(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            return Rest.JSON.readValue(Files.readAllBytes(file), Recording.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(file + " is malformed: " + e.getOriginalMessage(), e);
        } catch (java.nio.file.NoSuchFileException e) {
            throw new IllegalArgumentException(
                    "expected a recording of './homeostat chaos record' in " + folder + " but found no " + FILE, e);
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + file, e);
        }
    }
}
