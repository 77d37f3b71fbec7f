package io.homeostat.ledger.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LeaderWatchTest {
    private static final int PATIENCE_SECONDS = 30;
    private final BlockingQueue<LeaderWatch.View> elections = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final BiConsumer<String, PeerConnection> connections =
            (peer, what) -> told.add(peer + " " + what.wireName());

    @Test
    void a_leader_whose_port_is_closed_is_replaced() throws Exception {
        ServerSocket port = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        LeaderWatch.View leader = view(port, 0);
        try (LeaderWatch watch = new LeaderWatch("watch", () -> leader, elections::add, connections)) {
            watch.start();
            Socket held = port.accept();

            port.close();
            held.close();

            assertThat(elections.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(leader);
            assertThat(told).startsWith("n1 opened", "n1 closed", "n1 retried").endsWith("n1 refused");
        }
    }

    @Test
    void a_leader_that_only_closes_the_connection_stays() throws Exception {
        try (ServerSocket port = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            LeaderWatch.View leader = view(port, 0);
            try (LeaderWatch watch = new LeaderWatch("watch", () -> leader, elections::add, connections)) {
                watch.start();
                for (int i = 0; i < 5; i++) {
                    // Each of them is opened because the one before was closed.
                    port.accept().close();
                }

                assertThat(elections).isEmpty();
            }
        }
    }

    @Test
    void who_follows_in_rank_asks_only_while_the_leader_is_still_the_dead_one() throws Exception {
        ServerSocket port = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        LeaderWatch.View dead = view(port, 1);
        port.close();
        BlockingQueue<LeaderWatch.View> looks = new LinkedBlockingQueue<>();
        looks.add(dead);
        try (LeaderWatch watch = new LeaderWatch(
                "watch",
                () -> {
                    LeaderWatch.View next = looks.poll();
                    // The first in rank has won by the time that it is looked again.
                    return next == null ? LeaderWatch.View.NONE : next;
                },
                elections::add,
                connections)) {
            watch.start();

            assertThat(elections.poll(LeaderWatch.TURN.toMillis() * 3, TimeUnit.MILLISECONDS))
                    .isNull();
        }
    }

    private static LeaderWatch.View view(ServerSocket port, int rank) {
        return new LeaderWatch.View(
                "n1", 7, new InetSocketAddress(InetAddress.getLoopbackAddress(), port.getLocalPort()), rank);
    }
}
