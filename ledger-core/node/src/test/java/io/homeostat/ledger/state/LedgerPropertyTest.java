package io.homeostat.ledger.state;

import static io.homeostat.ledger.state.LedgerFixture.GENESIS;
import static io.homeostat.ledger.state.LedgerFixture.SECOND;
import static io.homeostat.ledger.state.LedgerFixture.START;
import static io.homeostat.ledger.state.LedgerFixture.account;
import static io.homeostat.ledger.state.LedgerFixture.approve;
import static io.homeostat.ledger.state.LedgerFixture.recovery;
import static io.homeostat.ledger.state.LedgerFixture.seeded;
import static io.homeostat.ledger.state.LedgerFixture.sha;
import static io.homeostat.ledger.state.LedgerFixture.throughCodec;
import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.merkle.CheckpointSigner;
import io.homeostat.merkle.bundle.BundleVerifier;
import io.homeostat.merkle.bundle.BundleWriter;
import io.homeostat.merkle.bundle.Verdict;
import io.homeostat.merkle.bundle.VerificationReport;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random histories; a failure prints the seed, {@code -Dseed=N} runs that one alone, {@code -Dseeds=N} as many. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LedgerPropertyTest {
    private static final int SEEDS = Integer.getInteger("seeds", 5);
    private static final int BATCHES = 100;
    private static final List<String> FLAGGED = List.of("ada", "bob");
    private static final List<String> EUR = List.of("ada", "bob", "bank", "fees", "nobody");
    private static final List<String> ACCOUNTS = List.of("ada", "bob", "bank", "fees", "usd", "debts");
    private static final List<String> KEYS = List.copyOf(LedgerFixture.KEYS.keySet());

    @TempDir
    Path directory;

    @Test
    void whatever_is_asked_for_the_ledgers_agree_and_the_auditor_finds_nothing() throws IOException {
        String only = System.getProperty("seed");
        Map<String, Integer> reached = new HashMap<>();
        if (only != null) {
            new History(Long.parseLong(only)).run(reached);
        }
        for (long seed = 1; only == null && seed <= SEEDS; seed++) {
            new History(seed).run(reached);
        }
        if (only == null) {
            assertThat(reached.keySet())
                    .as("the histories are worth something only if they get everywhere")
                    .contains(
                            "transfer approved",
                            "transfer denied",
                            "transfer expired",
                            "recovery approved",
                            "GATED",
                            "SIGNATURE_INVALID",
                            "PAYLOAD_DIFFERS",
                            "STATEMENT_EXPIRED",
                            "STATEMENT_OUTLIVES_CASE",
                            "APPROVER_IS_REQUESTER",
                            "PERSON_HAS_DECIDED",
                            "ROLE_NOT_DEMANDED",
                            "CASE_NOT_OPEN",
                            "INSUFFICIENT_FUNDS",
                            "DUPLICATE",
                            "ID_CONFLICT",
                            "HOLD_EXPIRED",
                            "POST_EXCEEDS_HOLD",
                            "LEGS_UNBALANCED",
                            "LEGS_REACH_TIER",
                            "CREDITS_EXCEED_DEBITS",
                            "EFFECTIVE_DATE_OUT_OF_RANGE",
                            "TRANSFER_NOT_FOUND",
                            "NOT_REVERSIBLE",
                            "ALREADY_REVERSED",
                            "reversed",
                            "reversed by approval",
                            "begun again",
                            "QUORUM_AT_RISK");
        }
    }

    /** One seed: a straight replica, one that follows, and one that is restored from a snapshot on the way. */
    private final class History {
        private final long seed;
        private final Random random;
        private final List<Command.CreateTransfer> asked = new ArrayList<>();
        private final List<UUID> posted = new ArrayList<>();
        /** Of amounts that need approvals: a reversal of one that got them needs them too. */
        private final List<UUID> large = new ArrayList<>();

        private final List<AccountView> seen = new ArrayList<>();
        private int reversals;
        private long now = START;

        History(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
        }

        void run(Map<String, Integer> reached) throws IOException {
            Ledger restored = null;
            try (Ledger straight = open("straight", "n1");
                    Ledger follower = open("follower", "n2");
                    Forgetful forgetful = new Forgetful(
                            directory.resolve(seed + "-forgetful"), 1 + random.nextInt(12), 20, random.nextLong())) {
                int restoreAt = 20 + random.nextInt(BATCHES - 40);
                for (int i = 1; i <= BATCHES; i++) {
                    Command.Batch batch = throughCodec(new Command.Batch(now, i == 1 ? begin() : commands(straight)));
                    List<Command.Outcome> outcomes = straight.apply(i, batch);
                    assertThat(follower.apply(i, batch))
                            .as("seed %d batch %d", seed, i)
                            .isEqualTo(outcomes);
                    assertThat(forgetful.apply(i, batch))
                            .as("seed %d batch %d", seed, i)
                            .isEqualTo(outcomes);
                    outcomes.forEach(outcome -> reached.merge(outcome.reason().name(), 1, Integer::sum));
                    if (i == restoreAt) {
                        restored = restore(straight);
                    } else if (restored != null) {
                        assertThat(restored.apply(i, batch))
                                .as("seed %d batch %d", seed, i)
                                .isEqualTo(outcomes);
                    }
                    requireSound(straight, i);
                    for (String id : ACCOUNTS) {
                        seen.add(straight.account(id).orElseThrow());
                    }
                    now += random.nextInt(10) == 0 ? random.nextInt(4000) * SECOND : random.nextInt(400_000);
                }
                requireSame(straight, follower);
                requireSame(straight, restored);
                requireSame(straight, forgetful.ledger());
                if (forgetful.restarts() > 0) {
                    reached.merge("begun again", forgetful.restarts(), Integer::sum);
                }
                for (int id = 0; id < 400; id++) {
                    assertThat(forgetful.ledger().transfer(new UUID(seed, id)))
                            .as("seed %d id %d", seed, id)
                            .isEqualTo(straight.transfer(new UUID(seed, id)));
                }
                assertThat(holds(forgetful.ledger())).as("seed %d", seed).isEqualTo(holds(straight));
                straight.cases(CaseFilter.ALL, 10_000)
                        .forEach(view -> reached.merge(view.kind() + " " + view.state(), 1, Integer::sum));
                for (UUID id : posted) {
                    straight.transfer(id)
                            .filter(view -> view.reverses() != null)
                            .ifPresent(view -> {
                                reached.merge(view.gated() ? "reversed by approval" : "reversed", 1, Integer::sum);
                            });
                    assertThat(follower.transfer(id)).isEqualTo(straight.transfer(id));
                }
                for (AccountView view : seen) {
                    assertThat(((AsOf.Known) straight.accountAsOf(view.id(), view.index())).account())
                            .as("seed %d", seed)
                            .isEqualTo(view);
                }
                audit(straight);
            } finally {
                if (restored != null) {
                    restored.close();
                }
            }
        }

        private List<HoldPage.View> holds(Ledger ledger) {
            List<HoldPage.View> all = new ArrayList<>();
            for (long next = Long.MAX_VALUE; next > 0; ) {
                HoldPage page = ledger.holds(null, null, next, 7);
                all.addAll(page.holds());
                next = page.next().orElse(0);
            }
            return all;
        }

        private Ledger open(String name, String node) {
            return Ledger.open(directory.resolve(seed + "-" + name), GENESIS, node, LedgerStateLimits.defaults());
        }

        private Ledger restore(Ledger from) throws IOException {
            ByteArrayOutputStream snapshot = new ByteArrayOutputStream();
            from.writeSnapshot(snapshot);
            Ledger restored = open("restored", "n3");
            restored.restore(new ByteArrayInputStream(snapshot.toByteArray()));
            restored.backfill(from.readJournal(0, 1 << 16, 1 << 30));
            ByteArrayOutputStream again = new ByteArrayOutputStream();
            restored.writeSnapshot(again);
            assertThat(again.toByteArray()).as("seed %d", seed).isEqualTo(snapshot.toByteArray());
            return restored;
        }

        private void requireSound(Ledger ledger, int batch) {
            assertThat(ledger.sums().sums().values())
                    .as("seed %d batch %d", seed, batch)
                    .allMatch(sum -> sum == 0);
            ledger.account("debts")
                    .ifPresent(view -> assertThat(view.debitsPosted() - view.creditsPosted() - view.creditsHeld())
                            .as("seed %d batch %d", seed, batch)
                            .isNotNegative());
            for (String id : FLAGGED) {
                ledger.account(id)
                        .ifPresent(view -> assertThat(view.creditsPosted() - view.debitsPosted() - view.debitsHeld())
                                .as("seed %d batch %d account %s", seed, batch, id)
                                .isNotNegative());
            }
        }

        private void requireSame(Ledger one, Ledger other) {
            assertThat(other.root()).as("seed %d", seed).isEqualTo(one.root());
            assertThat(other.stateDigest())
                    .as("seed %d", seed)
                    .isEqualTo(one.stateDigest())
                    .isNotEmpty();
            assertThat(other.digestIndex()).isEqualTo(one.digestIndex());
            assertThat(other.cases(CaseFilter.ALL, 10_000))
                    .usingRecursiveComparison()
                    .isEqualTo(one.cases(CaseFilter.ALL, 10_000));
            assertThat(one.divergence()).isEmpty();
        }

        /** The auditor's code knows nothing of ours: it replays the leaves, and checks every gated posting. */
        private void audit(Ledger ledger) throws IOException {
            Path bundle = directory.resolve(seed + ".bundle");
            BundleWriter.write(
                    bundle,
                    new BundleWriter.Content(
                            Instant.EPOCH,
                            ledger.cases(CaseFilter.ALL, 1).get(0).caseId(),
                            new CheckpointSigner(GENESIS.ledger(), "n1", seeded(101))
                                    .sign(ledger.journalSize(), ledger.root(), ledger.timeMicros()),
                            (from, limit) -> ledger.readJournal(from, limit, 1 << 22),
                            BundleWriter.LeafSource.none(),
                            List.of("because")));
            VerificationReport report = BundleVerifier.verify(bundle, Optional.empty());
            assertThat(report.completeness())
                    .as("seed %d: %s", seed, report.toText())
                    .isEqualTo(Verdict.PASS);
            assertThat(report.verdicts().values())
                    .as("seed %d: %s", seed, report.toText())
                    .doesNotContain(Verdict.FAIL);
        }

        private List<Command> begin() {
            return List.of(
                    new Command.Begin(GENESIS.body()),
                    account("ada", "EUR", true),
                    account("bob", "EUR", true),
                    account("bank", "EUR", false),
                    account("fees", "EUR", false),
                    account("usd", "USD", false),
                    new Command.CreateAccount("debts", "EUR", 2, Command.AccountClass.EXTERNAL, false, true));
        }

        private List<Command> commands(Ledger ledger) {
            List<Command> commands = new ArrayList<>();
            for (int i = random.nextInt(12); i >= 0; i--) {
                commands.add(command(ledger));
            }
            return commands;
        }

        private Command command(Ledger ledger) {
            return switch (random.nextInt(19)) {
                case 0, 1, 2, 3, 4, 5 -> transfer();
                case 6 -> asked.isEmpty() ? new Command.Tick() : repeat();
                case 7 -> new Command.PostHold(someId(), random.nextInt(3) * 4000L, "shop");
                case 8 -> new Command.VoidHold(someId(), "shop");
                case 9, 10, 11, 12 -> approval(ledger);
                case 13 -> recovery("r" + random.nextInt(8), random.nextBoolean() ? "healer" : "o1");
                case 14 ->
                    random.nextBoolean()
                            ? new Command.IsolateNode("n" + (1 + random.nextInt(4)), "inc", "random")
                            : new Command.AdmitNode("n" + (1 + random.nextInt(3)), "inc");
                case 15, 16 -> random.nextInt(4) == 0 ? dated() : legs();
                case 17 -> reversal();
                default ->
                    ledger.pendingAttestation()
                            .map(own -> (Command)
                                    new Command.Attest("n" + (1 + random.nextInt(3)), own.raftIndex(), own.digest()))
                            .orElseGet(Command.Tick::new);
            };
        }

        private Command transfer() {
            boolean hold = random.nextInt(3) == 0;
            long amount = switch (random.nextInt(6)) {
                case 0 -> 9_999 + random.nextInt(3);
                case 1 -> 49_999 + random.nextInt(3);
                case 2 -> random.nextInt(3) - 1;
                default -> 1 + random.nextInt(9_000);
            };
            String principal = random.nextInt(4) == 0 ? KEYS.get(random.nextInt(KEYS.size())) : "shop";
            Command.CreateTransfer transfer = new Command.CreateTransfer(
                    new UUID(seed, random.nextInt(400)),
                    EUR.get(random.nextInt(EUR.size())),
                    EUR.get(random.nextInt(EUR.size())),
                    random.nextInt(20) == 0 ? "USD" : "EUR",
                    amount,
                    hold,
                    hold ? random.nextInt(20) : 0,
                    principal);
            if (amount >= 10_000) {
                large.add(transfer.id());
            }
            asked.add(transfer);
            return transfer;
        }

        private Command dated() {
            Command.CreateTransfer transfer = (Command.CreateTransfer) transfer();
            return new Command.CreateDatedTransfer(transfer, day());
        }

        private int day() {
            int today = (int) LegsDecider.day(now);
            return switch (random.nextInt(4)) {
                case 0 -> Command.NO_DAY;
                case 1 -> today - 368 + random.nextInt(3);
                default -> today + random.nextInt(7) - 3;
            };
        }

        /** Mostly balanced: what one account gives, the others get. */
        private Command legs() {
            List<Command.Leg> legs = new ArrayList<>();
            long given = 0;
            for (int i = 1 + random.nextInt(4); i > 0; i--) {
                long amount = 1 + random.nextInt(random.nextInt(8) == 0 ? 9_000 : 600);
                legs.add(new Command.Leg(EUR.get(random.nextInt(4)), "EUR", amount));
                given += amount;
            }
            if (random.nextInt(3) == 0) {
                legs.add(new Command.Leg("debts", "EUR", 5));
                given += 5;
            }
            if (random.nextInt(4) == 0) {
                legs.add(new Command.Leg("usd", "USD", -7));
                legs.add(new Command.Leg("usd", "USD", 7));
            }
            given += random.nextInt(8) == 0 ? 1 : 0;
            String giver = random.nextBoolean() ? "bank" : EUR.get(random.nextInt(4));
            legs.add(new Command.Leg(random.nextInt(5) == 0 ? "debts" : giver, "EUR", -given));
            UUID id = new UUID(seed, random.nextInt(400));
            posted.add(id);
            return new Command.CreateLegs(id, legs, day(), "shop");
        }

        private Command reversal() {
            List<UUID> targets = large.isEmpty() || random.nextBoolean() ? posted : large;
            UUID target = targets.isEmpty() || random.nextInt(3) == 0
                    ? someId()
                    : targets.get(random.nextInt(targets.size()));
            UUID id = new UUID(seed, random.nextInt(8) == 0 ? random.nextInt(400) : 1000 + reversals++);
            posted.add(id);
            return new Command.ReverseTransfer(id, target, Command.ReversalReason.FRAUD, day(), "shop");
        }

        private Command repeat() {
            return asked.get(random.nextInt(asked.size()));
        }

        private UUID someId() {
            return asked.isEmpty()
                    ? new UUID(seed, 0)
                    : asked.get(asked.size() - 1 - random.nextInt(Math.min(20, asked.size())))
                            .id();
        }

        /** Mostly right, often wrong in one way. */
        private Command approval(Ledger ledger) {
            List<CaseView> views = ledger.cases(random.nextInt(5) == 0 ? CaseFilter.ALL : CaseFilter.OPEN, 4);
            if (views.isEmpty()) {
                return new Command.Tick();
            }
            CaseView view = views.get(random.nextInt(views.size()));
            String keyId = KEYS.get(random.nextInt(KEYS.size()));
            boolean yes = random.nextInt(8) != 0;
            long expires = view.expiresAtMicros();
            Command.Approve good = approve(view.caseId(), view.payloadDigest(), keyId, yes, expires);
            return switch (random.nextInt(12)) {
                case 0 -> approve(view.caseId(), sha("other"), keyId, yes, expires);
                case 1 -> approve(view.caseId(), view.payloadDigest(), keyId, yes, expires + 1);
                case 2 -> approve(view.caseId(), view.payloadDigest(), keyId, yes, ledger.timeMicros());
                case 3 ->
                    new Command.Approve(
                            good.caseId(),
                            good.payloadDigest(),
                            !yes,
                            good.keyId(),
                            good.expiresAtMicros(),
                            good.reasonDigest(),
                            good.signature());
                default -> good;
            };
        }
    }
}
