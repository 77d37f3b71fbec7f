package io.homeostat.deploy.chaos;

import io.homeostat.detector.feedback.FeedbackRule;
import io.homeostat.detector.feedback.RuleBook;
import io.homeostat.detector.model.Members;
import io.homeostat.detector.offline.OfflineAlarm;
import io.homeostat.detector.offline.OfflineDetector;
import io.homeostat.detector.offline.OfflineReport;
import io.homeostat.detector.offline.OfflineRequest;
import io.homeostat.detector.rehearsal.RecordedWindows;
import io.homeostat.detector.rehearsal.Rehearsal;
import io.homeostat.detector.stream.AlarmLimits;
import io.homeostat.detector.verdict.Decision;
import io.homeostat.detector.verdict.PolicyLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Judges recordings by the job's own classes and, beside them, by {@code detect} on the CSV of the same recordings, and sets
 * both against what really happened. Stateless.
 */
public final class ChaosEvaluation {
    /** From a window's end to its verdict at a reader: half a second for exports on their way, and a checkpoint. */
    private static final long VERDICT_MILLIS = 750;
    /** {@code detect} without a training file learns from so many rows. */
    private static final int PROBATION_ROWS = 150;
    /** A write that takes longer, or fails, breaks the clients' limit: that of commits in the catalog. */
    private static final double LIMIT_MILLIS = 1_000;
    /** Operators announce a deployment a little longer than it takes. */
    private static final long ANNOUNCED_MILLIS = 15_000;

    private ChaosEvaluation() {}

    /**
     * Evaluates.
     *
     * @param baselineWindows clean seconds that the model learns from; the platform has 20
     * @param announced whether deployments were announced as maintenance, as {@code homeostat maintenance} does
     * @throws IllegalArgumentException when a folder holds no recording
     */
    public static Map<String, Object> run(
            List<Path> folders, int baselineWindows, boolean announced, Consumer<String> progress) throws IOException {
        if (baselineWindows < 5 || baselineWindows > 3_600) {
            throw new IllegalArgumentException("--baseline must be in 5..3600 but is " + baselineWindows);
        }
        Evaluation online = new Evaluation();
        Evaluation csv = new Evaluation();
        List<Map<String, Object>> recordings = new ArrayList<>();
        for (Path folder : folders) {
            Recording recording = Recording.read(folder);
            progress.accept("judging " + folder);
            long from = recording.beganMillis() + recording.normalSeconds() * 1000L;
            List<Long> broken = broken(folder.resolve("load.csv"));
            online(
                    folder,
                    recording,
                    recording.soak() ? recording.beganMillis() + 60_000 : from,
                    baselineWindows,
                    announced,
                    broken,
                    online);
            csv(folder, recording, Math.max(from, recording.beganMillis() + (PROBATION_ROWS + 5) * 1000L), broken, csv);
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("folder", folder.toString());
            line.put("seed", recording.seed());
            line.put("seconds", (recording.endMillis() - recording.beganMillis()) / 1000);
            line.put("soak", recording.soak());
            line.put("faults", recording.faults().size());
            line.put(
                    "distractors",
                    recording.events().size() - recording.faults().size());
            line.put("medianWriteMillis", recording.medianWriteMillis());
            line.put("leftOut", recording.leftOut());
            recordings.add(line);
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("recordings", recordings);
        all.put("baselineWindows", baselineWindows);
        all.put("deploysAnnounced", announced);
        all.put("online", online.json());
        all.put("detectOnCsv", csv.json());
        return all;
    }

    private static void online(
            Path folder,
            Recording recording,
            long from,
            int baselineWindows,
            boolean announced,
            List<Long> broken,
            Evaluation into) {
        Rehearsal rehearsal = new Rehearsal(
                PolicyLimits.defaults(),
                new TreeSet<>(recording.nodeIds()),
                baselineWindows,
                announced ? announced(recording) : RuleBook.none());
        Map<Long, Map<String, Double>> scores = new HashMap<>();
        List<Evaluation.Said> said = new ArrayList<>();
        RecordedWindows.read(folder, window -> {
            if (window.startMillis() >= recording.endMillis()) {
                // The nodes are stopped then.
                return;
            }
            Rehearsal.Judged judged = rehearsal.judge(window);
            scores.put(window.startMillis(), judged.scores());
            for (Decision decision : judged.decisions()) {
                if (decision instanceof Decision.Raise raise) {
                    said.add(new Evaluation.Said(
                            window.endMillis() + VERDICT_MILLIS,
                            raise.node(),
                            raise.finding().cause() + " " + raise.finding().signal()));
                }
            }
        });
        into.add(recording, from, scores, said, broken);
    }

    private static RuleBook announced(Recording recording) {
        List<FeedbackRule> rules = recording.events().stream()
                .filter(event -> event.kind().equals(RecordPlan.Kind.DEPLOY.wireName()))
                .map(event -> FeedbackRule.of(
                        FeedbackRule.Kind.MAINTENANCE,
                        "",
                        "",
                        "",
                        0,
                        event.fromMillis() - 1000,
                        event.toMillis() + ANNOUNCED_MILLIS,
                        "",
                        "recording",
                        "deployment",
                        ""))
                .toList();
        return RuleBook.of(rules);
    }

    /** The columns have no node for {@code detect}: its alarms are about the cluster. */
    private static void csv(Path folder, Recording recording, long from, List<Long> broken, Evaluation into)
            throws IOException {
        if (recording.endMillis() - recording.beganMillis() < (PROBATION_ROWS + 10) * 1000L) {
            // Too short to learn from: this recording is the online detector's alone.
            return;
        }
        Path out = Files.createTempFile("homeostat-scores", ".csv");
        try {
            OfflineReport report = OfflineDetector.run(
                    new OfflineRequest(
                            Optional.empty(),
                            folder.resolve("metrics.csv.gz"),
                            out,
                            Optional.empty(),
                            Optional.empty(),
                            false,
                            Members.BOTH,
                            AlarmLimits.defaults().withBudget(1, 1)),
                    line -> {});
            long first = RecordingFiles.firstSecond(recording);
            Map<Long, Map<String, Double>> scores = new HashMap<>();
            List<String> lines = Files.readAllLines(out);
            for (int i = 0; i < lines.size(); i++) {
                double score = Double.parseDouble(lines.get(i));
                Map<String, Double> of = new HashMap<>();
                recording.nodeIds().forEach(node -> of.put(node, score));
                scores.put(first + i * 1000L, of);
            }
            List<Evaluation.Said> said = new ArrayList<>();
            for (OfflineAlarm alarm : report.alarms()) {
                String column = alarm.contributions().isEmpty()
                        ? ""
                        : alarm.contributions().get(0).column();
                said.add(new Evaluation.Said(first + (alarm.firstRow() + 1) * 1000 + VERDICT_MILLIS, "", column));
            }
            into.add(recording, from, scores, said, broken);
        } finally {
            Files.deleteIfExists(out);
        }
    }

    private static List<Long> broken(Path load) throws IOException {
        List<Long> broken = new ArrayList<>();
        List<String> lines = Files.readAllLines(load);
        for (String line : lines.subList(Math.min(1, lines.size()), lines.size())) {
            String[] cells = line.split(",", -1);
            if (Integer.parseInt(cells[2]) > 0 || Double.parseDouble(cells[4]) > LIMIT_MILLIS) {
                broken.add(Long.parseLong(cells[0]) * 1000);
            }
        }
        return broken;
    }
}
