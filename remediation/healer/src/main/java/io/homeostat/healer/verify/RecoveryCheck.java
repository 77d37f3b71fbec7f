package io.homeostat.healer.verify;

import io.homeostat.healer.act.Attestation;
import io.homeostat.healer.incident.Anomaly;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A recovery holds when its anomalies are cleared or it has been quiet for long enough, <em>and</em> the node attested
 * the majority's state digest at a Raft index at or after the recovery. Pure; the attestations come from a healthy peer.
 */
public final class RecoveryCheck {
    private final int clusterSize;
    private final VerifyLimits limits;

    public RecoveryCheck(int clusterSize, VerifyLimits limits) {
        this.clusterSize = clusterSize;
        this.limits = limits;
    }

    /**
     * The whole check.
     *
     * @param recoveryIndex Raft index that was committed when the recovery touched the node
     * @param lastAnomalyAt time of the newest anomaly of the node
     * @param since when the last action ended: quiet counts from there
     */
    public CheckResult check(
            String node,
            List<Attestation> attestations,
            long recoveryIndex,
            List<Anomaly> anomalies,
            Instant lastAnomalyAt,
            Instant since,
            Instant now) {
        CheckResult digest = digest(node, attestations, recoveryIndex);
        if (!(digest instanceof CheckResult.Verified equal)) {
            return digest;
        }
        Optional<Integer> quiet = quietWindows(anomalies, lastAnomalyAt, since, now);
        if (quiet.isEmpty()) {
            long open = anomalies.stream().filter(a -> !a.cleared()).count();
            return new CheckResult.NotYet(open + " anomalies are not cleared and it has not been quiet for "
                    + limits.quietWindows() + " windows");
        }
        return new CheckResult.Verified(equal.raftIndex(), equal.stateDigest(), equal.agreeing(), quiet.get());
    }

    /** Only the digest: what a node must show before it is readmitted. */
    public CheckResult digest(String node, List<Attestation> attestations, long recoveryIndex) {
        Optional<Attestation> newest = attestations.stream()
                .filter(a -> a.raftIndex() >= recoveryIndex
                        && a.digests().containsKey(node)
                        && a.majorityDigest(clusterSize).isPresent())
                .max(Comparator.comparingLong(Attestation::raftIndex));
        if (newest.isEmpty()) {
            return new CheckResult.NotYet("no majority has attested together with " + node + " at or after Raft index "
                    + recoveryIndex + " yet");
        }
        Attestation attestation = newest.get();
        String majority = attestation.majorityDigest(clusterSize).orElse("");
        String found = attestation.digests().getOrDefault(node, "");
        if (!found.equals(majority)) {
            return new CheckResult.Differs("expected digest " + majority + " of " + node + " at Raft index "
                    + attestation.raftIndex() + " but found " + found);
        }
        return new CheckResult.Verified(
                attestation.raftIndex(),
                majority,
                attestation.holdersOf(majority).stream().sorted().toList(),
                0);
    }

    /** Windows since the last anomaly, when the node is quiet. */
    public Optional<Integer> quietWindows(List<Anomaly> anomalies, Instant lastAnomalyAt, Instant since, Instant now) {
        int windows = windowsBetween(lastAnomalyAt, now);
        if (anomalies.stream().allMatch(Anomaly::cleared)) {
            return Optional.of(windows);
        }
        Instant from = lastAnomalyAt.isAfter(since) ? lastAnomalyAt : since;
        return windowsBetween(from, now) >= limits.quietWindows() ? Optional.of(windows) : Optional.empty();
    }

    private int windowsBetween(Instant from, Instant to) {
        long millis = Duration.between(from, to).toMillis();
        return (int)
                Math.max(0, Math.min(Integer.MAX_VALUE, millis / limits.window().toMillis()));
    }
}
