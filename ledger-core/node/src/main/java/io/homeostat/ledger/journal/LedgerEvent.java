package io.homeostat.ledger.journal;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What happened, in the order of a ledger's life. Each event is one leaf of the journal ({@link LeafEncoder} writes it as
 * docs/encoding.md says) and one change of the state, which cannot fail and reads no clock. Arrays are owned by the event
 * once given and are not changed afterwards.
 */
public sealed interface LedgerEvent {
    /** Why a hold was voided; the number stands in the leaf. */
    int VOIDED_BY_CLIENT = 1;

    int VOIDED_BY_DENIAL = 2;

    int CASE_OF_TRANSFER = 1;
    int CASE_OF_RECOVERY = 2;
    int CASE_OF_POLICY = 3;
    int CASE_OF_KEYS = 4;

    int CASE_APPROVED = 1;
    int CASE_DENIED = 2;
    int CASE_EXPIRED = 3;
    /** Another change of policy or keys took effect that this one does not fit any more. */
    int CASE_SUPERSEDED = 4;

    int DECISION_APPROVE = 1;
    int DECISION_DENY = 2;

    int STATEMENT_APPROVAL = 1;
    int STATEMENT_VERDICT = 2;

    int REFUSED_RELEASE = 2;
    int REFUSED_CASE = 3;

    /** Leaf type, as docs/encoding.md numbers it. */
    int type();

    void to(Handler handler);

    /** One method per event, so that a new event does not compile until everybody handles it. */
    interface Handler {
        void on(Begun event);

        void on(AccountCreated event);

        void on(TransferPosted event);

        void on(TransferHeld event);

        void on(HoldPosted event);

        void on(HoldVoided event);

        void on(HoldExpired event);

        void on(CaseOpened event);

        void on(ApprovalRecorded event);

        void on(CaseDecided event);

        void on(Refused event);

        void on(NodeIsolated event);

        void on(NodeAdmitted event);

        void on(Attested event);

        void on(NodeDiverged event);

        void on(TrailAnchored event);

        void on(ChangeProposed event);

        void on(PolicyChanged event);

        void on(KeysChanged event);

        void on(ScreeningBegun event);

        void on(VerdictRecorded event);

        void on(ScreeningLapsed event);

        void on(ApprovalRefused event);

        void on(RefusalsCounted event);

        void on(MaintenanceSet event);

        void on(LegsPosted event);

        void on(TransferTerms event);
    }

    /** GENESIS, always the first leaf. {@code body} is the canonical encoding of the genesis. */
    record Begun(byte[] body) implements LedgerEvent {
        @Override
        public int type() {
            return 1;
        }

        @Override
        public void to(Handler handler) {
            handler.on(this);
        }
    }

    /** @param classNumber 1 customer, 2 settlement, 3 external, 4 fee, 5 suspense */
    record AccountCreated(
            int ordinal,
            String id,
            String asset,
            int exponent,
            int classNumber,
            boolean debitsMustNotExceedCredits,
            boolean creditsMustNotExceedDebits)
            implements LedgerEvent {
        public AccountCreated(
                int ordinal,
                String id,
                String asset,
                int exponent,
                int classNumber,
                boolean debitsMustNotExceedCredits) {
            this(ordinal, id, asset, exponent, classNumber, debitsMustNotExceedCredits, false);
        }

        @Override
        public int type() {
            return 2;
        }

        @Override
        public void to(Handler handler) {
            handler.on(this);
        }
    }

    record TransferPosted(UUID id, int debit, int credit, long amount) implements LedgerEvent {
        static final int TYPE = 3;

        @Override
        public int type() {
            return TYPE;
        }

        @Override
        public void to(Handler handler) {
            handler.on(this);
        }
    }

    record TransferHeld(
            UUID id, int debit, int credit, long amount, long expiresMicros, String requester, boolean gated)
            implements LedgerEvent {
        @Override
        public int type() {
            return 4;
        }

        @Override
        public void to(Handler handler) {
            handler.on(this);
        }
    }

    record HoldPosted(UUID id, long amount) implements LedgerEvent {
        @Override
        public int type() {
            return 5;
        }

        @Override
        public void to(Handler handler) {
            handler.on(this);
        }
    }

    record HoldVoided(UUID id, int by) implements LedgerEvent {
        @Override
        public int type() {
            return 6;
        }

        @Override
        public void to(Handler handler) {
            handler.on(this);
        }
    }

    record HoldExpired(UUID id) implements LedgerEvent {
        @Override
        public int type() {
            return 7;
        }

        @Override
        public void to(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * The demands are those of the policy in force now: the case keeps them whatever the policy becomes.
     *
     * @param escalatesMicros ledger time from which on a person with an escalation role may stand in, 0 for never
     */
    record CaseOpened(
            String caseId,
            int kind,
            byte[] payload,
            String requester,
            long expiresMicros,
            List<Demand> demands,
            long escalatesMicros,
            List<String> escalationRoles)
            implements LedgerEvent {
        /** A case that does not escalate. */
        public CaseOpened(
                String caseId, int kind, byte[] payload, String requester, long expiresMicros, List<Demand> demands) {
            this(caseId, kind, payload, requester, expiresMicros, demands, 0, List.of());
        }

        @Override
        public int type() {
            return 8;
        }

        @Override
        public void to(Handler handler) {
            handler.on(this);
        }
    }

    record ApprovalRecorded(
            String caseId,
            byte[] payload,
            int decision,
            String keyId,
            long expiresMicros,
            byte[] reason,
            byte[] signature)
            implements LedgerEvent {
        @Override
        public int type() {
            return 9;
        }

        @Override
        public void to(Handler handler) {
            handler.on(this);
        }
    }

    record CaseDecided(String caseId, int outcome) implements LedgerEvent {
        @Override
        public int type() {
            return 10;
        }

        @Override
        public void to(Handler handler) {
            handler.on(this);
        }
    }

    /** A refusal that is evidence: somebody tried to pass the gate. */
    record Refused(int command, String subject, int reasonNumber, String by, byte[] commandDigest)
            implements LedgerEvent {
        @Override
        public int type() {
            return 11;
        }

        @Override
        public void to(Handler handler) {
            handler.on(this);
        }
    }

    record NodeIsolated(String node, String incidentId, String reason) implements LedgerEvent {
        @Override
        public int type() {
            return 12;
        }

        @Override
        public void to(Handler handler) {
            handler.on(this);
        }
    }

    record NodeAdmitted(String node, String incidentId) implements LedgerEvent {
        @Override
        public int type() {
            return 13;
        }

        @Override
        public void to(Handler handler) {
            handler.on(this);
        }
    }

    record Attested(String node, long raftIndex, byte[] digest) implements LedgerEvent {
        @Override
        public int type() {
            return 14;
        }

        @Override
        public void to(Handler handler) {
            handler.on(this);
        }
    }

    record NodeDiverged(String node, long raftIndex, byte[] expected, byte[] found) implements LedgerEvent {
        @Override
        public int type() {
            return 15;
        }

        @Override
        public void to(Handler handler) {
            handler.on(this);
        }
    }

    record TrailAnchored(String origin, long treeSize, byte[] root) implements LedgerEvent {
        @Override
        public int type() {
            return 16;
        }

        @Override
        public void to(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * The whole change that the case just opened is about.
     *
     * @param ofPolicy false for a change of keys; it follows from the case, so the leaf does not repeat it
     * @param baseVersion of the policy that it replaces, 0 for a change of keys
     * @param body of a policy or of a change of keys
     */
    record ChangeProposed(String caseId, boolean ofPolicy, long baseVersion, byte[] body) implements LedgerEvent {
        @Override
        public int type() {
            return 50;
        }

        @Override
        public void to(Handler handler) {
            handler.on(this);
        }
    }

    /** The policy of the case just approved is in force from here on. */
    record PolicyChanged(String caseId, long version) implements LedgerEvent {
        @Override
        public int type() {
            return 51;
        }

        @Override
        public void to(Handler handler) {
            handler.on(this);
        }
    }

    /** The change of keys of the case just approved holds from here on. */
    record KeysChanged(String caseId) implements LedgerEvent {
        @Override
        public int type() {
            return 52;
        }

        @Override
        public void to(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * The hold before it waits for a detector's verdict. The demands are those of the policy in force now.
     *
     * @param payload digest of the transfer, which the verdict is about
     * @param dueMicros ledger time until which a verdict counts; then people decide
     */
    record ScreeningBegun(
            UUID id,
            byte[] payload,
            long dueMicros,
            List<Demand> demands,
            long escalateAfterSeconds,
            List<String> escalationRoles)
            implements LedgerEvent {
        @Override
        public int type() {
            return 53;
        }

        @Override
        public void to(Handler handler) {
            handler.on(this);
        }
    }

    /** @param evidence digest of what the detector's verdict rests on */
    record VerdictRecorded(
            UUID id, byte[] payload, boolean clear, String keyId, long expiresMicros, byte[] evidence, byte[] signature)
            implements LedgerEvent {
        @Override
        public int type() {
            return 54;
        }

        @Override
        public void to(Handler handler) {
            handler.on(this);
        }
    }

    record ScreeningLapsed(UUID id) implements LedgerEvent {
        @Override
        public int type() {
            return 55;
        }

        @Override
        public void to(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * A signed statement that the gate did not take.
     *
     * @param what {@link #STATEMENT_APPROVAL} or {@link #STATEMENT_VERDICT}
     * @param keyId that the statement claims
     */
    record ApprovalRefused(
            int what, String caseId, String keyId, int reasonNumber, byte[] signatureDigest, byte[] commandDigest)
            implements LedgerEvent {
        @Override
        public int type() {
            return 56;
        }

        @Override
        public void to(Handler handler) {
            handler.on(this);
        }
    }

    /** Refusals of a case, a key or of nothing known that are beyond the bound; written at each power of two. */
    record RefusalsCounted(String scope, long count) implements LedgerEvent {
        @Override
        public int type() {
            return 57;
        }

        @Override
        public void to(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * Writes are stopped until a time, or go on.
     *
     * @param by principal who ordered it, empty when the stop ended by itself
     * @param untilMicros 0 when writes go on
     */
    record MaintenanceSet(String by, String reason, long untilMicros) implements LedgerEvent {
        @Override
        public int type() {
            return 70;
        }

        @Override
        public void to(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * A transfer of many legs. The amounts of each asset add up to 0.
     *
     * @param accounts ordinals, in the order in which the client gave the legs
     * @param amounts of the same length; positive is a credit, negative a debit
     */
    record LegsPosted(UUID id, int[] accounts, long[] amounts) implements LedgerEvent {
        @Override
        public int type() {
            return 30;
        }

        @Override
        public void to(Handler handler) {
            handler.on(this);
        }
    }

    /**
     * What a transfer has beyond its amounts; the leaf of the transfer itself follows at once.
     *
     * @param effectiveDay days since the epoch; null for the day of booking
     * @param reverses the transfer of which it is the opposite
     * @param reasonNumber of a reversal, 1 to 5; 0 without one
     */
    record TransferTerms(
            UUID id,
            @Nullable Integer effectiveDay,
            @Nullable UUID reverses,
            int reasonNumber) implements LedgerEvent {
        @Override
        public int type() {
            return 31;
        }

        @Override
        public void to(Handler handler) {
            handler.on(this);
        }
    }

    /** {@code count} distinct persons who hold {@code role}; demands are joined by AND. */
    record Demand(String role, int count) {}
}
