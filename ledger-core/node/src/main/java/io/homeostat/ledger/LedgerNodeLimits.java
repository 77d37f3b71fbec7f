package io.homeostat.ledger;

import io.homeostat.ledger.clock.ClockLimits;
import io.homeostat.ledger.raft.StorageLimits;
import io.homeostat.ledger.state.LedgerStateLimits;
import java.time.Duration;

/**
 * Every bound of a node's doors and of its Raft, with the reason for its value.
 *
 * @param bodyBytes of a request: 8190 transfers as JSON fit (about 120 bytes each), and one body is parsed in a few ms
 * @param bodyBytesInFlight of all requests together: what a node of 256 MiB heap can hold at once
 * @param batchCommands of one request; the same number TigerBeetle takes, and 2 MiB encoded at the very most
 * @param requestsInFlight more wait would only add latency: at 4096 in flight the log is saturated many times over
 * @param requestsInFlightPerPrincipal half of all, so that one client can not shut the others out
 * @param commandsPerEntry of one Raft entry; bounds the pause that one apply makes for readers
 * @param bytesPerEntry of one Raft entry before it is closed for further requests; far below the appender's buffer
 * @param entriesInFlight between submit and applied: enough to fill the pipeline of three followers' fsyncs
 * @param groupingEntries with so many entries in flight a small group waits until one of them is done. With one, 256 clients
 *     made entries of 125 transfers and 12.3 k/s; with two, of 80 and 8.7 k/s, because an entry costs each of three nodes
 *     some milliseconds of CPU (docs/benchmarks.md)
 * @param smallGroupCommands from which on a group waits for nobody: the cost of an entry is then shared well enough
 * @param commitTimeout after which the outcome of a write is unknown to the client; several elections fit
 * @param readTimeout of a read index round; a quorum that needs longer is not available
 * @param electionTimeoutMin shortest silence of a leader before a follower asks for votes. Seven processes share two cores
 *     in the smallest installation: garbage collection and scheduling pauses of 100-300 ms are common, and an election by
 *     mistake costs more than the wait
 * @param electionTimeoutMax longest such silence; the spread keeps two followers from asking at once
 * @param tickInterval of the leader when nobody writes, so that holds expire and attestations fall due on time
 * @param snapshotEveryEntries of the Raft log, a large one counting once for each {@link #COMMANDS_OF_AN_ENTRY}: replay of that
 *     many takes some seconds at start
 * @param snapshotsKept the newest, and one before in case the newest can not be read
 * @param journalReadLeaves of one answer of {@code GET /v1/journal}
 * @param journalReadBytes of one answer of {@code GET /v1/journal}
 * @param casesListed of one answer of {@code GET /v1/cases}
 * @param attestationsListed of one answer of {@code GET /v1/attestations}
 * @param memberSilence after which a follower counts as lost for the quorum guard: some heartbeats, not one
 * @param transferTimeout of a leadership transfer; measured 155-420 ms
 * @param membershipTimeout of a change of members, the catch-up of a new one included
 * @param readyLagEntries a node that is further behind the leader is not ready: a second or so of entries under load
 * @param dutyInterval of the node's own duties: leadership, attestation, readiness. Also how old the view of Raft may be
 *     that decides whether a request is forwarded
 * @param storage how much of the disk stays free
 * @param state bounds of the state machine: the same on every node
 * @param clock how far the clocks of the nodes may be apart
 */
public record LedgerNodeLimits(
        int bodyBytes,
        long bodyBytesInFlight,
        int batchCommands,
        int requestsInFlight,
        int requestsInFlightPerPrincipal,
        int commandsPerEntry,
        int bytesPerEntry,
        int entriesInFlight,
        int groupingEntries,
        int smallGroupCommands,
        Duration commitTimeout,
        Duration readTimeout,
        Duration electionTimeoutMin,
        Duration electionTimeoutMax,
        Duration tickInterval,
        long snapshotEveryEntries,
        int snapshotsKept,
        int journalReadLeaves,
        int journalReadBytes,
        int casesListed,
        int attestationsListed,
        Duration memberSilence,
        Duration transferTimeout,
        Duration membershipTimeout,
        long readyLagEntries,
        Duration dutyInterval,
        StorageLimits storage,
        LedgerStateLimits state,
        ClockLimits clock) {
    /** As many commands cost about as much as an entry does by itself, so that 2 M commands are replayed at the very most. */
    public static final int COMMANDS_OF_AN_ENTRY = 100;

    /** A leader is heard every half of it, and two cores shared by seven processes pause for longer than 50 ms. */
    private static final Duration SHORTEST_ELECTION_TIMEOUT = Duration.ofMillis(100);

    /** Links with long pauses want more than the default; beyond this nobody would wait for an answer any more. */
    private static final Duration LONGEST_ELECTION_TIMEOUT = Duration.ofMinutes(2);

    /** The constructor checks it against the two before. */
    public static final LedgerNodeLimits DEFAULTS = new LedgerNodeLimits(
            1 << 20,
            64L << 20,
            8190,
            4096,
            2048,
            8190,
            1 << 20,
            8,
            1,
            2000,
            Duration.ofSeconds(5),
            Duration.ofSeconds(3),
            Duration.ofMillis(500),
            Duration.ofMillis(1000),
            Duration.ofMillis(250),
            20_000,
            2,
            65_536,
            4 << 20,
            1000,
            64,
            Duration.ofMillis(1500),
            Duration.ofSeconds(3),
            Duration.ofSeconds(20),
            512,
            Duration.ofMillis(25),
            StorageLimits.DEFAULTS,
            LedgerStateLimits.defaults(),
            ClockLimits.DEFAULTS);

    public LedgerNodeLimits {
        if (electionTimeoutMin.compareTo(SHORTEST_ELECTION_TIMEOUT) < 0) {
            throw new IllegalArgumentException("electionTimeoutMin must be at least "
                    + SHORTEST_ELECTION_TIMEOUT.toMillis() + " ms but is " + electionTimeoutMin.toMillis() + " ms");
        }
        if (electionTimeoutMax.compareTo(LONGEST_ELECTION_TIMEOUT) > 0) {
            throw new IllegalArgumentException("electionTimeoutMax must be at most "
                    + LONGEST_ELECTION_TIMEOUT.toMillis() + " ms but is " + electionTimeoutMax.toMillis() + " ms");
        }
        if (electionTimeoutMin.compareTo(electionTimeoutMax) >= 0) {
            throw new IllegalArgumentException("electionTimeoutMin of " + electionTimeoutMin.toMillis()
                    + " ms must be below electionTimeoutMax of " + electionTimeoutMax.toMillis()
                    + " ms, or two followers ask for votes at once again and again");
        }
        if (commandsPerEntry < batchCommands) {
            throw new IllegalArgumentException("commandsPerEntry " + commandsPerEntry
                    + " must hold one request of batchCommands " + batchCommands);
        }
    }

    /** With another silence of a leader before it is replaced; a leader whose process died is replaced at once. */
    public LedgerNodeLimits withElectionTimeouts(Duration min, Duration max) {
        return with(requestsInFlight, requestsInFlightPerPrincipal, min, max, snapshotEveryEntries, storage, state);
    }

    /** The same with other limits of the disk. */
    public LedgerNodeLimits withStorage(StorageLimits other) {
        return with(
                requestsInFlight,
                requestsInFlightPerPrincipal,
                electionTimeoutMin,
                electionTimeoutMax,
                snapshotEveryEntries,
                other,
                state);
    }

    /** With another number of requests at once, all of which one principal may have. */
    public LedgerNodeLimits withRequestsInFlight(int most) {
        return with(most, most, electionTimeoutMin, electionTimeoutMax, snapshotEveryEntries, storage, state);
    }

    /** The same with other limits of the state machine, which must be those of every node. */
    public LedgerNodeLimits withState(LedgerStateLimits other) {
        return with(
                requestsInFlight,
                requestsInFlightPerPrincipal,
                electionTimeoutMin,
                electionTimeoutMax,
                snapshotEveryEntries,
                storage,
                other);
    }

    /** The same with a snapshot after every so many entries. */
    public LedgerNodeLimits withSnapshotEvery(long entries) {
        return with(
                requestsInFlight,
                requestsInFlightPerPrincipal,
                electionTimeoutMin,
                electionTimeoutMax,
                entries,
                storage,
                state);
    }

    private LedgerNodeLimits with(
            int inFlight,
            int inFlightPerPrincipal,
            Duration silenceMin,
            Duration silenceMax,
            long snapshotEvery,
            StorageLimits disk,
            LedgerStateLimits machine) {
        return new LedgerNodeLimits(
                bodyBytes,
                bodyBytesInFlight,
                batchCommands,
                inFlight,
                inFlightPerPrincipal,
                commandsPerEntry,
                bytesPerEntry,
                entriesInFlight,
                groupingEntries,
                smallGroupCommands,
                commitTimeout,
                readTimeout,
                silenceMin,
                silenceMax,
                tickInterval,
                snapshotEvery,
                snapshotsKept,
                journalReadLeaves,
                journalReadBytes,
                casesListed,
                attestationsListed,
                memberSilence,
                transferTimeout,
                membershipTimeout,
                readyLagEntries,
                dutyInterval,
                disk,
                machine,
                clock);
    }
}
