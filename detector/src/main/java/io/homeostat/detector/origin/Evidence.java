package io.homeostat.detector.origin;

import java.util.Objects;

/**
 * One kind of harm at one component, window by window: seconds per request, share of failed requests, error lines per second.
 * More is worse. {@code NaN} is a window without a value.
 *
 * @param before harm in windows that ended before the incident, oldest first; empty when the component was never seen then
 * @param usual further windows from any quieter time, for how much the harm scatters; may be empty
 * @param after harm in windows since the incident began, oldest first
 * @param volume requests (or whatever the harm is per) in the windows of {@code after}, or of a peer group the same constant
 * @param floor differences below this are nothing, in the unit of the harm
 */
public record Evidence(double[] before, double[] usual, double[] after, double[] volume, double floor) {
    public Evidence {
        Objects.requireNonNull(before, "before");
        Objects.requireNonNull(usual, "usual");
        if (after.length != volume.length) {
            throw new IllegalArgumentException(
                    "expected a volume for each of " + after.length + " windows but found " + volume.length);
        }
        if (!(floor > 0)) {
            throw new IllegalArgumentException("floor must be above 0 but is " + floor);
        }
        before = before.clone();
        usual = usual.clone();
        after = after.clone();
        volume = volume.clone();
    }

    @Override
    public double[] before() {
        return before.clone();
    }

    @Override
    public double[] usual() {
        return usual.clone();
    }

    @Override
    public double[] after() {
        return after.clone();
    }

    @Override
    public double[] volume() {
        return volume.clone();
    }

    /** Of components that do the same work: what the others show now takes the place of what this one showed before. */
    public Evidence against(Iterable<Evidence> peers) {
        double[] now = new double[0];
        for (Evidence peer : peers) {
            int size = now.length;
            now = java.util.Arrays.copyOf(now, size + peer.after.length);
            System.arraycopy(peer.after, 0, now, size, peer.after.length);
        }
        return now.length == 0 ? this : new Evidence(now, before, after, volume, floor);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Evidence e
                && java.util.Arrays.equals(before, e.before)
                && java.util.Arrays.equals(usual, e.usual)
                && java.util.Arrays.equals(after, e.after)
                && java.util.Arrays.equals(volume, e.volume)
                && floor == e.floor;
    }

    @Override
    public int hashCode() {
        return java.util.Arrays.hashCode(after);
    }

    @Override
    public String toString() {
        return "Evidence[" + before.length + " windows before, " + after.length + " since]";
    }
}
