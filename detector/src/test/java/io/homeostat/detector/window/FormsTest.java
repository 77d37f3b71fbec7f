package io.homeostat.detector.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homeostat.detector.signal.NodeSamples;
import io.homeostat.detector.signal.Sample;
import io.homeostat.detector.signal.Sample.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** Samples and windows as they lie in buffers, state and savepoints. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class FormsTest {
    private final Random random = new Random(7);

    @Test
    void what_is_written_is_read_to_the_bit() throws IOException {
        for (int i = 0; i < 200; i++) {
            assertSame(NodeSamples.class, new NodeSamples(text(), random.nextLong(), samples()));
            Map<String, Double> values = new LinkedHashMap<>();
            samples().forEach(sample -> values.put(sample.signal(), sample.value()));
            assertSame(
                    NodeWindow.class,
                    new NodeWindow(
                            text(), random.nextLong(), 1, random.nextBoolean(), 2, values, samples(), samples()));
            OpenWindow open = new OpenWindow();
            open.samples = samples();
            open.reported.add(text());
            assertSame(OpenWindow.class, open);
            PreviousPoints previous = new PreviousPoints();
            samples().stream().limit(1).forEach(sample -> previous.points.put(text(), sample));
            assertSame(PreviousPoints.class, previous);
        }
    }

    @Test
    void a_copy_of_an_open_window_does_not_change_with_it() {
        OpenWindow open = new OpenWindow();
        open.samples.addAll(samples());
        int size = open.samples.size();

        OpenWindow copy = serializer(OpenWindow.class).copy(open);
        open.samples.addAll(samples());
        open.reported.add("node.up");

        assertThat(copy.samples).hasSize(size);
        assertThat(copy.reported).isEmpty();
    }

    @Test
    void a_savepoint_names_the_form_and_another_form_is_refused() throws IOException {
        TypeSerializerSnapshot<NodeWindow> ours = serializer(NodeWindow.class).snapshotConfiguration();
        DataOutputSerializer out = new DataOutputSerializer(64);
        TypeSerializerSnapshot.writeVersionedSnapshot(out, ours);

        TypeSerializerSnapshot<NodeWindow> read = TypeSerializerSnapshot.readVersionedSnapshot(
                new DataInputDeserializer(out.getCopyOfBuffer()), getClass().getClassLoader());

        assertThat(read.restoreSerializer()).isEqualTo(serializer(NodeWindow.class));
        assertThat(ours.resolveSchemaCompatibility(read).isCompatibleAsIs()).isTrue();
        assertThat(serializer(OpenWindow.class)).isNotEqualTo(serializer(NodeWindow.class));
    }

    @Test
    void a_text_that_is_too_long_is_refused_by_its_length() {
        NodeSamples batch = new NodeSamples("n".repeat(70_000), 1, List.of());

        assertThatThrownBy(() -> serializer(NodeSamples.class).serialize(batch, new DataOutputSerializer(64)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("at most 65535 bytes but found 70000");
    }

    private static <T> void assertSame(Class<T> type, T value) throws IOException {
        TypeSerializer<T> serializer = serializer(type);
        DataOutputSerializer out = new DataOutputSerializer(64);
        serializer.serialize(value, out);
        DataInputDeserializer in = new DataInputDeserializer(out.getCopyOfBuffer());
        T read = serializer.deserialize(in);
        assertThat(read).usingRecursiveComparison().isEqualTo(value);
        assertThat(in.available()).isZero();
        DataOutputSerializer again = new DataOutputSerializer(64);
        serializer.serialize(read, again);
        assertThat(again.getCopyOfBuffer()).isEqualTo(out.getCopyOfBuffer());
    }

    private static <T> TypeSerializer<T> serializer(Class<T> type) {
        return TypeInformation.of(type).createSerializer(new SerializerConfigImpl());
    }

    private List<Sample> samples() {
        List<Sample> samples = new ArrayList<>();
        for (int i = random.nextInt(6); i > 0; i--) {
            Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
            boolean histogram = kind == Kind.CUMULATIVE_HISTOGRAM || kind == Kind.DELTA_HISTOGRAM;
            double value = 1e9 * random.nextGaussian();
            samples.add(
                    histogram
                            ? new Sample(
                                    text(),
                                    text(),
                                    random.nextLong(),
                                    random.nextLong(),
                                    kind,
                                    0,
                                    random.doubles(3).toArray(),
                                    random.longs(4).toArray())
                            : Sample.ofNumber(text(), text(), random.nextLong(), random.nextLong(), kind, value));
        }
        return samples;
    }

    private String text() {
        return random.ints(random.nextInt(12), ' ', 0x2000)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
