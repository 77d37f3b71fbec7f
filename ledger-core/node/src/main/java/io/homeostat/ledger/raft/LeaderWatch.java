package io.homeostat.ledger.raft;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices a dead leader at once instead of by its silence. A follower holds a connection to the leader's Raft port on which
 * nothing is said. When the leader's process dies its system closes the connection; when a new one to the same port is then
 * refused, nobody listens there any more, and the follower asks for votes without waiting for the election timeout.
 *
 * <p>A refused connection is certain: a paused, slow or unreachable leader refuses none, and is found by its silence as ever.
 * Asking for votes is safe at any time in Raft, so a mistake costs an election and never a write. Of several followers the
 * first by id asks at once and the others one after the other, so that they do not split the votes.
 *
 * <p>One thread; one connection; one attempt per leader and term. Source: docs/adr/0016.
 */
final class LeaderWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeaderWatch.class);
    private static final int CONNECT_MILLIS = 1000;
    /** How soon a change of leader is seen, and the watch's end. */
    private static final int LOOK_MILLIS = 100;
    /** A connection that lives no longer than this tells nothing. */
    private static final Duration BRIEF = Duration.ofSeconds(1);

    /** Between two followers that ask for votes: an election on a busy machine takes less. */
    static final Duration TURN = Duration.ofMillis(150);

    private final Supplier<View> look;
    private final Consumer<View> elect;
    private final BiConsumer<String, PeerConnection> tell;
    private final Thread thread;
    private volatile boolean open = true;

    /**
     * What this node knows of the leader.
     *
     * @param leader id; empty when there is none or this node leads itself
     * @param rank of this node among the followers, 0 for the one that asks for votes first
     */
    record View(String leader, long term, InetSocketAddress address, int rank) {
        static final View NONE = new View("", -1, new InetSocketAddress(0), 0);

        boolean same(View other) {
            return leader.equals(other.leader) && term == other.term;
        }
    }

    /**
     * @param look what is known now; cheap
     * @param elect asks for votes, because the leader of this view is dead
     * @param tell takes what became of the connection to which node
     */
    LeaderWatch(String name, Supplier<View> look, Consumer<View> elect, BiConsumer<String, PeerConnection> tell) {
        this.look = look;
        this.elect = elect;
        this.tell = tell;
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    @Override
    public void close() {
        open = false;
        thread.interrupt();
    }

    private void run() {
        View dead = View.NONE;
        View tried = View.NONE;
        boolean hurried = false;
        while (open) {
            View now = look.get();
            if (now.leader().isEmpty() || now.same(dead)) {
                pause(LOOK_MILLIS);
                continue;
            }
            long began = System.nanoTime();
            if (now.same(tried)) {
                tell.accept(now.leader(), PeerConnection.RETRIED);
            }
            tried = now;
            if (gone(now)) {
                dead = now;
                replace(now);
                continue;
            }
            // Once it is tried again at once. A port that always closes what it took is not asked all the time.
            boolean brief = System.nanoTime() - began < BRIEF.toNanos();
            if (brief && hurried) {
                pause(LOOK_MILLIS);
            }
            hurried = brief;
        }
    }

    /** Returns when the leader is no longer this one, with false; or when nobody listens on its port, with true. */
    private boolean gone(View leader) {
        try (Socket held = new Socket()) {
            held.connect(leader.address(), CONNECT_MILLIS);
            tell.accept(leader.leader(), PeerConnection.OPENED);
            held.setSoTimeout(LOOK_MILLIS);
            while (open && look.get().same(leader)) {
                try {
                    if (held.getInputStream().read() < 0) {
                        // Closed by the other end. Whether somebody still listens there is tried next.
                        tell.accept(leader.leader(), PeerConnection.CLOSED);
                        return false;
                    }
                } catch (SocketTimeoutException nothingSaid) {
                    // As it should be.
                    continue;
                }
            }
            return false;
        } catch (ConnectException refused) {
            tell.accept(leader.leader(), PeerConnection.REFUSED);
            return true;
        } catch (IOException e) {
            // Reset, or not reachable: the first is tried again, the second is no evidence of anything.
            tell.accept(leader.leader(), PeerConnection.CLOSED);
            return false;
        }
    }

    private void replace(View dead) {
        long turn = System.nanoTime() + dead.rank() * TURN.toNanos();
        while (open && System.nanoTime() - turn < 0) {
            pause(10);
        }
        // In the meantime another one may have won.
        if (open && look.get().same(dead)) {
            LOG.atInfo()
                    .addKeyValue("leader", dead.leader())
                    .addKeyValue("term", dead.term())
                    .log("leader.dead: nobody listens on its Raft port, votes are asked for");
            elect.accept(dead);
        }
    }

    private static void pause(long millis) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    }
}
