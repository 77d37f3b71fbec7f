package io.homeostat.deploy.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What the loss of one node (SIGKILL) does to those who write meanwhile. */
final class NodeLoss {
    /** As etcd's meter of the measuring kit has it: one writer for each node, and an attempt ends after 200 ms. */
    private static final Duration SHORT_ATTEMPT = Duration.ofMillis(200);

    private static final Duration BEFORE_KILL = Duration.ofSeconds(3);
    private static final Duration AFTER_KILL = Duration.ofSeconds(4);

    private NodeLoss() {}

    /**
     * Followers first, then the leader. Each has a stretch before and one without it, then comes back and catches up before
     * the next is lost. The load is an open loop, so throughput tells whether everything that was offered was served.
     */
    static List<Map<String, Object>> eachInTurn(BenchRun run, double requestsPerSecond) throws IOException {
        List<Map<String, Object>> lines = new ArrayList<>();
        double leastThroughput = Double.MAX_VALUE;
        double worstFollowerP99 = 0;
        double leaderGap = 0;
        double followerGap = 0;
        for (String node : leaderLast(run)) {
            try (TransferLoad load = run.openLoop(requestsPerSecond)) {
                run.settle(load);
                run.say("before the loss of " + node + ", " + run.options.seconds() + " s");
                BenchRun.sleep(Duration.ofSeconds(run.options.seconds()));
                Meter before = load.next();
                if (before.transfers() == 0) {
                    throw new IllegalStateException("nothing was acknowledged in the " + run.options.seconds()
                            + " s before the loss of " + node + ": " + run.cluster.describe());
                }
                // Asked as late as it can be: a node that came back may have brought an election.
                boolean leads = run.cluster.leaderId().equals(node);
                run.say("killing " + node + (leads ? ", the leader" : ", a follower"));
                run.cluster.kill(node);
                BenchRun.sleep(Duration.ofSeconds(run.options.seconds()));
                Meter during = load.next();
                long began = System.nanoTime();
                run.cluster.start(node);
                run.cluster.awaitReady(node);
                double readyMillis = (System.nanoTime() - began) / 1e6;
                run.say(node + " was ready again after " + Math.round(readyMillis) + " ms");

                Map<String, Object> line = run.figures(during);
                double throughput = during.transfersPerSecond() / before.transfersPerSecond();
                double p99 = during.latencyMillis(99) / before.latencyMillis(99);
                line.put("killed", node);
                line.put("role", leads ? "leader" : "follower");
                line.put("offered/s", Math.round(requestsPerSecond * run.options.batch()));
                line.put("transfers/s_before", Math.round(before.transfersPerSecond()));
                line.put("p99ms_before", BenchRun.hundredths(before.latencyMillis(99)));
                line.put("gap_ms_before", BenchRun.hundredths(before.longestGapMillis()));
                line.put("throughput_during/before", BenchRun.hundredths(throughput));
                line.put("p99_during/before", BenchRun.hundredths(p99));
                line.put("restart_to_ready_ms", Math.round(readyMillis));
                lines.add(line);
                leastThroughput = Math.min(leastThroughput, throughput);
                if (leads) {
                    leaderGap = Math.max(leaderGap, during.longestGapMillis());
                } else {
                    worstFollowerP99 = Math.max(worstFollowerP99, p99);
                    followerGap = Math.max(followerGap, during.longestGapMillis());
                }
            }
        }
        Map<String, Object> summary = run.configuration();
        summary.put("summary", "lose-one");
        summary.put("lost_nodes", lines.size());
        summary.put("least_throughput_during/before", BenchRun.hundredths(leastThroughput));
        summary.put("most_p99_during/before_follower", BenchRun.hundredths(worstFollowerP99));
        summary.put("longest_gap_ms_follower", BenchRun.hundredths(followerGap));
        summary.put("longest_gap_ms_leader", BenchRun.hundredths(leaderGap));
        summary.putAll(run.verdict());
        lines.add(summary);
        return lines;
    }

    /** The write gap of a dead leader, so measured that it compares with etcd's of the measuring kit. */
    static List<Map<String, Object>> ofLeader(BenchRun run, int times) throws IOException {
        List<Map<String, Object>> lines = new ArrayList<>();
        double[] gaps = new double[times];
        try (TransferLoad load = run.closedLoop()) {
            run.warmUp(load);
        }
        for (int i = 0; i < times; i++) {
            try (TransferLoad load = run.load(run.options.nodes(), 0, SHORT_ATTEMPT, true)) {
                BenchRun.sleep(BEFORE_KILL);
                String leader = run.cluster.leaderId();
                load.next();
                run.say("killing " + leader + ", the leader: " + (i + 1) + " of " + times);
                run.cluster.kill(leader);
                BenchRun.sleep(AFTER_KILL);
                Meter during = load.next();
                long began = System.nanoTime();
                run.cluster.start(leader);
                run.cluster.awaitReady(leader);
                Map<String, Object> line = run.configuration();
                gaps[i] = during.longestGapMillis();
                line.put("failover", i + 1);
                line.put("killed", leader);
                line.put("writers", run.options.nodes());
                line.put("acks", during.requests());
                line.put("longest_gap_ms", BenchRun.hundredths(gaps[i]));
                line.put("restart_to_ready_ms", (System.nanoTime() - began) / 1_000_000);
                lines.add(line);
            }
            // Each time, so that a node that no longer attests is found beside the kill that it followed.
            long began = System.nanoTime();
            lines.get(i).put("digests_equal", run.cluster.digestsEqual());
            lines.get(i).put("load_end_to_attested_ms", (System.nanoTime() - began) / 1_000_000);
        }
        Arrays.sort(gaps);
        Map<String, Object> summary = run.configuration();
        summary.put("summary", "failover");
        summary.put("kills", times);
        summary.put("gap_ms_median", BenchRun.hundredths(gaps[times / 2]));
        summary.put("gap_ms_least", BenchRun.hundredths(gaps[0]));
        summary.put("gap_ms_most", BenchRun.hundredths(gaps[times - 1]));
        summary.putAll(run.verdict());
        lines.add(summary);
        return lines;
    }

    private static List<String> leaderLast(BenchRun run) {
        List<String> order = new ArrayList<>(run.cluster.ids());
        String leader = run.cluster.leaderId();
        order.remove(leader);
        order.add(leader);
        return order;
    }
}
