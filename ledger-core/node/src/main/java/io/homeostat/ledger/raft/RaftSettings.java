package io.homeostat.ledger.raft;

import io.homeostat.ledger.LedgerNodeConfig;
import io.homeostat.ledger.LedgerNodeLimits;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.rpc.SupportedRpcType;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/** How Ratis runs here, each choice with its reason. */
final class RaftSettings {
    /** Holds the largest entry (8190 commands) several times, so that followers are fed in few messages. */
    private static final SizeInBytes APPENDER_BUFFER = SizeInBytes.valueOf("4MB");

    /** Ratis wants more than one appender buffer. */
    private static final SizeInBytes WRITE_BUFFER = SizeInBytes.valueOf("8MB");

    /** Small enough that purging after a snapshot gives space back, large enough to be allocated rarely. */
    private static final SizeInBytes SEGMENT = SizeInBytes.valueOf("16MB");

    /** A growing file costs half as much again per sync as a preallocated one. */
    private static final SizeInBytes PREALLOCATED = SizeInBytes.valueOf("8MB");

    private static final SizeInBytes PENDING_WRITES = SizeInBytes.valueOf("32MB");
    private static final SizeInBytes SEGMENT_CACHE = SizeInBytes.valueOf("32MB");
    private static final int SEGMENTS_CACHED = 2;
    private static final int PENDING_ELEMENTS = 4096;

    /** Entries are not retried by Ratis clients (there are none): answers need not be remembered for long. */
    private static final Duration RETRY_CACHE = Duration.ofSeconds(10);

    /** A node that has just begun and hears no leader; a cluster that starts must not wait for more. */
    private static final Duration FIRST_ELECTION_MIN = Duration.ofMillis(500);

    private static final Duration FIRST_ELECTION_MAX = Duration.ofMillis(1000);

    private static final Duration RPC_TIMEOUT = Duration.ofSeconds(2);

    /**
     * A snapshot goes out in parts, a few at a time, which is what it costs in memory. Ratis multiplies the time by their number
     * and needs the whole product to see that a first attempt met a closed port: 6 s, for 16 MB when all is well.
     */
    private static final SizeInBytes SNAPSHOT_PART = SizeInBytes.valueOf("4MB");

    private static final int SNAPSHOT_PARTS = 4;
    private static final Duration SNAPSHOT_PART_TIMEOUT = Duration.ofMillis(1500);

    /** A leader that hears no majority steps down; its clients then learn it from the new one. */
    private static final Duration STEP_DOWN = Duration.ofMillis(1500);

    /** Ratis closes a server that was paused this long; the sidecar acts far earlier. */
    private static final Duration PAUSE_LIMIT = Duration.ofMinutes(5);

    private RaftSettings() {}

    static RaftProperties properties(LedgerNodeConfig config, LedgerNodeLimits limits) {
        RaftProperties p = new RaftProperties();
        RaftConfigKeys.Rpc.setType(p, SupportedRpcType.GRPC);
        GrpcConfigKeys.Server.setHost(p, config.host());
        GrpcConfigKeys.Server.setPort(p, config.raftPort());
        RaftServerConfigKeys.setStorageDir(
                p, List.of(RaftReplica.raftDir(config.dataDir()).toFile()));
        RaftServerConfigKeys.setCloseThreshold(p, time(PAUSE_LIMIT));

        RaftServerConfigKeys.Rpc.setTimeoutMin(p, time(limits.electionTimeoutMin()));
        RaftServerConfigKeys.Rpc.setTimeoutMax(p, time(limits.electionTimeoutMax()));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(p, time(FIRST_ELECTION_MIN));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(p, time(FIRST_ELECTION_MAX));
        RaftServerConfigKeys.Rpc.setRequestTimeout(p, time(RPC_TIMEOUT));
        RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(p, time(STEP_DOWN));

        // Acknowledged means synced: neither unsafe nor asynchronous flush.
        RaftServerConfigKeys.Log.setUnsafeFlushEnabled(p, false);
        RaftServerConfigKeys.Log.setAsyncFlushEnabled(p, false);
        // An entry of its own for every commit index would double the log; a restart learns the index from the leader.
        RaftServerConfigKeys.Log.setLogMetadataEnabled(p, false);
        RaftServerConfigKeys.Log.setSegmentSizeMax(p, SEGMENT);
        RaftServerConfigKeys.Log.setPreallocatedSize(p, PREALLOCATED);
        RaftServerConfigKeys.Log.setWriteBufferSize(p, WRITE_BUFFER);
        RaftServerConfigKeys.Log.setQueueByteLimit(p, PENDING_WRITES);
        RaftServerConfigKeys.Log.setQueueElementLimit(p, PENDING_ELEMENTS);
        RaftServerConfigKeys.Log.setSegmentCacheNumMax(p, SEGMENTS_CACHED);
        RaftServerConfigKeys.Log.setSegmentCacheSizeMax(p, SEGMENT_CACHE);
        RaftServerConfigKeys.Log.Appender.setBufferByteLimit(p, APPENDER_BUFFER);
        RaftServerConfigKeys.Write.setByteLimit(p, PENDING_WRITES);
        RaftServerConfigKeys.Write.setElementLimit(p, PENDING_ELEMENTS);
        RaftServerConfigKeys.RetryCache.setExpiryTime(p, time(RETRY_CACHE));

        // LedgerStateMachine begins them itself, because Ratis would hold up applying until one is written.
        RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(p, false);
        RaftServerConfigKeys.Snapshot.setCreationGap(p, 1);
        // A node that stops because its state is wrong must not write that state down on its way out.
        RaftServerConfigKeys.Snapshot.setTriggerWhenStopEnabled(p, false);
        RaftServerConfigKeys.Snapshot.setTriggerWhenRemoveEnabled(p, false);
        RaftServerConfigKeys.Snapshot.setRetentionFileNum(p, limits.snapshotsKept());
        RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(p, true);
        // The log since the snapshot before stays, or that one would be of no use when the newest can not be read.
        RaftServerConfigKeys.Log.setPurgePreservationLogNum(p, limits.snapshotEveryEntries() * limits.snapshotsKept());

        RaftServerConfigKeys.Log.Appender.setSnapshotChunkSizeMax(p, SNAPSHOT_PART);
        GrpcConfigKeys.Server.setInstallSnapshotRequestElementLimit(p, SNAPSHOT_PARTS);
        GrpcConfigKeys.Server.setInstallSnapshotRequestTimeout(p, time(SNAPSHOT_PART_TIMEOUT));

        // Reads ask the leader for its commit index, and the leader asks a majority whether it still leads: no lease,
        // because a paused process can not know that its lease ran out.
        RaftServerConfigKeys.Read.setOption(p, RaftServerConfigKeys.Read.Option.LINEARIZABLE);
        RaftServerConfigKeys.Read.setLeaderLeaseEnabled(p, false);
        RaftServerConfigKeys.Read.setTimeout(p, time(limits.readTimeout()));
        return p;
    }

    private static TimeDuration time(Duration duration) {
        return TimeDuration.valueOf(duration.toMillis(), TimeUnit.MILLISECONDS);
    }
}
