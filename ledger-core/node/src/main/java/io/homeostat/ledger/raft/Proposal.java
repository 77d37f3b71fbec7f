package io.homeostat.ledger.raft;

import io.homeostat.ledger.state.Command;
import java.util.List;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;

/**
 * One Raft entry on its way. The same object travels through the Raft server of this process, so the state machine can put
 * the outcomes in it without encoding them; and an entry that does not come as a proposal did not come from this process.
 *
 * <p>{@code outcomes} and the times are written before the request's future completes and read after it.
 */
final class Proposal implements Message {
    private final byte[] entry;
    private final ByteString content;
    private volatile boolean appended;
    private volatile String refusedForClock = "";
    private final long sentNanos = System.nanoTime();
    private long applyingNanos;
    private long appliedNanos;
    private volatile List<Command.Outcome> outcomes = List.of();

    Proposal(byte[] encodedBatch) {
        entry = encodedBatch;
        content = UnsafeByteOperations.unsafeWrap(encodedBatch);
    }

    /** The entry itself, for the leader's stamp; nothing has read it before. */
    byte[] entry() {
        return entry;
    }

    @Override
    public ByteString getContent() {
        return content;
    }

    /** From here on a failure leaves the outcome unknown. */
    void appended() {
        appended = true;
    }

    /** The leader's clock may not stamp: it goes no further. */
    void refuseForClock(String why) {
        refusedForClock = why;
    }

    String refusedForClock() {
        return refusedForClock;
    }

    boolean mayBeAppended() {
        return appended;
    }

    /** @param beganNanos {@link System#nanoTime()} when this node began to apply the entry */
    void applied(List<Command.Outcome> result, long beganNanos) {
        applyingNanos = beganNanos;
        appliedNanos = System.nanoTime();
        outcomes = result;
    }

    /** Read after {@link #outcomes}, whose write comes last. */
    Timing timing() {
        return new Timing(0, sentNanos, applyingNanos, appliedNanos);
    }

    List<Command.Outcome> outcomes() {
        return outcomes;
    }
}
