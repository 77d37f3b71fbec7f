package io.homeostat.ledger.simulation;

import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.simulation.Replica.Entry;
import io.homeostat.ledger.simulation.Replica.Mistake;
import io.homeostat.ledger.simulation.Replica.Snapshot;
import io.homeostat.ledger.state.AccountView;
import io.homeostat.ledger.state.Command;
import io.homeostat.ledger.state.CommandCodec;
import io.homeostat.ledger.state.InvariantViolation;
import io.homeostat.ledger.state.Ledger;
import io.homeostat.ledger.state.LedgerStateLimits;
import io.homeostat.ledger.state.OwnDigest;
import io.homeostat.ledger.state.SnapshotDamaged;
import io.homeostat.merkle.JournalFault;
import io.homeostat.merkle.MerkleTree;
import io.homeostat.merkle.Proofs;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;

/**
 * One seed: replicas that agree by a small Raft over a network that drops, delays, reorders, repeats and cuts; that crash, lose
 * power, lose bits and are rebuilt; under clocks that are wrong and jump. After every step it is checked that replicas at one
 * index are equal, that sums are zero, that time grows, and that no gated money moved without its approvals; at the end, that
 * all replicas and a replay from the beginning agree to the byte.
 *
 * <p>Elections are decided by the rule of Raft (a majority that can be reached both ways, none of whose logs is newer), but
 * without messages of their own: elections are Ratis' business.
 */
final class Simulation {
    private static final long MS = 1_000;
    private static final long SECOND = 1_000_000;
    private static final long START = 1_700_000_000L * SECOND;
    private static final long SETTLE_WITHIN = 600 * SECOND;
    private static final int ENTRIES_PER_MESSAGE = 8;
    private static final int LEAVES_PER_FETCH = 400;
    /** A hundred times what a seed needs. */
    private static final int MAX_EVENTS = 300_000;

    /** Faults that a seed can meet. */
    enum Fault {
        DROPPED,
        REPEATED,
        LATE,
        CUT,
        ONE_WAY_CUT,
        KILL,
        POWER_CUT,
        ALL_POWER_CUT,
        CRASH_IN_SNAPSHOT,
        CLOCK_JUMP,
        BIT_FLIP_JOURNAL,
        BIT_FLIP_SNAPSHOT,
        DRIFT,
        FALSE_LEAF,
        WIPED,
        INSTALLED,
        LEADER_CHANGE
    }

    /** What a seed came to. {@code trace} is equal for equal runs. */
    record Report(
            long seed, int entries, long simulatedMicros, Map<Fault, Integer> faults, int approved, String trace) {}

    /** What the first replica that applied an index made of it. */
    private record Truth(byte[] batch, byte[] root, int outcomes, long timeMicros, long leaves, byte[] digest) {}

    private record Event(long at, long order, Runnable action) {}

    private final long seed;
    private final Random random;
    private final Mistake mistake;
    private final int entriesWanted;
    private final Genesis genesis;
    private final Path base;
    private final Workload workload;
    private final GateAudit gate;
    private final List<Replica> replicas = new ArrayList<>();
    private final boolean[][] cut;
    private final PriorityQueue<Event> events = new PriorityQueue<>(
            (a, b) -> a.at() != b.at() ? Long.compare(a.at(), b.at()) : Long.compare(a.order(), b.order()));
    private final Map<Fault, Integer> faults = new TreeMap<>();
    /** By Raft index minus one. */
    private final List<Truth> truths = new ArrayList<>();

    private final MessageDigest trace = MerkleTree.newSha256();
    private long now = START;
    private long order;
    private long auditedLeaves;
    private boolean calm;
    private int proposals;
    private long globalCommit;
    private int dropPercent;

    Simulation(long seed, Mistake mistake, int entriesWanted, Path base) {
        this.seed = seed;
        this.random = new Random(seed);
        this.mistake = mistake;
        this.entriesWanted = entriesWanted;
        int nodes = random.nextInt(4) == 0 ? 5 : 3;
        this.genesis = SimGenesis.of(nodes);
        this.base = base.resolve("seed-" + seed + "-" + mistake);
        this.workload = new Workload(seed, nodes, random);
        this.gate = new GateAudit(genesis, workload.genuine);
        this.cut = new boolean[nodes][nodes];
        for (int i = 0; i < nodes; i++) {
            replicas.add(new Replica(i, this.base, genesis));
        }
    }

    Report run() {
        try {
            for (Replica replica : replicas) {
                replica.clockSkewMicros = random.nextInt(4_000_000) - 2_000_000L;
                start(replica);
            }
            every(20 * MS, 150 * MS, this::work);
            every(200 * MS, 2500 * MS, this::someFault);
            steps(() -> proposals >= entriesWanted);
            settle();
            compareAll();
            replayAll();
            return new Report(
                    seed,
                    truths.size(),
                    now - START,
                    faults,
                    gate.approvedPostings(),
                    io.homeostat.merkle.Digests.hex(trace.digest()));
        } catch (RuntimeException e) {
            throw failed("an exception: " + e, e);
        } finally {
            for (Replica replica : replicas) {
                if (replica.up) {
                    replica.ledger.close();
                }
            }
            SimDisk.delete(base);
        }
    }

    // ---- the loop

    private void at(long delay, Runnable action) {
        events.add(new Event(now + delay, order++, action));
    }

    private void every(long least, long most, Runnable action) {
        long delay = least + Math.floorMod(random.nextLong(), most - least);
        at(delay, () -> {
            action.run();
            every(least, most, action);
        });
    }

    private void steps(java.util.function.BooleanSupplier done) {
        int left = MAX_EVENTS;
        while (!done.getAsBoolean()) {
            Event next = events.poll();
            if (next == null || left-- == 0) {
                throw failed("the ledger stood still: " + state(), null);
            }
            now = Math.max(now, next.at());
            next.action().run();
        }
    }

    private void settle() {
        calm = true;
        // A clock that jumped ahead took ledger time with it, and attestations fall due by ledger time: it must catch
        // up.
        now += 2 * 3600 * SECOND;
        dropPercent = 0;
        for (boolean[] row : cut) {
            Arrays.fill(row, false);
        }
        for (Replica replica : replicas) {
            if (!replica.up) {
                start(replica);
            }
        }
        long until = now + SETTLE_WITHIN;
        steps(() -> {
            if (now > until) {
                throw failed(
                        "the replicas did not agree within " + SETTLE_WITHIN / SECOND + " s of calm: " + state(), null);
            }
            return replicas.stream()
                    .allMatch(replica -> replica.inService()
                            && !replica.drifted
                            && replica.applied == globalCommit
                            && replica.lastIndex() == globalCommit);
        });
    }

    private String state() {
        StringBuilder text = new StringBuilder();
        for (Replica r : replicas) {
            text.append(r.id() + (r.up ? " up" : " down") + (r.leads ? " leads" : "") + " term " + r.term + " log "
                    + r.logStart + ".." + r.lastIndex() + " commit " + r.commit + " applied " + r.applied
                    + (r.up ? " gap " + r.ledger.journalGap() : "") + (r.drifted ? " drifted" : "") + "; ");
        }
        return text + "commit " + globalCommit;
    }

    // ---- clients

    private void work() {
        Replica leader = anyLeader();
        if (leader == null || !leader.inService()) {
            return;
        }
        if (calm && random.nextInt(4) != 0) {
            return;
        }
        List<Command> commands = leader.lastIndex() == 0
                ? Workload.begin(genesis.body())
                : new ArrayList<>(calm ? admissions() : workload.commands(leader.ledger));
        if (leader.lastIndex() > 0) {
            for (Replica replica : replicas) {
                attest(replica, commands);
            }
        }
        propose(leader, commands);
        if (!calm && random.nextInt(40) == 0) {
            // A quiet hour: holds and cases expire.
            now += Math.floorMod(random.nextLong(), 5400 * SECOND);
        }
    }

    /** An isolated node has no say in what is right: with one more falsified there is no majority of three to tell. */
    private List<Command> admissions() {
        List<Command> commands = new ArrayList<>();
        replicas.forEach(replica -> commands.add(new Command.AdmitNode(replica.id(), "inc")));
        return commands;
    }

    private void attest(Replica replica, List<Command> commands) {
        if (!replica.inService() || random.nextInt(3) == 0) {
            return;
        }
        replica.ledger
                .pendingAttestation()
                .ifPresent((OwnDigest own) ->
                        commands.add(new Command.Attest(replica.id(), own.raftIndex(), own.digest())));
    }

    private void propose(Replica leader, List<Command> commands) {
        byte[] batch = CommandCodec.encode(new Command.Batch(clock(leader), commands));
        leader.log.add(new Entry(leader.term, batch));
        proposals++;
        note("propose", leader.number, leader.lastIndex());
        advance(leader);
        replicate(leader);
    }

    private long clock(Replica replica) {
        return Math.max(1, now + replica.clockSkewMicros);
    }

    /** Of several that believe to lead, the one of the newest term is asked; now and then another one. */
    private Replica anyLeader() {
        Replica found = null;
        for (Replica replica : replicas) {
            boolean newer = found == null || replica.term > found.term || random.nextInt(8) == 0;
            if (replica.up && replica.leads && newer) {
                found = replica;
            }
        }
        return found;
    }

    // ---- agreement

    private int majority() {
        return replicas.size() / 2 + 1;
    }

    private void start(Replica replica) {
        boolean afterCrash = replica.incarnation > 0;
        replica.incarnation++;
        replica.up = true;
        replica.leads = false;
        replica.drifted = false;
        replica.attestedIndex = 0;
        replica.heardMicros = now;
        try {
            replica.ledger = replica.open();
            replica.disk.synced();
            recover(replica, afterCrash);
        } catch (JournalFault damage) {
            if (!replica.flipped) {
                throw failed(replica.id() + " found damage that nobody made: " + damage.getMessage(), damage);
            }
            if (replica.ledger != null) {
                replica.ledger.close();
            }
            rebuild(replica);
            return;
        }
        replica.disk.forgetOlder();
        timer(replica, replica.incarnation);
    }

    /** The newest snapshot that can be read, then the log behind it. */
    private void recover(Replica replica, boolean afterCrash) {
        replica.commit = 0;
        replica.applied = 0;
        for (Snapshot snapshot : replica.snapshots.descendingMap().values()) {
            try {
                replica.ledger.restore(new ByteArrayInputStream(snapshot.bytes()));
                replica.applied = snapshot.index();
                replica.commit = snapshot.index();
                break;
            } catch (SnapshotDamaged damage) {
                if (!replica.flipped) {
                    throw failed(replica.id() + " found a damaged snapshot that nobody damaged", damage);
                }
                count(Fault.BIT_FLIP_SNAPSHOT);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        replica.snapshots.tailMap(replica.applied, false).clear();
        replica.disk.synced();
        if (replica.applied < replica.logStart) {
            // No snapshot can be read and the log does not reach back: as good as empty.
            replica.ledger.close();
            rebuild(replica);
            return;
        }
        if (mistaken(replica, Mistake.FORGETS_ONE) && afterCrash) {
            replica.applied++;
        }
        fill(replica, replica.incarnation);
    }

    /** Fetches missing leaves from any peer, until the journal is whole. */
    private void fill(Replica replica, int incarnation) {
        if (!replica.up || replica.incarnation != incarnation) {
            return;
        }
        replica.incomplete = replica.ledger.journalGap().isPresent();
        if (!replica.incomplete) {
            return;
        }
        long from = replica.ledger.journalGap().orElseThrow();
        Replica peer = replicas.get(random.nextInt(replicas.size()));
        if (peer != replica && peer.inService() && !cut[peer.number][replica.number]) {
            try {
                List<byte[]> leaves = new ArrayList<>(peer.ledger.readJournal(from, LEAVES_PER_FETCH, 1 << 20));
                if (!leaves.isEmpty() && random.nextInt(10) == 0) {
                    int liar = random.nextInt(leaves.size());
                    byte[] leaf = leaves.get(liar).clone();
                    leaf[random.nextInt(leaf.length)] ^= 1;
                    leaves.set(liar, leaf);
                    replica.liedTo = true;
                    count(Fault.FALSE_LEAF);
                }
                if (replica.ledger.backfill(leaves)) {
                    if (replica.liedTo && !sameLeaves(replica)) {
                        throw failed(replica.id() + " took a false leaf", null);
                    }
                    replica.liedTo = false;
                    replica.incomplete = false;
                    replica.disk.synced();
                }
            } catch (IllegalArgumentException e) {
                if (!replica.liedTo && !replica.flipped && !peer.flipped) {
                    throw failed(replica.id() + " refused true leaves", e);
                }
                replica.liedTo = false;
            } catch (JournalFault damage) {
                if (!peer.flipped && !replica.flipped) {
                    throw failed(replica.id() + " or " + peer.id() + " found damage that nobody made", damage);
                }
                crash(peer.flipped ? peer : replica, Fault.KILL);
                return;
            }
        }
        at(20 * MS + random.nextInt(100_000), () -> fill(replica, incarnation));
    }

    private boolean sameLeaves(Replica replica) {
        long size = replica.ledger.journalSize();
        Truth truth = truths.get((int) replica.applied - 1);
        return size == truth.leaves() && Arrays.equals(replica.ledger.root(), truth.root());
    }

    /** Its disk is given up; it is filled by the leader, and has no vote before it holds what it had vouched for. */
    private void rebuild(Replica replica) {
        count(Fault.WIPED);
        note("rebuild", replica.number, replica.lastIndex());
        replica.up = false;
        replica.leads = false;
        replica.disk.wipe();
        replica.disk.forgetOlder();
        replica.snapshots.clear();
        replica.logBecomes(0, 0);
        replica.novoteUntilCommit = Math.max(1, globalCommit);
        replica.flipped = false;
        replica.liedTo = false;
        replica.commit = 0;
        replica.applied = 0;
        for (Replica other : replicas) {
            other.matchIndex.put(replica.number, 0L);
            other.nextIndex.put(replica.number, other.lastIndex() + 1);
        }
        start(replica);
    }

    private void timer(Replica replica, int incarnation) {
        at(60 * MS + random.nextInt(120_000), () -> {
            if (!replica.up || replica.incarnation != incarnation) {
                return;
            }
            if (replica.leads) {
                replicate(replica);
            } else if (now - replica.heardMicros > 300 * MS + random.nextInt(300_000)) {
                stand(replica);
            }
            snapshotNowAndThen(replica);
            if (replica.up && replica.incarnation == incarnation) {
                timer(replica, incarnation);
            }
        });
    }

    private void stand(Replica candidate) {
        if (!candidate.votes()) {
            return;
        }
        List<Replica> voters = new ArrayList<>();
        long newest = candidate.term;
        for (Replica voter : replicas) {
            boolean reached =
                    voter == candidate || !cut[candidate.number][voter.number] && !cut[voter.number][candidate.number];
            if (!voter.up || !reached) {
                continue;
            }
            newest = Math.max(newest, voter.term);
            boolean upToDate = candidate.lastTerm() > voter.lastTerm()
                    || candidate.lastTerm() == voter.lastTerm() && candidate.lastIndex() >= voter.lastIndex();
            if (voter.votes() && upToDate) {
                voters.add(voter);
            }
        }
        if (voters.size() < majority()) {
            return;
        }
        for (Replica voter : voters) {
            voter.term = newest + 1;
            voter.leads = false;
            voter.heardMicros = now;
        }
        candidate.leads = true;
        count(Fault.LEADER_CHANGE);
        note("leads", candidate.number, candidate.term);
        candidate.nextIndex.clear();
        candidate.matchIndex.clear();
        for (Replica other : replicas) {
            candidate.nextIndex.put(other.number, candidate.lastIndex() + 1);
            candidate.matchIndex.put(other.number, 0L);
        }
        if (candidate.lastIndex() > 0) {
            propose(candidate, List.of(new Command.Tick()));
        }
    }

    private void replicate(Replica leader) {
        for (Replica follower : replicas) {
            if (follower != leader) {
                sendEntries(leader, follower);
            }
        }
    }

    private void sendEntries(Replica leader, Replica follower) {
        long next = Math.min(leader.nextIndex.get(follower.number), leader.lastIndex() + 1);
        long term = leader.term;
        if (next <= leader.logStart) {
            Map.Entry<Long, Snapshot> newest = leader.snapshots.lastEntry();
            if (newest == null) {
                throw failed(leader.id() + " purged its log and has no snapshot", null);
            }
            Snapshot snapshot = newest.getValue();
            int incarnation = follower.incarnation;
            send(leader, follower, () -> install(leader, follower, incarnation, term, snapshot));
            return;
        }
        long previous = next - 1;
        long previousTerm = leader.termAt(previous);
        int count = (int) Math.min(ENTRIES_PER_MESSAGE, leader.lastIndex() - previous);
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(leader.entry(next + i));
        }
        long commit = leader.commit;
        send(leader, follower, () -> append(leader, follower, term, previous, previousTerm, entries, commit));
    }

    private void append(
            Replica leader,
            Replica follower,
            long term,
            long previous,
            long previousTerm,
            List<Entry> entries,
            long commit) {
        if (!heard(follower, term)) {
            return;
        }
        if (previous > follower.lastIndex()
                || previous > follower.logStart && follower.termAt(previous) != previousTerm) {
            long hint = Math.min(previous, follower.lastIndex() + 1);
            answer(
                    follower,
                    leader,
                    term,
                    () -> leader.nextIndex.put(follower.number, Math.max(1, Math.min(hint, previous))));
            return;
        }
        long index = previous;
        for (Entry entry : entries) {
            index++;
            if (index <= follower.logStart) {
                continue;
            }
            if (index <= follower.lastIndex() && follower.termAt(index) != entry.term()) {
                if (index <= follower.commit) {
                    throw failed(follower.id() + " would have to take back the committed entry " + index, null);
                }
                follower.truncateFrom(index);
            }
            if (index > follower.lastIndex()) {
                follower.log.add(entry);
            }
        }
        long held = index;
        follower.commit = Math.max(follower.commit, Math.min(commit, held));
        follower.votes();
        applySome(follower);
        holdsUpTo(follower, leader, term, held);
    }

    private void holdsUpTo(Replica follower, Replica leader, long term, long held) {
        answer(follower, leader, term, () -> {
            leader.matchIndex.merge(follower.number, held, Math::max);
            leader.nextIndex.put(follower.number, leader.matchIndex.get(follower.number) + 1);
            advance(leader);
        });
    }

    private void install(Replica leader, Replica follower, int incarnation, long term, Snapshot snapshot) {
        if (follower.incarnation != incarnation || !heard(follower, term)) {
            return;
        }
        if (snapshot.index() <= follower.commit) {
            // What is committed here is the same there: the leader goes on behind it.
            holdsUpTo(follower, leader, term, follower.commit);
            return;
        }
        count(Fault.INSTALLED);
        note("install", follower.number, snapshot.index());
        try {
            follower.ledger.restore(new ByteArrayInputStream(snapshot.bytes()));
        } catch (SnapshotDamaged damage) {
            if (!leader.flipped) {
                throw failed("the snapshot that " + leader.id() + " sent is damaged, and nobody damaged it", damage);
            }
            // The leader's disk is bad: it goes.
            crash(leader, Fault.KILL);
            return;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // The whole state is the leader's now.
        follower.drifted = false;
        follower.snapshots.clear();
        follower.snapshots.put(snapshot.index(), snapshot);
        follower.logBecomes(snapshot.index(), snapshot.term());
        follower.commit = snapshot.index();
        follower.votes();
        follower.applied = snapshot.index();
        follower.disk.synced();
        fill(follower, follower.incarnation);
        holdsUpTo(follower, leader, term, snapshot.index());
    }

    private boolean heard(Replica follower, long term) {
        if (!follower.up || term < follower.term) {
            return false;
        }
        if (term > follower.term) {
            follower.leads = false;
        }
        follower.term = term;
        follower.heardMicros = now;
        return true;
    }

    private void answer(Replica from, Replica leader, long term, Runnable effect) {
        int incarnation = from.incarnation;
        int leaders = leader.incarnation;
        send(from, leader, () -> {
            boolean same = from.incarnation == incarnation && leader.incarnation == leaders;
            if (same && leader.up && leader.leads && leader.term == term) {
                effect.run();
            }
        });
    }

    /** What a majority of voters holds, of the leader's own term. */
    private void advance(Replica leader) {
        for (long index = leader.lastIndex(); index > leader.commit && leader.termAt(index) == leader.term; index--) {
            int holders = 0;
            for (Replica replica : replicas) {
                boolean holds = replica == leader || leader.matchIndex.getOrDefault(replica.number, 0L) >= index;
                holders += holds && replica.votes() ? 1 : 0;
            }
            if (holders >= majority()) {
                leader.commit = index;
                globalCommit = Math.max(globalCommit, index);
                break;
            }
        }
        applySome(leader);
    }

    private void send(Replica from, Replica to, Runnable message) {
        if (cut[from.number][to.number]) {
            return;
        }
        if (random.nextInt(100) < dropPercent) {
            count(Fault.DROPPED);
            return;
        }
        long delay = 200 + random.nextInt(8_000);
        if (!calm && random.nextInt(30) == 0) {
            delay += random.nextInt(3_000_000);
            count(Fault.LATE);
        }
        at(delay, message);
        if (!calm && random.nextInt(30) == 0) {
            at(delay + random.nextInt(500_000), message);
            count(Fault.REPEATED);
        }
    }

    // ---- the ledger under test

    private void applySome(Replica replica) {
        int most = random.nextInt(4) == 0 ? random.nextInt(3) : Integer.MAX_VALUE;
        while (replica.up && replica.applied < replica.commit && most-- > 0) {
            if (replica.ledger.journalGap().isPresent()) {
                return;
            }
            apply(replica, replica.applied + 1);
        }
    }

    private void apply(Replica replica, long index) {
        byte[] bytes = replica.entry(index).batch();
        Command.Batch batch = CommandCodec.decode(bytes);
        long before = replica.ledger.timeMicros();
        if (mistaken(replica, mistake)) {
            if (mistake == Mistake.DROPS && random.nextInt(50) == 0) {
                replica.applied = index;
                return;
            }
            if (mistake == Mistake.MEMORY_DRIFT && random.nextInt(50) == 0) {
                replica.ledger.faultDrift("bank", 1);
            }
            batch = Replica.wrong(mistake, batch, before, clock(replica));
        }
        List<Command.Outcome> outcomes;
        try {
            outcomes = replica.ledger.apply(index, batch);
        } catch (JournalFault | InvariantViolation damage) {
            if (!replica.drifted && !replica.flipped) {
                throw failed(replica.id() + " at index " + index + ": " + damage.getMessage(), damage);
            }
            crash(replica, Fault.KILL);
            return;
        }
        replica.applied = index;
        check(replica, index, bytes, before, outcomes);
        if (replica.up && replica.ledger.divergence().isPresent()) {
            if (!replica.drifted) {
                throw failed(replica.id() + " was said to have diverged at index " + index + " but had not", null);
            }
            replica.ledger.close();
            rebuild(replica);
        }
    }

    private void check(Replica replica, long index, byte[] batch, long before, List<Command.Outcome> outcomes) {
        Ledger ledger = replica.ledger;
        byte[] digest =
                ledger.digestIndex() == index ? ledger.stateDigest().getBytes(StandardCharsets.US_ASCII) : new byte[0];
        Truth found =
                new Truth(batch, ledger.root(), outcomes.hashCode(), ledger.timeMicros(), ledger.journalSize(), digest);
        if (ledger.timeMicros() <= before) {
            throw failed(
                    replica.id() + " at index " + index + ": time went from " + before + " to " + ledger.timeMicros(),
                    null);
        }
        if (replica.drifted) {
            // It may differ now; that it is found is what counts.
            return;
        }
        ledger.sums().sums().forEach((asset, sum) -> {
            if (sum != 0) {
                throw failed(replica.id() + " at index " + index + ": the sum of " + asset + " is " + sum, null);
            }
        });
        for (String id : Workload.LIMITED) {
            AccountView view = ledger.account(id).orElse(null);
            if (view != null && view.creditsPosted() - view.debitsPosted() - view.debitsHeld() < 0) {
                throw failed(replica.id() + " at index " + index + ": overdrawn: " + view, null);
            }
        }
        if (index > truths.size() + 1) {
            throw failed(replica.id() + " applied index " + index + " before " + truths.size(), null);
        }
        if (index == truths.size() + 1) {
            truths.add(found);
            trace.update(found.root());
            audit(ledger);
            return;
        }
        Truth truth = truths.get((int) index - 1);
        if (!Arrays.equals(truth.batch(), batch)) {
            throw failed("the simulated Raft committed two entries at index " + index, null);
        }
        if (!Arrays.equals(truth.root(), found.root())
                || truth.outcomes() != found.outcomes()
                || truth.timeMicros() != found.timeMicros()
                || truth.leaves() != found.leaves()) {
            throw failed(replica.id() + " made something else of index " + index + " than the first replica did", null);
        }
        if (!Arrays.equals(truth.digest(), digest)) {
            throw failed(
                    replica.id() + " has another state digest at index " + index + " than the first replica", null);
        }
        if (random.nextInt(20) == 0) {
            prove(replica);
        }
    }

    private void audit(Ledger ledger) {
        while (auditedLeaves < ledger.journalSize()) {
            for (byte[] leaf : ledger.readJournal(auditedLeaves, 1000, 1 << 20)) {
                gate.read(leaf);
                auditedLeaves++;
            }
        }
    }

    private void prove(Replica replica) {
        Ledger ledger = replica.ledger;
        long size = ledger.journalSize();
        long sequence = Math.floorMod(random.nextLong(), size);
        try {
            byte[] leaf = ledger.readJournal(sequence, 1, 1 << 20).get(0);
            List<byte[]> proof = ledger.inclusionProof(sequence, size);
            if (!Proofs.verifyInclusion(sequence, size, MerkleTree.leafHash(leaf), proof, ledger.root())) {
                throw failed(replica.id() + " proves leaf " + sequence + " falsely", null);
            }
        } catch (JournalFault damage) {
            if (!replica.flipped) {
                throw failed(replica.id() + " found damage that nobody made: " + damage.getMessage(), damage);
            }
        }
    }

    private void snapshotNowAndThen(Replica replica) {
        if (!replica.up || replica.applied == 0 || random.nextInt(25) != 0 || !replica.inService()) {
            return;
        }
        long index = replica.applied;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            replica.ledger.writeSnapshot(out);
        } catch (InvariantViolation unsound) {
            if (!replica.drifted) {
                throw failed(replica.id() + " refused a sound state", unsound);
            }
            return;
        } catch (JournalFault damage) {
            if (!replica.flipped) {
                throw failed(replica.id() + " found damage that nobody made", damage);
            }
            crash(replica, Fault.KILL);
            return;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (replica.drifted) {
            throw failed(replica.id() + " wrote a snapshot of a falsified state at index " + index, null);
        }
        replica.disk.synced();
        note("snapshot", replica.number, index);
        if (!calm && random.nextInt(6) == 0) {
            // The journal is synced, the snapshot not yet in its place.
            crash(replica, random.nextBoolean() ? Fault.KILL : Fault.POWER_CUT);
            count(Fault.CRASH_IN_SNAPSHOT);
            return;
        }
        replica.snapshots.put(index, new Snapshot(index, replica.termAt(index), out.toByteArray()));
        while (replica.snapshots.size() > 2) {
            replica.snapshots.pollFirstEntry();
        }
        if (replica.snapshots.size() == 2 || random.nextInt(3) == 0) {
            replica.purgeTo(replica.snapshots.firstKey());
        }
    }

    private boolean mistaken(Replica replica, Mistake which) {
        return mistake == which && which != Mistake.NONE && replica.number == 1;
    }

    // ---- faults

    private void someFault() {
        if (calm) {
            return;
        }
        Replica victim = replicas.get(random.nextInt(replicas.size()));
        switch (random.nextInt(14)) {
            case 0, 1 -> cutOff(victim, false);
            case 2 -> cutOff(victim, true);
            case 3 -> {
                dropPercent = random.nextInt(40);
                at(random.nextInt(5_000_000), () -> dropPercent = 0);
            }
            case 4, 5, 6 -> crash(victim, Fault.KILL);
            case 7, 8 -> crash(victim, Fault.POWER_CUT);
            case 9 -> {
                count(Fault.ALL_POWER_CUT);
                replicas.forEach(replica -> crash(replica, Fault.POWER_CUT));
            }
            case 10 -> {
                victim.clockSkewMicros = random.nextInt(3) == 0
                        ? Math.floorMod(random.nextLong(), 7200 * SECOND) - 3600 * SECOND
                        : random.nextInt(4_000_000) - 2_000_000L;
                count(Fault.CLOCK_JUMP);
                note("clock", victim.number, victim.clockSkewMicros);
            }
            case 11, 12 -> flip(victim);
            default -> drift(victim);
        }
    }

    /** One at a time, as everywhere: the majority must be right. */
    private void drift(Replica victim) {
        if (!victim.inService() || victim.applied < 2 || othersAreImpaired(victim)) {
            return;
        }
        victim.drifted = victim.ledger.faultDrift("bank", 1 + random.nextInt(100)) || victim.drifted;
        if (victim.drifted) {
            count(Fault.DRIFT);
            note("drift", victim.number, victim.applied);
        }
    }

    /** More than a minority of damaged disks at once is not survived by any replicated log. */
    private boolean othersAreImpaired(Replica victim) {
        int impaired = 0;
        for (Replica other : replicas) {
            boolean bad = other.drifted || other.flipped || other.incomplete || !other.votes();
            impaired += other != victim && bad ? 1 : 0;
        }
        return impaired + 1 > replicas.size() / 2;
    }

    private void flip(Replica victim) {
        if (!victim.up || othersAreImpaired(victim) || !victim.votes()) {
            return;
        }
        boolean inSnapshot = random.nextInt(3) == 0 && !victim.snapshots.isEmpty();
        crash(victim, random.nextBoolean() ? Fault.KILL : Fault.POWER_CUT);
        if (inSnapshot) {
            Snapshot newest = victim.snapshots.lastEntry().getValue();
            byte[] bytes = newest.bytes().clone();
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            victim.snapshots.put(newest.index(), new Snapshot(newest.index(), newest.term(), bytes));
            victim.flipped = true;
            note("flip snapshot", victim.number, newest.index());
        } else if (!victim.disk.flipBit(random).isEmpty()) {
            count(Fault.BIT_FLIP_JOURNAL);
            victim.flipped = true;
            note("flip", victim.number, victim.lastIndex());
        }
    }

    private void cutOff(Replica victim, boolean oneWay) {
        count(oneWay ? Fault.ONE_WAY_CUT : Fault.CUT);
        note(oneWay ? "one-way" : "cut", victim.number, victim.lastIndex());
        for (int other = 0; other < replicas.size(); other++) {
            if (other != victim.number && random.nextInt(4) != 0) {
                cut[other][victim.number] = true;
                cut[victim.number][other] = !oneWay;
            }
        }
        at(random.nextInt(6_000_000), () -> {
            for (int other = 0; other < replicas.size(); other++) {
                cut[other][victim.number] = false;
                cut[victim.number][other] = false;
            }
        });
    }

    private void crash(Replica replica, Fault how) {
        if (!replica.up) {
            return;
        }
        count(how);
        note(how.name(), replica.number, replica.lastIndex());
        replica.up = false;
        replica.leads = false;
        if (how == Fault.POWER_CUT) {
            replica.disk.powerCut(random);
        } else {
            replica.disk.killed();
        }
        // Lets go of the dead incarnation's files, which nobody reads any more.
        replica.ledger.close();
        at(50 * MS + random.nextInt(4_000_000), () -> {
            if (!replica.up) {
                start(replica);
            }
        });
    }

    // ---- the end

    private void compareAll() {
        Replica first = replicas.get(0);
        byte[] snapshot = snapshot(first);
        for (Replica replica : replicas) {
            if (!Arrays.equals(replica.ledger.root(), first.ledger.root())
                    || !Arrays.equals(snapshot(replica), snapshot)) {
                throw failed(replica.id() + " ends in another state than " + first.id() + ": " + state(), null);
            }
            allLeaves(replica);
        }
    }

    private void allLeaves(Replica replica) {
        try {
            MessageDigest mine = MerkleTree.newSha256();
            MessageDigest others = MerkleTree.newSha256();
            digestLeaves(replica.ledger, mine);
            digestLeaves(replicas.get(0).ledger, others);
            if (!Arrays.equals(mine.digest(), others.digest())) {
                throw failed(replica.id() + " serves other leaves than n1", null);
            }
        } catch (JournalFault damage) {
            boolean excused = replica.flipped || replicas.get(0).flipped;
            if (!excused) {
                throw failed(replica.id() + " found damage that nobody made", damage);
            }
        }
    }

    private static void digestLeaves(Ledger ledger, MessageDigest digest) {
        for (long at = 0; at < ledger.journalSize(); ) {
            List<byte[]> leaves = ledger.readJournal(at, 1000, 1 << 20);
            leaves.forEach(digest::update);
            at += leaves.size();
        }
    }

    private byte[] snapshot(Replica replica) {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            replica.ledger.writeSnapshot(out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All entries from the first on, by a replica that never crashed and never saw a snapshot. */
    private void replayAll() {
        try (Ledger fresh = Ledger.open(base.resolve("replay"), genesis, "n1", LedgerStateLimits.defaults())) {
            for (int i = 0; i < truths.size(); i++) {
                fresh.apply(
                        i + 1, CommandCodec.decode(ByteBuffer.wrap(truths.get(i).batch())));
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            fresh.writeSnapshot(out);
            if (!Arrays.equals(out.toByteArray(), snapshot(replicas.get(0)))) {
                throw failed("a replay from the beginning ends in another state than the replicas", null);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void count(Fault fault) {
        faults.merge(fault, 1, Integer::sum);
    }

    private void note(String what, int replica, long index) {
        trace.update((now + " " + what + " " + replica + " " + index + "\n").getBytes(StandardCharsets.US_ASCII));
        if (Boolean.getBoolean("simulation.trace")) {
            System.out.println((now - START) / 1000 + " ms: " + what + " n" + (replica + 1) + " " + index);
        }
    }

    private SimulationFailed failed(String what, Throwable cause) {
        return new SimulationFailed(
                "seed " + seed + ", " + (now - START) / 1000 + " ms: " + what + " [replay: -Dsimulation.seed=" + seed
                        + " -Dsimulation.trace=true]",
                cause);
    }
}
