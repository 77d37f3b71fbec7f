package io.homeostat.deploy.bench;

import io.homeostat.deploy.rest.Rest;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Reads what a figure is judged by. While an election is on nobody answers, or the wrong node does: it is asked again, the
 * node that leads by then, until an answer comes or the time is over.
 */
final class PatientRead {
    private static final int TOO_MANY = 429;
    private static final int SERVER_FAULTS = 500;

    private PatientRead() {}

    /**
     * @param node whom to ask; asked for each attempt
     * @throws IllegalStateException when the time is over, or the answer is a refusal that will not change
     */
    static Rest.Answer get(Supplier<Rest> node, String path, Duration atMost) {
        Rest.Answer[] answer = new Rest.Answer[1];
        BenchCluster.await(atMost, "an answer to GET " + path, () -> {
            try {
                answer[0] = node.get().get(path);
            } catch (IOException e) {
                return false;
            }
            return answer[0].status() != TOO_MANY && answer[0].status() < SERVER_FAULTS;
        });
        return answer[0].orFail();
    }
}
