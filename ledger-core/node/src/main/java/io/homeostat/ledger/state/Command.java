package io.homeostat.ledger.state;

import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What somebody asks of the ledger. A Raft entry carries a list of these with one time stamp of the leader; {@link Ledger}
 * decides each in order and deterministically. {@code principal} is who was authenticated at the node that took the request.
 */
public sealed interface Command {
    /** Proposed by the first leader; refused with {@link Reason#GENESIS_EXISTS} ever after. */
    record Begin(byte[] genesisBody) implements Command {}

    /** At most one of the two limits is set: both would let nothing move. */
    record CreateAccount(
            String id,
            String asset,
            int exponent,
            AccountClass accountClass,
            boolean debitsMustNotExceedCredits,
            boolean creditsMustNotExceedDebits)
            implements Command {
        public CreateAccount(
                String id, String asset, int exponent, AccountClass accountClass, boolean debitsMustNotExceedCredits) {
            this(id, asset, exponent, accountClass, debitsMustNotExceedCredits, false);
        }
    }

    /**
     * A transfer of {@code amount} minor units, posted at once, or held when {@code hold} is asked for or the policy
     * gates it.
     *
     * @param timeoutSeconds of a hold, 0 for the default in the limits
     */
    record CreateTransfer(
            UUID id,
            String debit,
            String credit,
            String asset,
            long amount,
            boolean hold,
            int timeoutSeconds,
            String principal)
            implements Command {}

    /** A transfer that also names the day on which it counts. */
    record CreateDatedTransfer(CreateTransfer transfer, int effectiveDay) implements Command {}

    /**
     * A transfer of 2 to 64 legs, posted whole or not at all. The legs of each asset add up to 0.
     *
     * @param effectiveDay days since the epoch, {@link #NO_DAY} for none
     */
    record CreateLegs(UUID id, List<Leg> legs, int effectiveDay, String principal) implements Command {
        public static final int MIN_LEGS = 2;
        public static final int MAX_LEGS = 64;

        public CreateLegs {
            legs = List.copyOf(legs);
        }
    }

    /** @param amount minor units, not 0: positive is a credit of the account, negative a debit */
    record Leg(String account, String asset, long amount) {}

    /**
     * Posts the opposite of a posted transfer and links the two, once.
     *
     * @param effectiveDay days since the epoch, {@link #NO_DAY} for none
     */
    record ReverseTransfer(UUID id, UUID reverses, ReversalReason reason, int effectiveDay, String principal)
            implements Command {}

    /** A transfer without an effective day of its own counts on the day on which it is booked. */
    int NO_DAY = Integer.MIN_VALUE;

    /** Why somebody reverses; {@link #number()} stands in the leaf. */
    enum ReversalReason {
        MISTAKE,
        DUPLICATE,
        FRAUD,
        RECALL,
        OTHER;

        public int number() {
            return ordinal() + 1;
        }

        public static ReversalReason of(int number) {
            return values()[number - 1];
        }

        public String wireName() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** @param amount to post, 0 for the whole hold */
    record PostHold(UUID id, long amount, String principal) implements Command {}

    record VoidHold(UUID id, String principal) implements Command {}

    record OpenRecoveryCase(String caseId, byte[] payloadDigest, String tier, String requester) implements Command {}

    record Approve(
            String caseId,
            byte[] payloadDigest,
            boolean approve,
            String keyId,
            long expiresAtMicros,
            byte[] reasonDigest,
            byte[] signature)
            implements Command {}

    /**
     * Opens the case of a change of the gate itself: a complete new policy, or a change of keys.
     *
     * @param caseId {@code policy:..} or {@code keys:..}
     * @param baseVersion of the policy that it replaces, 0 for a change of keys
     * @param body canonical, see {@link io.homeostat.ledger.gate.ApprovalPolicy#body} and {@link
     *     io.homeostat.ledger.gate.KeyChange#body}
     */
    record ProposeChange(String caseId, long baseVersion, byte[] body, String requester) implements Command {
        public boolean ofPolicy() {
            return caseId.startsWith("policy:");
        }
    }

    /**
     * A detector's word on a screened transfer, signed over {@link io.homeostat.merkle.VerdictText}.
     *
     * @param clear false sends the transfer to people
     */
    record ScreeningVerdict(
            UUID id,
            byte[] payloadDigest,
            boolean clear,
            String keyId,
            long expiresAtMicros,
            byte[] evidenceDigest,
            byte[] signature)
            implements Command {}

    record IsolateNode(String node, String incidentId, String reason) implements Command {}

    record AdmitNode(String node, String incidentId) implements Command {}

    record Attest(String node, long raftIndex, byte[] digest) implements Command {}

    /**
     * Stops writes of money, or prolongs the stop, until {@code seconds} of ledger time from now; 0 lifts it. What keeps the
     * ledger's nodes healthy goes on.
     */
    record SetMaintenance(String reason, long seconds, String principal) implements Command {}

    record AnchorTrail(String origin, long treeSize, byte[] root) implements Command {}

    /** Lets time pass when nobody writes, so that holds expire and attestations fall due. */
    record Tick() implements Command {}

    enum AccountClass {
        CUSTOMER,
        SETTLEMENT,
        EXTERNAL,
        FEE,
        SUSPENSE
    }

    /**
     * What a command came to.
     *
     * @param journalIndex sequence of the last leaf after this command, -1 before genesis
     * @param status the subject's status after the command, for example {@code posted}, {@code held}
     */
    record Outcome(
            Reason reason,
            long journalIndex,
            String status,
            @Nullable String subject) {
        public Outcome {
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(status, "status");
        }
    }

    /** A list of commands that commit together, decoded from one Raft entry. */
    record Batch(long timeMicros, List<Command> commands) {
        public Batch {
            commands = List.copyOf(commands);
        }
    }
}
