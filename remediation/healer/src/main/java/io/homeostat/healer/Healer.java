package io.homeostat.healer;

import static java.util.Objects.requireNonNull;

import io.homeostat.healer.act.BearerToken;
import io.homeostat.healer.act.HttpLedger;
import io.homeostat.healer.act.HttpSidecars;
import io.homeostat.healer.act.JsonHttp;
import io.homeostat.healer.act.NodeEndpoint;
import io.homeostat.healer.guard.ClusterSight;
import io.homeostat.healer.guard.StopButton;
import io.homeostat.healer.incident.IncidentBook;
import io.homeostat.healer.incident.IncidentOpener;
import io.homeostat.healer.incident.OpenIncident;
import io.homeostat.healer.story.KafkaStory;
import io.homeostat.healer.story.Outbox;
import io.homeostat.healer.story.StoryChannel;
import io.homeostat.healer.story.StoryFault;
import io.homeostat.healer.verify.RecoveryCheck;
import io.homeostat.healer.workflow.EngineDatabase;
import io.homeostat.healer.workflow.EngineFault;
import io.homeostat.healer.workflow.RecoveryEngine;
import io.homeostat.healer.workflow.RecoverySteps;
import io.homeostat.transport.MutualTls;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The door of remediation: reads anomalies from the topic {@code incidents}, isolates, plans, heals, verifies, and writes
 * every step to the same topic. Thread-safe.
 *
 * <p>Everything is durable in one database: after {@code kill -9} the next {@link #start} goes on where the last
 * transaction ended.
 */
public final class Healer implements AutoCloseable {
    /** Answers are handed on, never waited for, on these. */
    private static final int HTTP_THREADS = 2;
    /** Two questions of a look beside the caller's own, for as many recoveries as the engine runs at once. */
    private static final int LOOK_THREADS = 6;

    private static final long PRUNE_EVERY_SECONDS = 60;
    /** Longer than one call to the ledger and one publication take at most. */
    private static final long CLOSE_SECONDS = 10;

    private static final Logger LOG = LoggerFactory.getLogger(Healer.class);

    private final StoryChannel story;
    private final EngineDatabase database;
    private final RecoveryEngine engine;
    private final IncidentBook book;
    private final StopButton stop;
    private final InstantSource clock;
    private final ScheduledThreadPoolExecutor scheduler;
    private final List<ThreadPoolExecutor> pools;

    private Healer(
            StoryChannel story,
            EngineDatabase database,
            RecoveryEngine engine,
            IncidentBook book,
            StopButton stop,
            InstantSource clock,
            ScheduledThreadPoolExecutor scheduler,
            List<ThreadPoolExecutor> pools) {
        this.story = story;
        this.database = database;
        this.engine = engine;
        this.book = book;
        this.stop = stop;
        this.clock = clock;
        this.scheduler = scheduler;
        this.pools = List.copyOf(pools);
    }

    public static Healer start(HealerConfig config) {
        requireNonNull(config, "config");
        return start(
                config,
                new KafkaStory(
                        config.kafkaBootstrap(),
                        config.consumerGroup(),
                        config.limits().story()));
    }

    /** The topic may be another channel in tests. */
    static Healer start(HealerConfig config, StoryChannel story) {
        HealerLimits limits = config.limits();
        ThreadPoolExecutor httpThreads = pool("healer-http", HTTP_THREADS);
        ThreadPoolExecutor lookThreads = pool("healer-look", LOOK_THREADS);
        ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1, named("healer-scheduler"));
        scheduler.setRemoveOnCancelPolicy(true);
        Optional<MutualTls> tls = config.tls().map(MutualTls::open);
        HttpLedger ledger = new HttpLedger(
                config.nodes(),
                new JsonHttp(new BearerToken(config.remediationTokenFile()), limits.acts(), httpThreads, tls),
                limits.acts());
        HttpSidecars sidecars = new HttpSidecars(
                config.nodes(),
                new JsonHttp(new BearerToken(config.agentTokenFile()), limits.acts(), httpThreads, tls),
                limits.acts());
        List<String> ids = config.nodes().stream().map(NodeEndpoint::id).toList();
        IncidentBook book = new IncidentBook(limits.incidents());
        StopButton stop = new StopButton();
        EngineDatabase database = EngineDatabase.open(config.jdbcUrl(), config.jdbcUser(), config.jdbcPassword());
        Outbox outbox = new Outbox(database.dataSource(), story, limits.story());
        RecoveryEngine engine = RecoveryEngine.start(
                database,
                new RecoverySteps(
                        ledger,
                        sidecars,
                        new ClusterSight(ids, ledger, sidecars, lookThreads),
                        config.autonomy(),
                        new RecoveryCheck(ids.size(), limits.verify()),
                        book,
                        stop,
                        config.recoveryTier(),
                        limits.incidents(),
                        limits.recovery(),
                        config.clock()),
                outbox,
                () -> soon(scheduler, outbox));
        Healer healer = new Healer(
                story, database, engine, book, stop, config.clock(), scheduler, List.of(httpThreads, lookThreads));
        healer.schedule(outbox, limits);
        Set<String> nodes = ids.stream().collect(Collectors.toUnmodifiableSet());
        story.subscribe(
                new IncidentIntake(engine, new IncidentOpener(nodes, limits.incidents()), book, config.clock()));
        LOG.atInfo().addKeyValue("nodes", ids).log("healer started");
        return healer;
    }

    /** The one stop button: nothing is begun until {@link #resume}; holds over restarts. What is under way ends. */
    public void stopAll(String by, String reason) {
        engine.inTransaction(connection -> {
            stop.set(connection, new StopButton.State(true, by, reason, clock.instant()));
            return true;
        });
        LOG.atWarn().addKeyValue("by", by).log("the stop button is pressed");
    }

    /** Releases the stop button; recoveries that waited for it go on. */
    public void resume(String by) {
        engine.inTransaction(connection -> {
            stop.set(connection, new StopButton.State(false, by, "released", clock.instant()));
            engine.resume();
            return true;
        });
        LOG.atWarn().addKeyValue("by", by).log("the stop button is released");
    }

    public StopButton.State stopState() {
        return engine.inTransaction(stop::state);
    }

    public List<OpenIncident> openIncidents() {
        return engine.inTransaction(book::allOpen);
    }

    /** Ids of the incidents that wait for {@link #resolve}. */
    public List<String> escalated() {
        return engine.inTransaction(connection -> engine.waitingIn("decideByHand"));
    }

    /** Ends the escalation of an incident; false when it is not escalated. */
    public boolean resolve(String incidentId, RecoveryEngine.Resolution resolution, String by) {
        boolean done = engine.inTransaction(connection -> engine.resolve(incidentId, resolution));
        LOG.atInfo()
                .addKeyValue("incidentId", incidentId)
                .addKeyValue("resolution", resolution)
                .addKeyValue("by", by)
                .addKeyValue("done", done)
                .log("escalation resolved by hand");
        return done;
    }

    private void schedule(Outbox outbox, HealerLimits limits) {
        every(limits.story().flushEvery().toMillis(), "publish", outbox::flush);
        every(limits.recovery().approvalWatch().toMillis(), "watch approvals", engine::watchApprovals);
        every(TimeUnit.SECONDS.toMillis(PRUNE_EVERY_SECONDS), "prune", () -> engine.prune(clock.instant()));
    }

    private void every(long millis, String what, Runnable work) {
        scheduler.scheduleWithFixedDelay(() -> tolerant(what, work), millis, millis, TimeUnit.MILLISECONDS);
    }

    private static void soon(ScheduledThreadPoolExecutor scheduler, Outbox outbox) {
        // One flush that waits is enough: it publishes all that is there when its turn comes.
        if (scheduler.getQueue().size() > 8) {
            return;
        }
        try {
            scheduler.execute(() -> tolerant("publish", outbox::flush));
        } catch (RejectedExecutionException e) {
            LOG.atDebug().log("the healer ends; what is not published goes out at the next start");
        }
    }

    /** Faults of the world come back by themselves: the work is done again the next time. A bug stays visible as ERROR. */
    private static void tolerant(String what, Runnable work) {
        try {
            work.run();
        } catch (StoryFault | EngineFault e) {
            LOG.atWarn()
                    .addKeyValue("work", what)
                    .addKeyValue("error.type", e.getClass().getSimpleName())
                    .log("will be tried again: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).addKeyValue("work", what).log("failed unexpectedly");
        }
    }

    private static ThreadPoolExecutor pool(String name, int threads) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads, threads, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(1000), named(name));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    private static ThreadFactory named(String name) {
        AtomicInteger count = new AtomicInteger();
        return work -> {
            Thread thread = new Thread(work, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    private static void end(ScheduledThreadPoolExecutor scheduler) {
        scheduler.shutdown();
        try {
            if (!scheduler.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                scheduler.shutdownNow();
            }
        } catch (InterruptedException e) {
            scheduler.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    /** No new events, then no new steps, then no telling, then the database. */
    @Override
    public void close() {
        story.stopReading();
        end(scheduler);
        engine.close();
        story.close();
        pools.forEach(ThreadPoolExecutor::shutdownNow);
        database.close();
        LOG.atInfo().log("healer stopped");
    }
}
