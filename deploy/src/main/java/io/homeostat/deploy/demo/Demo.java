package io.homeostat.deploy.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.homeostat.deploy.approve.ApprovalsWeb;
import io.homeostat.deploy.approve.Approver;
import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.cluster.DemoPersons;
import io.homeostat.deploy.cluster.Principal;
import io.homeostat.deploy.cluster.Secrets;
import io.homeostat.deploy.incident.EventLine;
import io.homeostat.deploy.incident.IncidentWatch;
import io.homeostat.deploy.load.LedgerTransferDoor;
import io.homeostat.deploy.load.LoadDriver;
import io.homeostat.deploy.load.TransferDoor;
import io.homeostat.deploy.load.TransferFile;
import io.homeostat.deploy.load.TransferRow;
import io.homeostat.deploy.load.TransferSource;
import io.homeostat.deploy.process.ClusterProcesses;
import io.homeostat.deploy.process.Distribution;
import io.homeostat.deploy.process.OfflineVerifier;
import io.homeostat.deploy.process.ResidentMemory;
import io.homeostat.deploy.rest.AnyNode;
import io.homeostat.deploy.rest.Rest;
import io.homeostat.events.ApprovalStatement;
import io.homeostat.events.Decision;
import io.homeostat.events.IncidentEvent;
import io.homeostat.events.IncidentEvent.AnomalyRaised;
import io.homeostat.events.IncidentEvent.BreakerOpened;
import io.homeostat.events.IncidentEvent.IncidentClosed;
import io.homeostat.events.IncidentEvent.IncidentOpened;
import io.homeostat.events.IncidentEvent.RecoveryVerified;
import io.homeostat.ledger.client.LedgerClient;
import io.homeostat.ledger.client.LedgerClientLimits;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The story, one method per chapter. Not thread-safe; runs once. */
public final class Demo {
    private static final String ASSET = "EUR";
    private static final String FUNDING = "external:opening";
    private static final String TREASURY = "treasury:EUR";
    private static final String SUPPLIER = "external:supplier";
    private static final long OPENING_MINOR = 10_000_00L;
    /** Below the tier of a million, so that it needs nobody. */
    private static final long TREASURY_PART_MINOR = 900_000_00L;

    private static final long HIGH_VALUE_MINOR = 1_500_000_00L;
    private static final long SEED = 20_261_120;

    private final Settings settings;
    private final ClusterDirectory cluster;
    private final Distribution distribution;
    private final Consumer<String> say;
    private final DemoLimits limits = DemoLimits.DEFAULT;

    /**
     * @param rate transfers a second while the story runs
     * @param transfers rows to replay, else seeded transfers
     */
    public record Settings(FaultKind fault, Optional<Path> transfers, String asset, int rate, Path bundle) {
        public Settings {
            if (rate < 1 || rate > 10_000) {
                throw new IllegalArgumentException("--rate must be in 1..10000 but is " + rate);
            }
        }
    }

    public Demo(Settings settings, ClusterDirectory cluster, Distribution distribution, Consumer<String> say) {
        this.settings = settings;
        this.cluster = cluster;
        this.distribution = distribution;
        this.say = say;
    }

    /** Tells the whole story on a cluster that is about to start; it stops the cluster when all is asked. */
    public DemoReport run(ClusterProcesses processes, ResidentMemory memory, long startedNanos)
            throws IOException, InterruptedException {
        processes.awaitReady(say);
        double startup = Math.round((System.nanoTime() - startedNanos) / 1e7) / 100.0;
        say.accept(String.format(
                Locale.ROOT,
                "ready after %.1f s at %s",
                startup,
                cluster.topology().web().url()));
        LedgerTransferDoor door = new LedgerTransferDoor(client());
        fund(door);
        try (TransferSourceHandle source = source();
                LoadDriver load = new LoadDriver(door, source, UUID::randomUUID);
                IncidentWatch watch =
                        new IncidentWatch(cluster.topology().kafka().bootstrap())) {
            load.alreadyMade(accounts());
            replay(source, load);
            load.steady(settings.rate());
            say.accept("steady load of " + settings.rate() + " transfers/s");
            pause(limits.quietBefore());

            DemoReport.Incident incident = incident(watch);
            load.counts();
            DemoReport.Approval approval = highValue();
            load.pause();
            source.rest(load);
            LoadDriver.Counts counts = load.counts();
            say.accept(counts.acknowledged() + " of " + counts.offered() + " transfers acknowledged, "
                    + counts.rejected() + " rejected by the ledger's rules");

            LedgerAudit audit = new LedgerAudit(cluster);
            boolean equal = audit.digestsEqual(audit.newestAttested());
            say.accept(equal ? "state digests of all nodes are equal" : "state digests are NOT equal");
            Map<String, Long> sums = audit.sums();
            say.accept("sums per asset " + sums);
            long lost = lost(audit, load, incident.node());
            say.accept(lost + " acknowledged transfers lost");
            DemoReport.Verifier verifier = bundle(watch, incident, processes);
            return DemoReport.of(
                    settings.fault().wireName(),
                    startup,
                    memory.peakMib(),
                    new DemoReport.Transfers(counts.offered(), counts.acknowledged(), counts.rejected(), lost),
                    sums,
                    equal,
                    incident,
                    approval,
                    verifier,
                    settings.bundle().toString());
        }
    }

    private LedgerClient client() {
        List<URI> endpoints = cluster.topology().nodes().stream()
                .map(node -> URI.create(node.url()))
                .toList();
        return new LedgerClient(
                endpoints,
                cluster.token(Principal.LOAD),
                LedgerClientLimits.DEFAULTS.withDeadline(Duration.ofSeconds(30)),
                cluster.clientTls());
    }

    private List<String> accounts() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < limits.accounts(); i++) {
            ids.add(String.format(Locale.ROOT, "customer:%05d", i));
        }
        return ids;
    }

    /** Customers and the treasury get money from outside the bank, and can not spend more than they have. */
    private void fund(TransferDoor door) {
        List<TransferDoor.Account> made = new ArrayList<>();
        List<TransferDoor.Offer> opening = new ArrayList<>();
        made.add(new TransferDoor.Account(FUNDING, ASSET, TransferDoor.AccountKind.EXTERNAL, true));
        made.add(new TransferDoor.Account(SUPPLIER, ASSET, TransferDoor.AccountKind.EXTERNAL, true));
        made.add(new TransferDoor.Account(TREASURY, ASSET, TransferDoor.AccountKind.SETTLEMENT, false));
        for (String id : accounts()) {
            made.add(new TransferDoor.Account(id, ASSET, TransferDoor.AccountKind.CUSTOMER, false));
            opening.add(offer(FUNDING, id, OPENING_MINOR));
        }
        opening.add(offer(FUNDING, TREASURY, TREASURY_PART_MINOR));
        opening.add(offer(FUNDING, TREASURY, TREASURY_PART_MINOR));
        door.create(made);
        if (door.offer(opening).stream().anyMatch(verdict -> verdict != TransferDoor.Verdict.ACKNOWLEDGED)) {
            throw new IllegalStateException("an account could not be funded; see " + cluster.logs());
        }
    }

    private static TransferDoor.Offer offer(String from, String to, long minor) {
        return new TransferDoor.Offer(UUID.randomUUID(), new TransferRow(from, to, minor, ASSET));
    }

    private TransferSourceHandle source() throws IOException {
        TransferSource seeded = TransferSource.seeded(SEED, accounts(), ASSET);
        if (settings.transfers().isEmpty()) {
            return new TransferSourceHandle(null, seeded);
        }
        return new TransferSourceHandle(TransferFile.open(settings.transfers().get(), settings.asset()), seeded);
    }

    /** Most rows of a file go in as fast as the ledger takes them; the rest is the trickle during the story. */
    private void replay(TransferSourceHandle source, LoadDriver load) throws IOException {
        if (settings.transfers().isEmpty()) {
            return;
        }
        Path file = settings.transfers().get();
        long rows = count(file);
        long now = Math.max(rows - limits.trickleRows(), rows / 2);
        long began = System.nanoTime();
        long sent = load.bulk(now);
        double seconds = (System.nanoTime() - began) / 1e9;
        say.accept(String.format(
                Locale.ROOT,
                "%d of %d rows of %s in %.1f s (%.0f transfers/s); the rest trickles",
                sent,
                rows,
                file.getFileName(),
                seconds,
                sent / Math.max(seconds, 0.001)));
        source.remaining(rows - sent);
    }

    /** Reads the file once for its length and its errors: a malformed row is told before anything is sent. */
    private long count(Path file) throws IOException {
        try (TransferFile rows = TransferFile.open(file, settings.asset())) {
            long count = 0;
            while (rows.next().isPresent()) {
                count++;
            }
            return count;
        }
    }

    private DemoReport.Incident incident(IncidentWatch watch) throws IOException {
        FaultInjection.Injected injected =
                FaultInjection.inject(cluster, settings.fault(), accounts().get(0));
        say.accept("FAULT " + injected.fault().wireName() + " in " + injected.node() + ": " + injected.detail());
        Optional<IncidentEvent> closed = watch.await(
                IncidentWatch.closedOn(injected.node(), injected.at()),
                limits.storyWithin(),
                event -> line(event, injected));
        List<IncidentEvent> story = watch.seen().stream()
                .filter(event ->
                        event.node().equals(injected.node()) && !event.at().isBefore(injected.at()))
                .toList();
        String outcome = closed.map(event -> ((IncidentClosed) event).outcome()).orElse("");
        return new DemoReport.Incident(
                injected.node(),
                story.stream().map(IncidentEvent::kind).toList(),
                outcome,
                first(story, injected, event -> event instanceof AnomalyRaised),
                first(story, injected, event -> event instanceof BreakerOpened),
                first(story, injected, event -> event instanceof RecoveryVerified));
    }

    private void line(IncidentEvent event, FaultInjection.Injected injected) {
        double offset = Duration.between(injected.at(), event.at()).toMillis() / 1000.0;
        say.accept(String.format(
                Locale.ROOT, "  %+7.2fs %-18s %-3s %s", offset, event.kind(), event.node(), EventLine.facts(event)));
    }

    private static long first(
            List<IncidentEvent> story,
            FaultInjection.Injected injected,
            java.util.function.Predicate<IncidentEvent> wanted) {
        return story.stream()
                .filter(wanted)
                .findFirst()
                .map(event -> Duration.between(injected.at(), event.at()).toMillis())
                .orElse(-1L);
    }

    private DemoReport.Approval highValue() throws IOException {
        UUID id = UUID.randomUUID();
        AnyNode rita = ledger(Principal.RITA);
        Rest.Answer asked = rita.post(
                        "/v1/transfers",
                        Map.of(
                                "id", id.toString(),
                                "debit", TREASURY,
                                "credit", SUPPLIER,
                                "amount", HIGH_VALUE_MINOR,
                                "asset", ASSET))
                .orFail();
        String caseId = asked.json().path("caseId").asText("transfer:" + id);
        say.accept("rita asks for 1,500,000.00 EUR to a supplier: "
                + asked.json().path("status").asText() + ", case " + caseId);
        JsonNode held = rita.get("/v1/cases/" + caseId).orFail().json();
        BypassAttempts.HeldCase heldCase = new BypassAttempts.HeldCase(
                caseId,
                held.path("payloadDigest").asText(),
                held.path("expiresAtMicros").asLong());
        BypassAttempts bypass = new BypassAttempts(cluster, id, heldCase, line -> say.accept("  " + line));
        bypass.beforeAnybodySigned();
        approve(DemoPersons.OLGA, Principal.OLGA, heldCase, "invoice and bank details checked with the supplier");
        bypass.afterOneSigned(DemoPersons.OLGA);
        approve(DemoPersons.CARL, Principal.CARL, heldCase, "screening is clear, within the yearly frame");
        String status =
                rita.get("/v1/transfers/" + id).orFail().json().path("status").asText();
        say.accept("the transfer is " + status);
        return new DemoReport.Approval(bypass.tried(), bypass.refused(), status.equals("posted"));
    }

    private void approve(DemoPersons.Person person, Principal principal, BypassAttempts.HeldCase held, String reason)
            throws IOException {
        Approver approver = new Approver(person.id(), Secrets.readPem(cluster.approverKeyFile(person.id())));
        ApprovalStatement statement = Approver.statement(
                held.caseId(), held.payloadDigest(), Decision.APPROVE, held.expiresAtMicros(), reason);
        ApprovalsWeb web =
                new ApprovalsWeb(cluster.http(), cluster.topology().web().url(), cluster.token(principal));
        web.decide(held.caseId(), approver.sign(statement), reason).orFail();
        say.accept("  " + person.id() + " (" + person.approverRole().orElse("") + ") approves: " + reason);
    }

    /** Looked for in the journal of the node that was healed: what it lost, the ledger would have lost with it. */
    private long lost(LedgerAudit audit, LoadDriver load, String healed) throws IOException {
        return audit.missing(load.acknowledged(), cluster.topology().node(healed));
    }

    /** The cluster is gone before the bundle is verified: nothing but the file speaks. */
    private DemoReport.Verifier bundle(IncidentWatch watch, DemoReport.Incident incident, ClusterProcesses processes)
            throws IOException, InterruptedException {
        String subject = watch.seen().stream()
                .filter(event -> event instanceof IncidentOpened && event.node().equals(incident.node()))
                .map(IncidentEvent::storyId)
                .reduce((earlier, later) -> later)
                .orElse("");
        if (subject.isEmpty()) {
            return DemoReport.Verifier.NONE;
        }
        ApprovalsWeb web =
                new ApprovalsWeb(cluster.http(), cluster.topology().web().url(), cluster.token(Principal.ADA));
        web.bundle(subject, settings.bundle());
        say.accept("bundle of " + subject + " in " + settings.bundle());
        processes.close();
        say.accept("the cluster has stopped");
        OfflineVerifier.Result result = OfflineVerifier.verify(distribution, settings.bundle());
        say.accept("offline verifier in a process of its own: integrity " + result.verdict("integrity")
                + ", completeness " + result.verdict("completeness") + ", authorship " + result.verdict("authorship")
                + ", freshness " + result.verdict("freshness"));
        for (JsonNode finding : result.verdicts().path("findings")) {
            say.accept("  " + finding.path("section").asText() + " at byte "
                    + finding.path("offset").asText() + ": "
                    + finding.path("message").asText());
        }
        return new DemoReport.Verifier(result.verdict("integrity"), result.verdict("completeness"));
    }

    private AnyNode ledger(Principal principal) {
        return AnyNode.of(cluster.http(), cluster.topology().urls(), cluster.token(principal));
    }

    private static void pause(Duration time) throws InterruptedException {
        var unused = new CountDownLatch(1).await(time.toMillis(), TimeUnit.MILLISECONDS);
    }
}
