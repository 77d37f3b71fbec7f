package io.homeostat.ledger.raft;

import io.homeostat.ledger.LedgerNodeConfig;
import io.homeostat.ledger.LedgerNodeLimits;
import io.homeostat.ledger.clock.PeerClocks;
import io.homeostat.ledger.state.Command;
import io.homeostat.ledger.state.CommandCodec;
import io.homeostat.ledger.state.EncodedCommands;
import io.homeostat.ledger.state.Ledger;
import io.homeostat.transport.MutualTls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.proto.RaftProtos.CommitInfoProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.ServerRpcProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.proto.RaftProtos.TermIndexProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.LeaderElectionManagementRequest;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.SnapshotManagementRequest;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.util.ProtoUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's place in the Raft group: proposes commands, confirms reads, changes members and leadership, takes snapshots.
 * The door of the package; nothing of Ratis is seen outside.
 *
 * <p>Thread-safe. Futures complete in one thread of this replica: callers hand long work over. Every future completes within its limit.
 *
 * <p>Source: Ongaro, Consensus: Bridging Theory and Practice (2014), sections 3 (log), 4 (membership), 6.4 (read index).
 */
public final class RaftReplica implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RaftReplica.class);
    private final LedgerNodeConfig config;
    private final LedgerNodeLimits limits;
    private final RaftGroupId groupId;
    private final RaftPeerId self;
    private final RaftServer server;
    private final Runnable syncTimerRemoval;
    private final RaftEvents events;
    private final PeerClocks clocks;
    private final LedgerStateMachine machine;
    private final StorageWatch storage;
    private final GroupCommit groupCommit;
    private final ReadBarrier readBarrier;
    private final LeaderWatch leaderWatch;
    private final VoteBar voteBar;
    private final Succession succession;
    /**
     * Where replies are taken up. Ratis completes a read while it walks the list of waiting reads, under that list's lock and
     * in the thread that takes a follower's answers: a next read begun there changes the list under the walk, and the leader
     * is deaf to that follower from then on.
     */
    private final ExecutorService replies;

    private final ClientId clientId = ClientId.randomId();
    private final AtomicLong callIds = new AtomicLong();
    private final AtomicBoolean changingMembers = new AtomicBoolean();
    private final AtomicBoolean left = new AtomicBoolean();
    private volatile long lastProposedNanos = System.nanoTime();

    /** How an empty data folder takes part. A folder that holds a Raft log always goes on from it. */
    public enum Start {
        /** As a member of a new cluster. */
        BOOTSTRAP,
        /** Without a vote: filled by the others as a listener, until the leader has compared its digest. */
        JOIN
    }

    /**
     * Opens log and state; {@link #start()} makes the node take part.
     *
     * @param votes asks a member whether it takes part in elections
     */
    public RaftReplica(
            LedgerNodeConfig config,
            String ledgerName,
            Start start,
            LedgerNodeLimits limits,
            Ledger ledger,
            RaftEvents events,
            InstantSource clock,
            PeerClocks clocks,
            Function<String, CompletableFuture<Boolean>> votes,
            Optional<MutualTls> tls) {
        this.config = config;
        this.succession = new Succession(votes);
        this.limits = limits;
        this.events = events;
        this.clocks = clocks;
        this.groupId = groupId(ledgerName);
        this.self = RaftPeerId.valueOf(config.nodeId());
        boolean recover = hasLog(config.dataDir(), ledgerName);
        RaftMetadata.requireSound(metadata(config.dataDir(), ledgerName), config.nodeId());
        if (!recover && start == Start.JOIN) {
            JoinMark.set(config.dataDir());
        }
        // Only until the log or an installed snapshot brings the configuration that is in force.
        boolean joining = JoinMark.isSet(config.dataDir());
        this.voteBar = new VoteBar(config.dataDir());
        List<RaftPeer> members = config.peers().stream()
                .map(peer -> peer(peer, joining && peer.id().equals(config.nodeId())))
                .toList();
        this.syncTimerRemoval =
                LogTimer.install(RaftGroupMemberId.valueOf(self, groupId), events::appended, events::synced);
        this.storage = new StorageWatch(config.dataDir(), limits.storage());
        this.machine = new LedgerStateMachine(config.nodeId(), ledger, limits, events, clock, clocks, storage);
        Parameters parameters = new Parameters();
        tls.ifPresent(identity -> RaftTls.set(parameters, identity));
        GrpcConfigKeys.Server.setServicesCustomizer(parameters, RaftPort.servingPeersOnly(voteBar));
        try {
            this.server = RaftServer.newBuilder()
                    .setServerId(self)
                    .setStateMachine(machine)
                    .setProperties(RaftSettings.properties(config, limits))
                    .setParameters(parameters)
                    .setGroup(RaftGroup.valueOf(groupId, members))
                    .setOption(recover ? RaftStorage.StartupOption.RECOVER : RaftStorage.StartupOption.FORMAT)
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "node " + config.nodeId() + " can not open its Raft log below "
                            + raftDir(config.dataDir()).getFileName()
                            + "; if the disk is sound, wipe the node and start it with join: " + e.getMessage(),
                    e);
        }
        this.replies = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "raft-replies-" + config.nodeId());
            thread.setDaemon(true);
            return thread;
        });
        this.groupCommit = new GroupCommit("ledger-commit-" + config.nodeId(), limits, this::replicate);
        this.readBarrier = new ReadBarrier(this::readIndex);
        this.leaderWatch = new LeaderWatch(
                "leader-watch-" + config.nodeId(), this::watchedLeader, this::replaceDeadLeader, events::connection);
    }

    /** What the disk has left; to be looked at several times a second by one thread. */
    public StorageWatch storage() {
        return storage;
    }

    public void start() {
        try {
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "node " + config.nodeId() + " can not take part in its Raft group on port " + config.raftPort()
                            + ": " + e.getMessage(),
                    e);
        }
        if (voteBar.standing()) {
            electing(false);
        }
        leaderWatch.start();
    }

    /** True while this node neither gives votes nor asks for them, because its folder was begun empty. */
    public boolean voteless() {
        return voteBar.standing();
    }

    /** Votes that others asked for while this node was {@link #voteless()}. */
    public long votesRefused() {
        return voteBar.refused();
    }

    /** This node holds all that it ever acknowledged: it takes part in elections from now on, also after a restart. */
    public void vote() {
        voteBar.lift();
        electing(true);
    }

    private void electing(boolean may) {
        long call = callIds.incrementAndGet();
        admin(
                        () -> server.leaderElectionManagementAsync(
                                may
                                        ? LeaderElectionManagementRequest.newResume(clientId, self, groupId, call)
                                        : LeaderElectionManagementRequest.newPause(clientId, self, groupId, call)),
                        limits.membershipTimeout())
                .whenComplete((reply, failure) -> {
                    if (failure != null) {
                        LOG.atWarn().addKeyValue("may", may).setCause(failure).log("raft.elections_not_switched");
                    }
                });
    }

    /** Whose connection is watched: nobody's while this node does not follow as a member. */
    private LeaderWatch.View watchedLeader() {
        try {
            RaftServer.Division division = server.getDivision(groupId);
            DivisionInfo info = division.getInfo();
            RaftPeerId leader = info.getLeaderId();
            if (leader == null || leader.equals(self) || !info.isFollower() || voteBar.standing()) {
                return LeaderWatch.View.NONE;
            }
            List<String> followers = division.getRaftConf().getCurrentPeers().stream()
                    .map(peer -> peer.getId().toString())
                    .filter(id -> !id.equals(leader.toString()))
                    .sorted()
                    .toList();
            int rank = followers.indexOf(config.nodeId());
            return config.peers().stream()
                    .filter(peer -> rank >= 0 && peer.id().equals(leader.toString()))
                    .findFirst()
                    .map(peer -> new LeaderWatch.View(
                            peer.id(),
                            info.getCurrentTerm(),
                            new InetSocketAddress(peer.host(), peer.raftPort()),
                            rank))
                    .orElse(LeaderWatch.View.NONE);
        } catch (IOException e) {
            // Left, or not begun.
            return LeaderWatch.View.NONE;
        }
    }

    /**
     * Asks for votes as if the dead leader had handed its place over, which skips the round that asks the others whether they
     * still hear it. Ratis refuses when this node has nothing of the leader's term; then the election timeout decides.
     */
    private void replaceDeadLeader(LeaderWatch.View dead) {
        try {
            TermIndex last = server.getDivision(groupId).getRaftLog().getLastEntryTermIndex();
            if (last == null) {
                return;
            }
            server.startLeaderElection(StartLeaderElectionRequestProto.newBuilder()
                    .setServerRequest(RaftRpcRequestProto.newBuilder()
                            .setRequestorId(RaftPeerId.valueOf(dead.leader()).toByteString())
                            .setReplyId(self.toByteString())
                            .setRaftGroupId(ProtoUtils.toRaftGroupIdProtoBuilder(groupId)))
                    .setLeaderLastEntry(
                            TermIndexProto.newBuilder().setTerm(last.getTerm()).setIndex(last.getIndex()))
                    .build());
        } catch (IOException e) {
            LOG.atInfo().addKeyValue("failure", e.toString()).log("leader.not_replaced: the election timeout decides");
        }
    }

    /** True when the folder holds a Raft log of this ledger, so that the node goes on from it. */
    public static boolean hasLog(Path dataDir, String ledgerName) {
        return Files.exists(metadata(dataDir, ledgerName));
    }

    private static Path metadata(Path dataDir, String ledgerName) {
        return groupDir(dataDir, ledgerName).resolve("current").resolve("raft-meta");
    }

    static Path groupDir(Path dataDir, String ledgerName) {
        return raftDir(dataDir).resolve(groupId(ledgerName).getUuid().toString());
    }

    /**
     * Replicates commands together, in one entry, in order. Fails with {@link NotCommitted}; only its kind UNKNOWN leaves
     * open whether they will be applied.
     */
    public CompletableFuture<Committed> propose(List<Command> commands) {
        EncodedCommands encoded;
        try {
            encoded = CommandCodec.encodeAll(commands);
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
        return propose(encoded);
    }

    /** The same for commands that were encoded where they were read. */
    public CompletableFuture<Committed> propose(EncodedCommands commands) {
        StorageWatch.View disk = storage.view();
        if (disk.state() != StorageWatch.State.OK) {
            return CompletableFuture.failedFuture(new NotCommitted(
                    NotCommitted.Kind.STORAGE_FULL,
                    "the disk of node " + config.nodeId() + " has " + disk.freeBytes() + " bytes free and "
                            + disk.reserveBytes() + " are kept in reserve; nothing was written. Free space: writing"
                            + " goes on by itself, reads never stopped"));
        }
        Optional<String> skew = clocks.refusal();
        if (skew.isPresent()) {
            return CompletableFuture.failedFuture(new NotCommitted(NotCommitted.Kind.CLOCK_SKEW, skew.get()));
        }
        return groupCommit.submit(commands);
    }

    /** Completes when the local state holds all that was acknowledged anywhere before the call. */
    public CompletableFuture<Void> readBarrier() {
        return readBarrier.pass();
    }

    /** Goes on applying once the journal behind an installed snapshot is whole. */
    public void journalFilled() {
        machine.journalFilled();
    }

    /** Requests that wait for a place in an entry. */
    public int queueDepth() {
        return groupCommit.depth();
    }

    /** Time since this node last proposed an entry. */
    public Duration idle() {
        return Duration.ofNanos(System.nanoTime() - lastProposedNanos);
    }

    /**
     * True when the thread of the log closes the server: it met what Ratis did not expect, and now waits for its own end for
     * good. Ratis tells nobody; an orderly close is made by other threads.
     */
    public boolean closedByLog() {
        String member = RaftGroupMemberId.valueOf(self, groupId).toString();
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(thread -> thread.getKey().getName().startsWith(member))
                .map(Map.Entry::getValue)
                .anyMatch(stack ->
                        within(stack, "SegmentedRaftLogWorker", "run") && within(stack, "RaftServerImpl", "close"));
    }

    private static boolean within(StackTraceElement[] stack, String type, String method) {
        return Arrays.stream(stack)
                .anyMatch(frame -> frame.getClassName().endsWith('.' + type)
                        && frame.getMethodName().equals(method));
    }

    /** Whether Raft has ended for good and orderly, as it does in a node that the others have taken out of the group. */
    public boolean ended() {
        try {
            return server.getDivision(groupId).getInfo().getLifeCycleState()
                    == org.apache.ratis.util.LifeCycle.State.CLOSED;
        } catch (IOException e) {
            // The server has no group any more: it ended.
            return true;
        }
    }

    public RaftStatus status() {
        if (left.get()) {
            return RaftStatus.STOPPED;
        }
        RaftServer.Division division;
        try {
            division = server.getDivision(groupId);
        } catch (IOException e) {
            return RaftStatus.STOPPED;
        }
        DivisionInfo info = division.getInfo();
        if (!info.isAlive()) {
            return RaftStatus.STOPPED;
        }
        List<String> members = ids(division.getRaftConf().getCurrentPeers());
        long commit = division.getRaftLog().getLastCommittedIndex();
        long leaderCommit = division.getCommitInfos().stream()
                .mapToLong(CommitInfoProto::getCommitIndex)
                .reduce(commit, Math::max);
        RaftPeerId leader = info.getLeaderId();
        var applied = division.getStateMachine().getLastAppliedTermIndex();
        long term = info.getCurrentTerm();
        boolean leads = info.isLeader();
        boolean caughtUp = leader != null
                && applied != null
                && applied.getTerm() == term
                && leaderCommit - applied.getIndex() <= limits.readyLagEntries()
                && members.contains(config.nodeId())
                && (!leads || info.isLeaderReady());
        return new RaftStatus(
                role(info),
                leader == null ? "" : leader.toString(),
                term,
                commit,
                leaderCommit,
                info.getLastAppliedIndex(),
                members,
                ids(division.getRaftConf().getCurrentPeers(RaftPeerRole.LISTENER)),
                leads ? liveMembers(info, members) : List.of(),
                caughtUp,
                true);
    }

    private static List<String> ids(Collection<RaftPeer> peers) {
        return peers.stream().map(peer -> peer.getId().toString()).sorted().toList();
    }

    /**
     * Adds one member as a listener, which has no vote, or removes one; the leader must be asked. Guarded by
     * {@link MembershipGuard}, one change at a time. A listener becomes a voter by {@link #promote}.
     *
     * <p>The leader takes a snapshot first: Ratis begins a new member with the newest one, and a member that read older
     * configurations in the log, in which it had a vote, would take itself for a voter.
     *
     * @return members and listeners after the change
     */
    public CompletableFuture<Members> changeMember(String node, boolean member, Set<String> genesisNodes) {
        return changingAlone(status -> {
            List<String> next = MembershipGuard.decide(
                    genesisNodes, status.members(), new HashSet<>(status.liveMembers()), config.nodeId(), node, member);
            List<String> listeners = new ArrayList<>(status.listeners());
            if (member == (status.members().contains(node) || listeners.contains(node))) {
                return CompletableFuture.completedFuture(new Members(status.members(), listeners));
            }
            if (member) {
                listeners.add(node);
                return snapshot().thenCompose(taken -> configure(new Members(status.members(), listeners)));
            }
            listeners.remove(node);
            return configure(new Members(next, listeners));
        });
    }

    /** Gives a listener its vote; the caller has compared its digest with the majority's. The leader must be asked. */
    public CompletableFuture<Members> promote(String node) {
        return changingAlone(status -> {
            List<String> listeners = new ArrayList<>(status.listeners());
            if (!listeners.remove(node)) {
                return CompletableFuture.completedFuture(new Members(status.members(), listeners));
            }
            List<String> members = new ArrayList<>(status.members());
            members.add(node);
            return configure(new Members(members, listeners));
        });
    }

    /**
     * The Raft configuration.
     *
     * @param voters ids of those that vote, sorted
     * @param listeners ids of those that are only filled, sorted
     */
    public record Members(List<String> voters, List<String> listeners) {
        public Members {
            voters = voters.stream().sorted().toList();
            listeners = listeners.stream().sorted().toList();
        }
    }

    private CompletableFuture<Members> changingAlone(Function<RaftStatus, CompletableFuture<Members>> change) {
        RaftStatus status = status();
        if (!status.leader()) {
            return CompletableFuture.failedFuture(noLeader());
        }
        if (!changingMembers.compareAndSet(false, true)) {
            return CompletableFuture.failedFuture(new NotCommitted(
                    NotCommitted.Kind.REFUSED,
                    "change_in_progress",
                    "another change of members is under way; wait for it"));
        }
        CompletableFuture<Members> changed;
        try {
            changed = change.apply(status);
        } catch (NotCommitted refused) {
            changed = CompletableFuture.failedFuture(refused);
        }
        return changed.whenComplete((members, failure) -> changingMembers.set(false));
    }

    private CompletableFuture<Members> configure(Members next) {
        SetConfigurationRequest.Arguments arguments = SetConfigurationRequest.Arguments.newBuilder()
                .setServersInNewConf(peers(next.voters()))
                .setListenersInNewConf(peers(next.listeners()))
                .build();
        return admin(
                        () -> server.setConfigurationAsync(new SetConfigurationRequest(
                                clientId, self, groupId, callIds.incrementAndGet(), arguments)),
                        limits.membershipTimeout())
                .thenApply(reply -> {
                    LOG.atInfo()
                            .addKeyValue("members", next.voters())
                            .addKeyValue("listeners", next.listeners())
                            .log("raft.members_changed");
                    return next;
                });
    }

    private List<RaftPeer> peers(List<String> ids) {
        return config.peers().stream()
                .filter(peer -> ids.contains(peer.id()))
                .map(peer -> peer(peer, false))
                .toList();
    }

    /**
     * Moves leadership to another live member, the first of these that takes part in elections; the leader must be asked.
     * Completes with the new leader.
     */
    public CompletableFuture<String> transferLeadership(List<String> candidates) {
        RaftStatus status = status();
        if (!status.leader()) {
            return CompletableFuture.failedFuture(noLeader());
        }
        for (String candidate : candidates) {
            if (candidate.equals(config.nodeId())) {
                return CompletableFuture.completedFuture(candidate);
            }
            if (!status.liveMembers().contains(candidate)) {
                return CompletableFuture.failedFuture(new NotCommitted(
                        NotCommitted.Kind.REFUSED,
                        "target_not_live",
                        "node '" + candidate + "' is not a member that answers; those are " + status.liveMembers()));
            }
        }
        return succession.choose(candidates).thenCompose(this::moveLeadership);
    }

    private CompletableFuture<String> moveLeadership(String target) {
        long millis = limits.transferTimeout().toMillis();
        return admin(
                        () -> server.transferLeadershipAsync(new TransferLeadershipRequest(
                                clientId,
                                self,
                                groupId,
                                callIds.incrementAndGet(),
                                RaftPeerId.valueOf(target),
                                millis)),
                        limits.transferTimeout().plus(limits.readTimeout()))
                .thenApply(reply -> target);
    }

    /** Takes a snapshot now; completes with the Raft index that it holds, once it is on disk. */
    public CompletableFuture<Long> snapshot() {
        return machine.newestSnapshot()
                .handle((before, failure) -> before)
                .thenCompose(before -> {
                    machine.wantSnapshot();
                    return ratisSnapshot();
                })
                .thenCompose(before -> machine.newestSnapshot().thenApply(written -> Math.max(before, written)));
    }

    /**
     * Takes a snapshot now and completes with its file, to be opened at once: later snapshots push it out, and an open file
     * stays readable.
     */
    public CompletableFuture<SnapshotFile> snapshotFile() {
        return snapshot().thenApply(index -> {
            SnapshotFile file = machine.newestSnapshotFile();
            if (file == null) {
                throw new NotCommitted(NotCommitted.Kind.REFUSED, "no_snapshot", "nothing has been applied yet");
            }
            return file;
        });
    }

    /** Lets Ratis learn of the newest snapshot, so that it purges its log. */
    public void purgeLog() {
        ratisSnapshot().whenComplete((index, failure) -> {
            if (failure != null) {
                LOG.atDebug()
                        .addKeyValue("failure", failure.toString())
                        .log("raft.purge_put_off: the next snapshot does it");
            }
        });
    }

    private CompletableFuture<Long> ratisSnapshot() {
        long millis = limits.membershipTimeout().toMillis();
        return admin(
                        () -> server.snapshotManagementAsync(SnapshotManagementRequest.newCreate(
                                clientId, self, groupId, callIds.incrementAndGet(), millis, 1)),
                        limits.membershipTimeout())
                .thenApply(RaftClientReply::getLogIndex);
    }

    /** Leaves the group for good: this node neither votes nor leads any more. Idempotent. */
    public void leave() {
        if (!left.compareAndSet(false, true)) {
            return;
        }
        leaderWatch.close();
        groupCommit.close();
        machine.giveUpWaiting();
        storage.giveUp();
        try {
            server.close();
        } catch (IOException e) {
            LOG.atWarn().setCause(e).log("raft.close_failed: the Raft server did not close in order");
        }
        syncTimerRemoval.run();
        replies.shutdown();
    }

    @Override
    public void close() {
        leave();
    }

    private CompletableFuture<Committed> replicate(List<EncodedCommands> commands) {
        Proposal proposal = new Proposal(CommandCodec.entry(commands));
        long started = System.nanoTime();
        lastProposedNanos = started;
        return ask(proposal, RaftClientRequest.writeRequestType(), limits.commitTimeout())
                .handle((reply, failure) -> {
                    if (failure == null && reply.isSuccess()) {
                        events.committed(System.nanoTime() - started);
                        return new Committed(
                                reply.getLogIndex(),
                                proposal.outcomes(),
                                heldBy(reply.getLogIndex()),
                                proposal.timing());
                    }
                    String why = why(reply, failure);
                    if (!proposal.refusedForClock().isEmpty()) {
                        throw new NotCommitted(NotCommitted.Kind.CLOCK_SKEW, proposal.refusedForClock());
                    }
                    throw proposal.mayBeAppended()
                            ? new NotCommitted(
                                    NotCommitted.Kind.UNKNOWN,
                                    "the entry was handed to the log and no majority answered in time: " + why)
                            : new NotCommitted(NotCommitted.Kind.NO_LEADER, "nothing was written: " + why);
                });
    }

    private CompletableFuture<Void> readIndex() {
        return ask(Message.EMPTY, RaftClientRequest.readRequestType(), limits.readTimeout())
                .handle((reply, failure) -> {
                    if (failure != null || !reply.isSuccess()) {
                        throw new NotCommitted(
                                NotCommitted.Kind.NO_QUORUM, "no quorum confirmed the read: " + why(reply, failure));
                    }
                    return null;
                });
    }

    private CompletableFuture<RaftClientReply> ask(Message message, RaftClientRequest.Type type, Duration timeout) {
        RaftClientRequest request = RaftClientRequest.newBuilder()
                .setClientId(clientId)
                .setServerId(self)
                .setGroupId(groupId)
                .setCallId(callIds.incrementAndGet())
                .setMessage(message)
                .setType(type)
                .setTimeoutMs(timeout.toMillis())
                .build();
        try {
            return server.submitClientRequestAsync(request)
                    .thenApplyAsync(Function.identity(), replies)
                    .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @FunctionalInterface
    private interface AdminCall {
        CompletableFuture<RaftClientReply> start() throws IOException;
    }

    private CompletableFuture<RaftClientReply> admin(AdminCall call, Duration timeout) {
        CompletableFuture<RaftClientReply> reply;
        try {
            reply = call.start()
                    .thenApplyAsync(Function.identity(), replies)
                    .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (IOException e) {
            reply = CompletableFuture.failedFuture(e);
        }
        return reply.handle((answer, failure) -> {
            if (failure != null || !answer.isSuccess()) {
                throw new NotCommitted(NotCommitted.Kind.REFUSED, "raft_refused", why(answer, failure));
            }
            return answer;
        });
    }

    /**
     * Ids of the nodes known to have synced the log up to this index, as the leader knows it; this node alone when it does
     * not lead. A follower answers an append only after it synced it.
     */
    public List<String> heldBy(long index) {
        try {
            DivisionInfo info = server.getDivision(groupId).getInfo();
            List<ServerRpcProto> followers =
                    info.getRoleInfoProto().getLeaderInfo().getFollowerInfoList();
            long[] matches = info.getFollowerMatchIndices();
            List<String> voters = ids(server.getDivision(groupId).getRaftConf().getCurrentPeers());
            List<String> holders = new ArrayList<>();
            holders.add(config.nodeId());
            // Both lists come from the same appenders; while members change they may differ, and then less is said.
            for (int i = 0; i < followers.size() && followers.size() == matches.length; i++) {
                String follower = followers.get(i).getId().getId().toStringUtf8();
                if (matches[i] >= index && voters.contains(follower)) {
                    holders.add(follower);
                }
            }
            return holders;
        } catch (IOException e) {
            return List.of(config.nodeId());
        }
    }

    private List<String> liveMembers(DivisionInfo info, List<String> voters) {
        List<String> live = info.getRoleInfoProto().getLeaderInfo().getFollowerInfoList().stream()
                .filter(follower -> follower.getLastRpcElapsedTimeMs()
                        <= limits.memberSilence().toMillis())
                .map(follower -> follower.getId().getId().toStringUtf8())
                .filter(voters::contains)
                .collect(Collectors.toCollection(ArrayList::new));
        live.add(config.nodeId());
        return live;
    }

    private static String role(DivisionInfo info) {
        return switch (info.getCurrentRole()) {
            case LEADER, FOLLOWER, CANDIDATE, LISTENER ->
                info.getCurrentRole().name().toLowerCase(Locale.ROOT);
            default -> "none";
        };
    }

    private static String why(RaftClientReply reply, Throwable failure) {
        if (failure != null) {
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            return cause instanceof java.util.concurrent.TimeoutException
                    ? "timeout"
                    : String.valueOf(cause.getMessage());
        }
        return reply.getException() == null
                ? "refused"
                : String.valueOf(reply.getException().getMessage());
    }

    private static NotCommitted noLeader() {
        return new NotCommitted(NotCommitted.Kind.NO_LEADER, "this node does not lead");
    }

    static RaftGroupId groupId(String ledgerName) {
        return RaftGroupId.valueOf(
                UUID.nameUUIDFromBytes(("homeostat/" + ledgerName).getBytes(StandardCharsets.UTF_8)));
    }

    static Path raftDir(Path dataDir) {
        return dataDir.resolve("raft");
    }

    private static RaftPeer peer(LedgerNodeConfig.Peer peer, boolean listener) {
        return RaftPeer.newBuilder()
                .setId(peer.id())
                .setAddress(peer.host() + ":" + peer.raftPort())
                .setStartupRole(listener ? RaftPeerRole.LISTENER : RaftPeerRole.FOLLOWER)
                .build();
    }
}
