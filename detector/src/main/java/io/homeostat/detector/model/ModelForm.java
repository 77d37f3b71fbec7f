package io.homeostat.detector.model;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.oracle.labs.mlrg.olcut.util.Pair;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;
import org.tribuo.Example;
import org.tribuo.Excuse;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Model;
import org.tribuo.Prediction;
import org.tribuo.anomaly.Event;
import org.tribuo.impl.ModelDataCarrier;
import org.tribuo.protos.core.ModelProto;

/**
 * The protobuf form that our models share: Tribuo's metadata in field 1 and the model's own fields behind it, under a type
 * URL of the class's name and a version that a reader of today refuses when it is newer. Immutable, thread-safe.
 *
 * @param model the class, which Tribuo finds by its name when it reads
 * @param version the newest version that is written, and read
 */
record ModelForm(Class<? extends Model<Event>> model, int version) {
    /** 1000 features are 8 MB of one square matrix; no model of ours has more in one field. */
    private static final int MAX_DOUBLES = 1_000 * 1_000;

    /** Reads a model from its fields. */
    interface Reader<M> {
        M read(CodedInputStream in) throws IOException;
    }

    /** Writes a model's own fields, 2 and up. */
    interface Writer {
        void write(CodedOutputStream out) throws IOException;
    }

    <M> M read(int found, String className, Any message, Reader<M> reader) throws InvalidProtocolBufferException {
        if (found < 0 || found > version) {
            throw new IllegalArgumentException("version of " + className + " must be at most " + version + " but is "
                    + found + "; use a newer detector");
        }
        if (!message.getTypeUrl().equals(typeUrl())) {
            throw new IllegalArgumentException("expected " + typeUrl() + " but found " + message.getTypeUrl());
        }
        try {
            return reader.read(message.getValue().newCodedInput());
        } catch (InvalidProtocolBufferException e) {
            throw e;
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory can not fail", e);
        }
    }

    ModelProto write(ModelDataCarrier<Event> metadata, Writer fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            out.writeMessage(1, metadata.serialize());
            fields.write(out);
            out.flush();
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory can not fail", e);
        }
        return ModelProto.newBuilder()
                .setVersion(version)
                .setClassName(model.getName())
                .setSerializedData(
                        Any.newBuilder().setTypeUrl(typeUrl()).setValue(ByteString.copyFrom(bytes.toByteArray())))
                .build();
    }

    private String typeUrl() {
        return "type.googleapis.com/io.homeostat.detector." + model.getSimpleName();
    }

    /** The outputs of a model that was read; one that tells something else than anomalies is refused. */
    @SuppressWarnings("unchecked") // Checked by the output domain.
    static ImmutableOutputInfo<Event> outputs(ModelDataCarrier<?> metadata) {
        if (!(metadata.outputDomain().getOutput(0) instanceof Event)) {
            throw new IllegalArgumentException("expected a model of anomaly events");
        }
        return (ImmutableOutputInfo<Event>) metadata.outputDomain();
    }

    /** An anomaly above the threshold, expected at it and below. */
    static Prediction<Event> prediction(Example<Event> example, double score, double threshold) {
        Event.EventType type = score > threshold ? Event.EventType.ANOMALOUS : Event.EventType.EXPECTED;
        return new Prediction<>(new Event(type, score), example.size(), example);
    }

    /** What each feature adds to an oddness, the odd ones first and equal ones by name. */
    static Optional<Excuse<Event>> excuse(
            Example<Event> example,
            Prediction<Event> prediction,
            int features,
            IntFunction<String> name,
            IntToDoubleFunction share) {
        List<Pair<String, Double>> ranked = new ArrayList<>();
        for (int j = 0; j < features; j++) {
            ranked.add(new Pair<>(name.apply(j), share.applyAsDouble(j)));
        }
        ranked.sort(Comparator.comparing((Pair<String, Double> p) -> -p.getB()).thenComparing(Pair::getA));
        return Optional.of(new Excuse<>(example, prediction, Map.of(Model.ALL_OUTPUTS, ranked)));
    }

    static void writePacked(CodedOutputStream out, int field, double[] values) throws IOException {
        out.writeTag(field, 2);
        out.writeUInt32NoTag(values.length * Double.BYTES);
        for (double value : values) {
            out.writeDoubleNoTag(value);
        }
    }

    static double[] readPacked(CodedInputStream in) throws IOException {
        int length = in.readRawVarint32();
        if (length < 0 || length % Double.BYTES != 0 || length / Double.BYTES > MAX_DOUBLES) {
            throw new InvalidProtocolBufferException("a packed double field has " + length + " bytes");
        }
        CodedInputStream packed = ByteString.copyFrom(in.readRawBytes(length)).newCodedInput();
        double[] values = new double[length / Double.BYTES];
        for (int i = 0; i < values.length; i++) {
            values[i] = packed.readDouble();
        }
        return values;
    }
}
