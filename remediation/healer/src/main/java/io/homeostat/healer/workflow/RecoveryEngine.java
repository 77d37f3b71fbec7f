package io.homeostat.healer.workflow;

import io.homeostat.events.BreakerState;
import io.homeostat.events.IncidentEvent.AnomalyRaised;
import io.homeostat.events.IncidentEvent.IncidentOpened;
import io.homeostat.healer.act.ActFault;
import io.homeostat.healer.act.LedgerApi;
import io.homeostat.healer.incident.IncidentBook;
import io.homeostat.healer.story.Outbox;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.camunda.bpm.engine.OptimisticLockingException;
import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.ProcessEngineConfiguration;
import org.camunda.bpm.engine.ProcessEngineException;
import org.camunda.bpm.engine.impl.cfg.StandaloneProcessEngineConfiguration;
import org.camunda.bpm.engine.impl.cfg.TransactionState;
import org.camunda.bpm.engine.impl.jobexecutor.DefaultJobExecutor;
import org.camunda.bpm.engine.impl.persistence.StrongUuidGenerator;
import org.camunda.bpm.engine.runtime.Execution;
import org.camunda.bpm.engine.task.Task;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Camunda 7 on one database, tuned for steps in milliseconds on few threads: consecutive steps of one recovery run one
 * after the other in the same job thread; timers are looked for every {@value #ACQUIRE_MILLIS} ms.
 *
 * <p>After {@code kill -9} the jobs that ran are released at the next start and run again from their last transaction.
 * Thread-safe.
 */
public final class RecoveryEngine implements AutoCloseable {
    static final String PROCESS = "recovery";
    static final String RESOURCE = "io/homeostat/healer/workflow/recovery.bpmn";
    static final String APPROVAL_DECIDED = "ApprovalDecided";
    static final String RESUMED = "Resumed";
    static final String WORSENED = "Worsened";

    /** A timer fires at most this late; one look is one indexed query. */
    private static final int ACQUIRE_MILLIS = 50;
    /** Ceiling of the idle back-off between two looks. */
    private static final int ACQUIRE_MAX_MILLIS = 150;
    /** One recovery per node runs at a time and most of it is waiting; a cluster has a handful of nodes. */
    private static final int JOB_THREADS = 3;

    private static final int JOB_QUEUE = 3;
    /** Longer than the longest step, whose calls are bounded (see {@code ActLimits}). */
    private static final int JOB_LOCK_MILLIS = 120_000;
    /** A topic or database that is away stops the story for an hour at most; a restart begins to count anew. */
    private static final String JOB_RETRIES = "R3600/PT1S";

    private static final int JOB_RETRIES_AFTER_START = 3600;
    /** Two writers that meet: each round one of them wins. */
    private static final int LOCKING_ROUNDS = 30;

    private static final Logger LOG = LoggerFactory.getLogger(RecoveryEngine.class);

    private final EngineDatabase database;
    private final IncidentBook book;
    private final Outbox outbox;
    private final LedgerApi ledger;
    private final Runnable afterCommit;
    private final StandaloneProcessEngineConfiguration configuration;
    private final ProcessEngine engine;

    private RecoveryEngine(
            EngineDatabase database,
            IncidentBook book,
            Outbox outbox,
            LedgerApi ledger,
            Runnable afterCommit,
            StandaloneProcessEngineConfiguration configuration,
            ProcessEngine engine) {
        this.database = database;
        this.book = book;
        this.outbox = outbox;
        this.ledger = ledger;
        this.afterCommit = afterCommit;
        this.configuration = configuration;
        this.engine = engine;
    }

    /** Work that is done with a connection of the transaction. */
    public interface Work<T> {
        T with(Connection connection) throws SQLException;
    }

    /** How a person ends an escalation. */
    public enum Resolution {
        /** The node is repaired: readmit it, verify, close. */
        REPAIRED,
        /** Close the incident as it is. */
        ABANDONED
    }

    /** {@code afterCommit} is called after each transaction that may have written events; it must not block. */
    public static RecoveryEngine start(
            EngineDatabase database, RecoverySteps steps, Outbox outbox, Runnable afterCommit) {
        Map<Object, Object> beans = new HashMap<>();
        steps.byName()
                .forEach((name, step) -> beans.put(
                        name, new StepDelegate(name, step, steps.book(), outbox, steps.clock(), afterCommit)));
        StandaloneProcessEngineConfiguration configuration = configuration(database, beans);
        ProcessEngine engine = configuration.buildProcessEngine();
        engine.getRepositoryService()
                .createDeployment()
                .name(PROCESS)
                .enableDuplicateFiltering(true)
                .addClasspathResource(RESOURCE)
                .deploy();
        RecoveryEngine started =
                new RecoveryEngine(database, steps.book(), outbox, steps.ledger(), afterCommit, configuration, engine);
        started.releaseJobs();
        configuration.getJobExecutor().start();
        return started;
    }

    static StandaloneProcessEngineConfiguration configuration(EngineDatabase database, Map<Object, Object> beans) {
        DefaultJobExecutor jobs = new DefaultJobExecutor();
        jobs.setCorePoolSize(JOB_THREADS);
        jobs.setMaxPoolSize(JOB_THREADS);
        jobs.setQueueSize(JOB_QUEUE);
        jobs.setMaxJobsPerAcquisition(JOB_THREADS);
        jobs.setWaitTimeInMillis(ACQUIRE_MILLIS);
        jobs.setMaxWait(ACQUIRE_MAX_MILLIS);
        jobs.setBackoffTimeInMillis(ACQUIRE_MILLIS);
        jobs.setMaxBackoff(ACQUIRE_MAX_MILLIS);
        jobs.setLockTimeInMillis(JOB_LOCK_MILLIS);
        StandaloneProcessEngineConfiguration configuration = new StandaloneProcessEngineConfiguration();
        // The engine's registry is static: a name of its own lets two run in one JVM.
        configuration.setProcessEngineName("healer-" + UUID.randomUUID());
        configuration.setDataSource(database.dataSource());
        configuration.setDatabaseSchemaUpdate(ProcessEngineConfiguration.DB_SCHEMA_UPDATE_TRUE);
        configuration.setHistory(ProcessEngineConfiguration.HISTORY_FULL);
        configuration.setHistoryCleanupBatchWindowStartTime("02:00");
        configuration.setHistoryCleanupBatchWindowEndTime("04:00");
        configuration.setIdGenerator(new StrongUuidGenerator());
        configuration.setBeans(beans);
        configuration.setJobExecutor(jobs);
        configuration.setJobExecutorActivate(false);
        configuration.setFailedJobRetryTimeCycle(JOB_RETRIES);
        configuration.setEnableReducedJobExceptionLogging(true);
        configuration.setDmnEnabled(false);
        configuration.setCmmnEnabled(false);
        configuration.setMetricsEnabled(false);
        configuration.setTaskMetricsEnabled(false);
        configuration.setDbMetricsReporterActivate(false);
        return configuration;
    }

    /** The claim on the database says that whoever locked these jobs is gone. */
    private void releaseJobs() {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(true);
            int released = statement.executeUpdate(
                    "UPDATE ACT_RU_JOB SET LOCK_OWNER_ = NULL, LOCK_EXP_TIME_ = NULL WHERE LOCK_OWNER_ IS NOT NULL");
            int revived = statement.executeUpdate(
                    "UPDATE ACT_RU_JOB SET RETRIES_ = " + JOB_RETRIES_AFTER_START + " WHERE RETRIES_ <= 0");
            if (released + revived > 0) {
                LOG.atInfo()
                        .addKeyValue("released", released)
                        .addKeyValue("revived", revived)
                        .log("jobs of an earlier process go on");
            }
        } catch (SQLException e) {
            throw new EngineFault("jobs of an earlier process could not be released: " + e.getMessage(), e);
        }
    }

    /** One transaction of engine and healer; tried again when two writers met. */
    public <T> T inTransaction(Work<T> work) {
        for (int round = 1; ; round++) {
            try {
                return configuration.getCommandExecutorTxRequired().execute(command -> {
                    try {
                        T result = work.with(EngineDatabase.connectionOf(command));
                        command.getTransactionContext()
                                .addTransactionListener(TransactionState.COMMITTED, c -> afterCommit.run());
                        return result;
                    } catch (SQLException e) {
                        throw new EngineFault("the healer's database failed: " + e.getMessage(), e);
                    }
                });
            } catch (OptimisticLockingException e) {
                if (round == LOCKING_ROUNDS) {
                    throw new EngineFault("another writer won " + LOCKING_ROUNDS + " times in a row", e);
                }
            } catch (ProcessEngineException e) {
                throw new EngineFault("the workflow engine failed: " + e.getMessage(), e);
            }
        }
    }

    /** Inside {@link #inTransaction}: the incident, its event and its process begin together. */
    public void begin(Connection connection, String incidentId, AnomalyRaised first, InstantSource clock)
            throws SQLException {
        Instant now = RecoveryState.cut(clock.instant());
        RecoveryState opened = RecoveryState.opened(incidentId, first.node(), RecoveryState.cut(first.at()), now);
        EventIds ids = new EventIds(opened);
        IncidentOpened event = new IncidentOpened(
                ids.next(),
                now,
                incidentId,
                first.node(),
                first.cause(),
                first.severity(),
                List.of(first.anomalyId()),
                first.origins());
        book.open(connection, incidentId, first, ids.save(opened).json(), now);
        outbox.append(connection, List.of(event));
        engine.getRuntimeService().startProcessInstanceByKey(PROCESS, incidentId);
    }

    /** Inside {@link #inTransaction}: the observed incident asks for action now. */
    public void worsen(String incidentId) {
        tell(WORSENED, incidentId);
    }

    /** Inside {@link #inTransaction}: somebody says that the case is decided; the workflow asks the ledger. */
    public boolean caseDecided(String incidentId) {
        return tell(APPROVAL_DECIDED, incidentId);
    }

    /** Inside {@link #inTransaction}: every recovery that waits for the stop button goes on. */
    public void resume() {
        List<Execution> waiting = engine.getRuntimeService()
                .createExecutionQuery()
                .messageEventSubscriptionName(RESUMED)
                .list();
        waiting.forEach(e -> engine.getRuntimeService().messageEventReceived(RESUMED, e.getId()));
    }

    /** Inside {@link #inTransaction}: false when the incident is not escalated. */
    public boolean resolve(String incidentId, Resolution resolution) {
        Task task = engine.getTaskService()
                .createTaskQuery()
                .processInstanceBusinessKey(incidentId)
                .taskDefinitionKey("decideByHand")
                .singleResult();
        if (task == null) {
            return false;
        }
        engine.getTaskService()
                .complete(
                        task.getId(),
                        Map.of("resolution", resolution == Resolution.REPAIRED ? "repaired" : "abandoned"));
        return true;
    }

    /** True while the breaker of the incident is closed: its node was neither isolated nor touched. */
    public boolean nothingDone(Connection connection, String incidentId) throws SQLException {
        return book.state(connection, incidentId)
                .map(RecoveryState::fromJson)
                .map(s -> s.isolation().breaker() == BreakerState.CLOSED)
                .orElse(false);
    }

    /** Ids of incidents that wait in this user task: {@code approveRecovery} or {@code decideByHand}. */
    public List<String> waitingIn(String userTask) {
        return engine
                .getRuntimeService()
                .createProcessInstanceQuery()
                .processDefinitionKey(PROCESS)
                .activityIdIn(userTask)
                .list()
                .stream()
                .map(p -> p.getBusinessKey())
                .toList();
    }

    /**
     * Asks the ledger about every case that people are asked for, should the topic have lost a decision. Called now and
     * then; a ledger that does not answer is asked the next time.
     */
    public void watchApprovals() {
        for (String incidentId : waitingIn("approveRecovery")) {
            Optional<String> caseId = inTransaction(c -> book.state(c, incidentId)
                    .map(RecoveryState::fromJson)
                    .map(s -> s.asked().caseId()));
            if (caseId.isEmpty() || caseId.get().isEmpty()) {
                continue;
            }
            try {
                if (!ledger.approvalCase(caseId.get()).open()) {
                    inTransaction(c -> caseDecided(incidentId));
                }
            } catch (ActFault e) {
                LOG.atDebug().addKeyValue("caseId", caseId.get()).log("the gate did not answer: {}", e.getMessage());
            }
        }
    }

    /** Looks whether this healer is still the only one on its database, and holds the tables inside their bounds. */
    public void prune(Instant now) {
        inTransaction(connection -> {
            database.requireClaim();
            book.prune(connection, now);
            return true;
        });
    }

    private boolean tell(String message, String incidentId) {
        Execution waiting = engine.getRuntimeService()
                .createExecutionQuery()
                .processInstanceBusinessKey(incidentId)
                .messageEventSubscriptionName(message)
                .singleResult();
        if (waiting == null) {
            return false;
        }
        engine.getRuntimeService().messageEventReceived(message, waiting.getId());
        return true;
    }

    @Override
    public void close() {
        engine.close();
    }
}
