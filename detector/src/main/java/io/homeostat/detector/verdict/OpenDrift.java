package io.homeostat.detector.verdict;

/** A drift that was seen and has not gone back. A Flink POJO: public, mutable, flat. */
public class OpenDrift {
    public String signal = "";
    /** How far the node was from its peers before, in the transformed scale of the signal. */
    public double before;
    /** How much farther it went; the sign is the direction. */
    public double by;
    /** End of the window that showed it. */
    public long sinceMillis;
    /** Start of that window. */
    public long onsetMillis;

    public String modelId = "";
    public double score;
    public double threshold;

    OpenDrift copy() {
        OpenDrift copy = new OpenDrift();
        copy.signal = signal;
        copy.before = before;
        copy.by = by;
        copy.sinceMillis = sinceMillis;
        copy.onsetMillis = onsetMillis;
        copy.modelId = modelId;
        copy.score = score;
        copy.threshold = threshold;
        return copy;
    }
}
