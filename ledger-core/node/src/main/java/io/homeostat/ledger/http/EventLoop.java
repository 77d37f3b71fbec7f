package io.homeostat.ledger.http;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The way back into an event loop for work that other threads finish. When an entry is applied hundreds of requests are done
 * at once: they enter the loop as one task instead of one each, so the loop is woken once.
 *
 * <p>Thread-safe. Work runs in the loop's thread, in the order in which it came. Bounded by the admitted requests.
 */
final class EventLoop implements Executor {
    private static final ThreadLocal<EventLoop> OWN = new ThreadLocal<>();
    private final Context context;
    private final Thread thread = Thread.currentThread();
    private final Queue<Runnable> finished = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();

    private EventLoop(Context context) {
        this.context = context;
    }

    /** The loop of the calling thread, which must be one of an event loop. */
    static EventLoop current(Vertx vertx) {
        EventLoop own = OWN.get();
        if (own == null) {
            own = new EventLoop(vertx.getOrCreateContext());
            OWN.set(own);
        }
        return own;
    }

    boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    @Override
    public void execute(Runnable work) {
        finished.add(work);
        if (scheduled.compareAndSet(false, true)) {
            context.runOnContext(now -> drain());
        }
    }

    private void drain() {
        // Before the queue is looked at, so that whoever adds later schedules again.
        scheduled.set(false);
        RuntimeException failure = null;
        for (Runnable work = finished.poll(); work != null; work = finished.poll()) {
            try {
                work.run();
            } catch (RuntimeException e) {
                // One request's failure must not take its neighbours' answers away.
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
