package io.homeostat.ledger.check;

import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.state.AccountView;
import io.homeostat.ledger.state.CaseView;
import io.homeostat.ledger.state.Ledger;
import io.homeostat.ledger.state.LedgerStateLimits;
import io.homeostat.ledger.state.NodeView;
import io.homeostat.ledger.state.SnapshotDamaged;
import io.homeostat.ledger.state.TransferView;
import io.homeostat.merkle.Digests;
import io.homeostat.merkle.MerkleFrontier;
import io.homeostat.merkle.bundle.Leaf;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One snapshot against the recount: transfers as they settle, everything else when the recount has come to the snapshot's
 * edge. The snapshot is loaded into a ledger that has no journal and is asked only what it holds.
 */
final class SnapshotComparison implements AutoCloseable, Recount.Settled {
    private final String name;
    private final Differences differences;
    private final Ledger ledger;
    private final Path scratch;
    private final MerkleFrontier edge;
    private Recount recount;

    private SnapshotComparison(
            String name, Differences differences, Recount recount, Ledger ledger, Path scratch, MerkleFrontier edge) {
        this.name = name;
        this.differences = differences;
        this.recount = recount;
        this.ledger = ledger;
        this.scratch = scratch;
        this.edge = edge;
    }

    /** Loads the file; null when it can not be read, which is a difference of its own. */
    static @Nullable SnapshotComparison open(Path file, Genesis genesis, Recount recount, Differences differences)
            throws IOException {
        String name = file.getFileName().toString();
        Path scratch = Files.createTempDirectory("homeostat-check");
        Ledger ledger = Ledger.open(
                scratch.resolve("journal"), genesis, genesis.nodes().get(0).id(), LedgerStateLimits.defaults());
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 18)) {
            Path old = file.resolveSibling(name.replaceFirst("^snapshot", "ids"));
            ledger.restore(in, Files.isDirectory(old) ? old : null, false);
            return new SnapshotComparison(name, differences, recount, ledger, scratch, ledger.requiredJournal());
        } catch (SnapshotDamaged e) {
            differences.add(name, "snapshot", -1, "one that can be loaded", e.getMessage());
            ledger.close();
            delete(scratch);
            return null;
        }
    }

    String name() {
        return name;
    }

    long edge() {
        return edge.size();
    }

    @Override
    public void settled(UUID id, String status, long debit, long credit, long amount, long sequence) {
        if (sequence >= edge.size()) {
            return;
        }
        compareTransfer(id, status, debit, credit, amount, sequence);
    }

    /** The recount stands at the edge now. */
    void compare(MerkleFrontier counted) {
        long at = edge.size() - 1;
        differences.same(name, "root of the journal", at, Digests.hex(counted.root()), Digests.hex(edge.root()));
        for (Recount.Account account : recount.accounts()) {
            Accounts.compare(
                    differences,
                    name,
                    at,
                    account,
                    ledger.account(account.created.id()).orElse(null));
        }
        Ledger.Counts counts = ledger.counts();
        differences.same(name, "accounts", at, recount.accounts().size(), counts.accounts());
        differences.same(name, "open holds", at, recount.openHolds().size(), counts.openHolds());
        for (Leaf.TransferHeld held : recount.openHolds().values()) {
            compareTransfer(held.id(), "held", held.debit(), held.credit(), held.amount(), held.sequence());
        }
        recount.sums()
                .forEach((asset, sum) -> differences.same(
                        name,
                        "sum of " + asset,
                        at,
                        sum.toString(),
                        String.valueOf(ledger.sums().sums().get(asset))));
        recount.cases().forEach((id, known) -> compareCase(at, id, known));
        compareNodes(at);
        Policies.compareView(differences, name, at, recount, ledger.policyInForce());
    }

    private void compareTransfer(UUID id, String status, long debit, long credit, long amount, long sequence) {
        Optional<TransferView> found = ledger.transfer(id);
        String subject = (status.equals("held") ? "hold " : "transfer ") + id;
        if (found.isEmpty()) {
            differences.add(name, subject, sequence, status + " of " + amount, "nothing");
            return;
        }
        TransferView view = found.get();
        differences.same(name, subject + " status", sequence, status, view.status());
        differences.same(name, subject + " amount", sequence, amount, view.amount());
        differences.same(name, subject + " debit", sequence, recount.accountId(debit), view.debit());
        differences.same(name, subject + " credit", sequence, recount.accountId(credit), view.credit());
    }

    private void compareCase(long at, String id, Recount.Case known) {
        Optional<CaseView> found = ledger.caseOf(id);
        if (found.isEmpty()) {
            differences.add(name, "case " + id, at, known.state, "nothing");
            return;
        }
        CaseView view = found.get();
        differences.same(name, "case " + id + " state", at, known.state, view.state());
        differences.same(
                name,
                "case " + id + " approvals",
                at,
                known.approvals.size(),
                view.approvals().size());
        differences.same(
                name,
                "case " + id + " payload",
                at,
                Digests.hex(known.opened.payloadDigest().toArray()),
                Digests.hex(view.payloadDigest()));
        differences.same(name, "case " + id + " decision", at, known.decidedAt, view.decidedIndex());
    }

    private void compareNodes(long at) {
        for (NodeView view : ledger.nodes()) {
            Recount.Node known = recount.nodes().get(view.id());
            if (known == null) {
                differences.add(name, "node " + view.id(), at, "none", "a node");
                continue;
            }
            String subject = "node " + view.id();
            differences.same(name, subject + " isolated", at, known.isolated, view.isolated());
            differences.same(name, subject + " diverged", at, known.diverged, view.diverged());
            differences.same(name, subject + " attested index", at, known.attestedIndex, view.attestedIndex());
            differences.same(
                    name,
                    subject + " state digest",
                    at,
                    known.digest,
                    view.stateDigest().toLowerCase(Locale.ROOT));
        }
    }

    @Override
    public void close() {
        ledger.close();
        delete(scratch);
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("deleting the scratch folder " + folder, e);
        }
    }

    /** Balances and properties of one account. */
    static final class Accounts {
        private Accounts() {}

        static void compare(
                Differences differences, String where, long at, Recount.Account known, @Nullable AccountView view) {
            String subject = "account " + known.created.id();
            if (view == null) {
                differences.add(where, subject, at, "an account of " + known.created.asset(), "nothing");
                return;
            }
            differences.same(where, subject + " asset", at, known.created.asset(), view.asset());
            differences.same(where, subject + " exponent", at, known.created.exponent(), view.exponent());
            differences.same(
                    where,
                    subject + " class",
                    at,
                    known.created.accountClass(),
                    view.accountClass().ordinal() + 1);
            differences.same(
                    where,
                    subject + " flag",
                    at,
                    known.created.debitsMustNotExceedCredits(),
                    view.debitsMustNotExceedCredits());
            differences.same(
                    where,
                    subject + " flag of credits",
                    at,
                    known.created.creditsMustNotExceedDebits(),
                    view.creditsMustNotExceedDebits());
            differences.same(where, subject + " debitsPosted", at, known.debitsPosted, view.debitsPosted());
            differences.same(where, subject + " creditsPosted", at, known.creditsPosted, view.creditsPosted());
            differences.same(where, subject + " debitsHeld", at, known.debitsHeld, view.debitsHeld());
            differences.same(where, subject + " creditsHeld", at, known.creditsHeld, view.creditsHeld());
        }
    }
}
