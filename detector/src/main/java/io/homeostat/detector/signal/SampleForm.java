package io.homeostat.detector.signal;

import io.homeostat.detector.flat.Flat;
import io.homeostat.detector.signal.Sample.Kind;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Samples in buffers and state:
 *
 * <pre>
 * samples   i32 count | sample*
 * sample    text signal | text series | i64 timeMillis | i64 startMillis | u8 kind | double value
 *           | histograms only: doubles bounds | longs counts
 * </pre>
 */
public final class SampleForm {
    /** The order is that of {@link Kind}, and part of every savepoint. */
    private static final Kind[] KINDS = Kind.values();

    private SampleForm() {}

    public static void write(List<Sample> samples, DataOutput out) throws IOException {
        out.writeInt(samples.size());
        for (Sample sample : samples) {
            write(sample, out);
        }
    }

    public static List<Sample> readList(DataInput in) throws IOException {
        int count = in.readInt();
        List<Sample> samples = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            samples.add(read(in));
        }
        return samples;
    }

    public static void write(Sample sample, DataOutput out) throws IOException {
        Flat.writeText(out, sample.signal());
        Flat.writeText(out, sample.series());
        out.writeLong(sample.timeMillis());
        out.writeLong(sample.startMillis());
        out.writeByte(sample.kind().ordinal());
        Flat.writeDouble(out, sample.value());
        if (isHistogram(sample.kind())) {
            Flat.writeDoubles(out, sample.bounds());
            Flat.writeLongs(out, sample.counts());
        }
    }

    public static Sample read(DataInput in) throws IOException {
        String signal = Flat.readText(in);
        String series = Flat.readText(in);
        long time = in.readLong();
        long start = in.readLong();
        Kind kind = KINDS[in.readUnsignedByte()];
        double value = Flat.readDouble(in);
        return isHistogram(kind)
                ? new Sample(signal, series, time, start, kind, value, Flat.readDoubles(in), Flat.readLongs(in))
                : Sample.ofNumber(signal, series, time, start, kind, value);
    }

    private static boolean isHistogram(Kind kind) {
        return kind == Kind.CUMULATIVE_HISTOGRAM || kind == Kind.DELTA_HISTOGRAM;
    }
}
