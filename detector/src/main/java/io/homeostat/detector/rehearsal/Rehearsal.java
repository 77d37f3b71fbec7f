package io.homeostat.detector.rehearsal;

import io.homeostat.detector.feedback.RuleBook;
import io.homeostat.detector.model.AnomalyModel;
import io.homeostat.detector.model.BaselineRow;
import io.homeostat.detector.model.ModelScore;
import io.homeostat.detector.signal.Signal;
import io.homeostat.detector.signal.SignalCatalog;
import io.homeostat.detector.verdict.AnomalyPolicy;
import io.homeostat.detector.verdict.ClusterTrack;
import io.homeostat.detector.verdict.ClusterWindow;
import io.homeostat.detector.verdict.Decision;
import io.homeostat.detector.verdict.PolicyLimits;
import io.homeostat.detector.verdict.Scoring;
import io.homeostat.detector.window.NodeWindow;
import io.homeostat.detector.window.PeerComparison;
import io.homeostat.events.Contribution;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Judges second by second as the job's judge does: rules at once, the model after its baseline of clean seconds, an adaptive
 * mean, a new baseline when most nodes are unlike the old one. Left out is what changes no verdict on a recording: registry,
 * sealing, challenger, and looks into open windows. Used by one thread.
 */
public final class Rehearsal {
    /** Share of the score with which a signal may lead an anomaly, as in the policy. */
    private static final double LEAD_SHARE = 0.1;

    /** Score of a node with an open anomaly, before what it shows at the moment. */
    private static final double OPEN = 2;

    private final SignalCatalog catalog = SignalCatalog.standard();
    private final PolicyLimits limits;
    private final AnomalyPolicy policy;
    private final RuleBook rules;
    private final int baselineWindows;
    private final ClusterTrack track = new ClusterTrack();
    private final Map<String, String> open = new TreeMap<>();
    private List<BaselineRow> baseline = new ArrayList<>();
    private int baselineSeconds;
    private Optional<AnomalyModel> model = Optional.empty();
    private double[] center = {};
    private int unlikeSeconds;

    /** @param rules what people said before, such as announced maintenance */
    public Rehearsal(PolicyLimits limits, Set<String> expectedNodes, int baselineWindows, RuleBook rules) {
        this.limits = limits;
        this.policy = new AnomalyPolicy(catalog, limits, expectedNodes);
        this.baselineWindows = baselineWindows;
        this.rules = rules;
    }

    /**
     * One second.
     *
     * @param scores how odd each node is, by node: above 1 is what the policy counts as deviating
     * @param leaders the signal that is farthest from the peers, by node
     * @param trained whether a model judged beside the rules
     */
    public record Judged(
            ClusterWindow window,
            Map<String, Double> scores,
            Map<String, String> leaders,
            List<Decision> decisions,
            boolean trained) {}

    public Judged judge(ClusterWindow window) {
        Optional<Scoring> scoring = model.map(m -> new Scoring(m, center));
        List<Decision> decisions = policy.judge(track, window, scoring, rules);
        for (Decision decision : decisions) {
            if (decision instanceof Decision.Raise raise) {
                open.put(raise.anomalyId(), raise.node());
            } else if (decision instanceof Decision.Clear clear) {
                open.remove(clear.anomalyId());
            }
        }
        Map<String, Double> scores = new TreeMap<>();
        Map<String, String> leaders = new TreeMap<>();
        for (String node : track.nodes.keySet()) {
            scores.put(node, score(node, window, leaders));
        }
        learn(window);
        return new Judged(window, scores, leaders, decisions, scoring.isPresent());
    }

    /** Model and peers must agree, so the lesser of both counts; an open anomaly is at least what opened it. */
    private double score(String node, ClusterWindow window, Map<String, String> leaders) {
        double alarmed = open.containsValue(node) ? OPEN : 0;
        NodeWindow own = window.nodes().get(node);
        if (own == null || model.isEmpty()) {
            return alarmed;
        }
        ModelScore score = model.get().score(own.values(), center);
        double ofModel = score.score() / score.threshold();
        Map<String, Map<String, Double>> values = new TreeMap<>();
        window.nodes().forEach((name, one) -> values.put(name, one.values()));
        double ofPeers = 0;
        for (Contribution contribution : score.contributions()) {
            Signal signal = catalog.require(contribution.feature());
            Optional<PeerComparison.Deviation> deviation = PeerComparison.of(signal, node, values);
            if (contribution.share() < LEAD_SHARE || deviation.isEmpty()) {
                continue;
            }
            double watched = switch (signal.watch()) {
                case ABOVE -> deviation.get().deviation();
                case BELOW -> -deviation.get().deviation();
                case BOTH -> Math.abs(deviation.get().deviation());
            };
            if (watched / limits.peerDeviation() > ofPeers) {
                ofPeers = watched / limits.peerDeviation();
                leaders.put(node, signal.name());
            }
        }
        return alarmed + Math.min(ofModel, ofPeers);
    }

    private void learn(ClusterWindow window) {
        List<NodeWindow> clean = window.nodes().values().stream()
                .filter(w -> policy.clean(track, window, w.node(), rules))
                .toList();
        if (clean.isEmpty()) {
            return;
        }
        if (model.isPresent()) {
            follow(model.get(), clean);
            return;
        }
        clean.forEach(w -> baseline.add(new BaselineRow(w.node(), w.startMillis(), w.values())));
        baselineSeconds++;
        if (baselineSeconds >= baselineWindows) {
            AnomalyModel trained = AnomalyModel.train(catalog, baseline);
            model = Optional.of(trained);
            center = trained.newCenter();
            forgetBaseline();
        }
    }

    private void follow(AnomalyModel current, List<NodeWindow> clean) {
        double[] before = center;
        long unlike = clean.stream()
                .filter(w -> current.score(w.values(), before).anomalous())
                .count();
        for (NodeWindow w : clean) {
            center = current.adapt(w.values(), center);
        }
        unlikeSeconds = 2 * unlike > clean.size() ? unlikeSeconds + 1 : 0;
        if (unlikeSeconds >= limits.relearnWindows()) {
            model = Optional.empty();
            forgetBaseline();
        }
    }

    private void forgetBaseline() {
        baseline = new ArrayList<>();
        baselineSeconds = 0;
        unlikeSeconds = 0;
    }
}
