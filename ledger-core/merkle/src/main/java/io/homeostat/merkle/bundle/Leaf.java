package io.homeostat.merkle.bundle;

import io.homeostat.merkle.Digests;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/**
 * A leaf of the journal, decoded: one record for each type of docs/encoding.md, in the order of the type numbers. Bytes are
 * {@link Bytes}, so that two leaves are equal when their content is.
 *
 * <p>Every leaf has its sequence in the journal and the ledger time in microseconds since the epoch. Immutable.
 */
public sealed interface Leaf {
    long sequence();

    long timeMicros();

    /** Calls the one method of {@code handler} that takes this type. */
    void handle(Handler handler);

    /** 1. Always leaf 0, and only there. */
    record GenesisLeaf(long sequence, long timeMicros, Genesis genesis) implements Leaf {
        @Override
        public void handle(Handler handler) {
            handler.genesis(this);
        }
    }

    /** 2. Ordinals count from 0 without a gap. */
    record AccountCreated(
            long sequence,
            long timeMicros,
            long ordinal,
            String id,
            String asset,
            int exponent,
            int accountClass,
            boolean debitsMustNotExceedCredits,
            boolean creditsMustNotExceedDebits)
            implements Leaf {
        public AccountCreated(
                long sequence,
                long timeMicros,
                long ordinal,
                String id,
                String asset,
                int exponent,
                int accountClass,
                boolean debitsMustNotExceedCredits) {
            this(sequence, timeMicros, ordinal, id, asset, exponent, accountClass, debitsMustNotExceedCredits, false);
        }

        @Override
        public void handle(Handler handler) {
            handler.accountCreated(this);
        }
    }

    /** 3. Amounts are minor units. */
    record TransferPosted(long sequence, long timeMicros, UUID id, long debit, long credit, long amount)
            implements Leaf {
        @Override
        public void handle(Handler handler) {
            handler.transferPosted(this);
        }
    }

    /** 4. Funds are reserved until the hold is posted, voided or expired. */
    record TransferHeld(
            long sequence,
            long timeMicros,
            UUID id,
            long debit,
            long credit,
            long amount,
            long expiresMicros,
            String requester,
            boolean gated)
            implements Leaf {
        @Override
        public void handle(Handler handler) {
            handler.transferHeld(this);
        }
    }

    /** 5. What is not posted of the hold is freed. */
    record HoldPosted(long sequence, long timeMicros, UUID id, long amount) implements Leaf {
        @Override
        public void handle(Handler handler) {
            handler.holdPosted(this);
        }
    }

    /** 6. */
    record HoldVoided(long sequence, long timeMicros, UUID id, boolean deniedByApprovers) implements Leaf {
        @Override
        public void handle(Handler handler) {
            handler.holdVoided(this);
        }
    }

    /** 7. */
    record HoldExpired(long sequence, long timeMicros, UUID id) implements Leaf {
        @Override
        public void handle(Handler handler) {
            handler.holdExpired(this);
        }
    }

    /** 8. */
    record CaseOpened(
            long sequence,
            long timeMicros,
            String caseId,
            CaseKind kind,
            Bytes payloadDigest,
            String requester,
            long expiresMicros,
            List<Demand> demands,
            long escalatesMicros,
            List<String> escalationRoles)
            implements Leaf {
        public CaseOpened {
            demands = List.copyOf(demands);
            escalationRoles = List.copyOf(escalationRoles);
        }

        @Override
        public void handle(Handler handler) {
            handler.caseOpened(this);
        }
    }

    /** 9. The signature is over {@link io.homeostat.merkle.ApprovalText}. */
    record ApprovalRecorded(
            long sequence,
            long timeMicros,
            String caseId,
            Bytes payloadDigest,
            boolean approve,
            String keyId,
            long expiresMicros,
            Bytes reasonDigest,
            Bytes signature)
            implements Leaf {
        @Override
        public void handle(Handler handler) {
            handler.approvalRecorded(this);
        }
    }

    /** 10. */
    record CaseDecided(long sequence, long timeMicros, String caseId, Outcome outcome) implements Leaf {
        @Override
        public void handle(Handler handler) {
            handler.caseDecided(this);
        }
    }

    /** 11. Something that the gate did not let through. */
    record Refused(
            long sequence, long timeMicros, int command, String subject, int reasonCode, String by, Bytes commandDigest)
            implements Leaf {
        @Override
        public void handle(Handler handler) {
            handler.refused(this);
        }
    }

    /** 12. */
    record NodeIsolated(long sequence, long timeMicros, String node, String incidentId, String reason) implements Leaf {
        @Override
        public void handle(Handler handler) {
            handler.nodeIsolated(this);
        }
    }

    /** 13. */
    record NodeAdmitted(long sequence, long timeMicros, String node, String incidentId) implements Leaf {
        @Override
        public void handle(Handler handler) {
            handler.nodeAdmitted(this);
        }
    }

    /** 14. */
    record Attested(long sequence, long timeMicros, String node, long raftIndex, Bytes stateDigest) implements Leaf {
        @Override
        public void handle(Handler handler) {
            handler.attested(this);
        }
    }

    /** 15. The node's state differs from the majority's. */
    record NodeDiverged(long sequence, long timeMicros, String node, long raftIndex, Bytes expected, Bytes found)
            implements Leaf {
        @Override
        public void handle(Handler handler) {
            handler.nodeDiverged(this);
        }
    }

    /** 16. A head of the trail's tree. */
    record TrailAnchored(long sequence, long timeMicros, String origin, long treeSize, Bytes root) implements Leaf {
        @Override
        public void handle(Handler handler) {
            handler.trailAnchored(this);
        }
    }

    /**
     * 50. The whole change that the case just opened is about.
     *
     * @param baseVersion of the policy that it replaces; 0 for a change of keys
     * @param body of a policy or of a {@link KeyChange}
     */
    record ChangeProposed(long sequence, long timeMicros, String caseId, long baseVersion, Bytes body) implements Leaf {
        @Override
        public void handle(Handler handler) {
            handler.changeProposed(this);
        }
    }

    /** 51. The policy of the case just approved is in force from here on. */
    record PolicyChanged(long sequence, long timeMicros, String caseId, long version) implements Leaf {
        @Override
        public void handle(Handler handler) {
            handler.policyChanged(this);
        }
    }

    /** 52. The change of keys of the case just approved holds from here on. */
    record KeysChanged(long sequence, long timeMicros, String caseId) implements Leaf {
        @Override
        public void handle(Handler handler) {
            handler.keysChanged(this);
        }
    }

    /**
     * 53. The hold before it waits for a detector's verdict.
     *
     * @param payloadDigest what the verdict is about: the payload of the transfer
     * @param dueMicros ledger time until which a verdict counts
     * @param demands of the people's case that follows unless the verdict is clear
     */
    record ScreeningBegun(
            long sequence,
            long timeMicros,
            UUID id,
            Bytes payloadDigest,
            long dueMicros,
            List<Demand> demands,
            long escalateAfterSeconds,
            List<String> escalationRoles)
            implements Leaf {
        public ScreeningBegun {
            demands = List.copyOf(demands);
            escalationRoles = List.copyOf(escalationRoles);
        }

        @Override
        public void handle(Handler handler) {
            handler.screeningBegun(this);
        }
    }

    /** 54. The signature is over {@link io.homeostat.merkle.VerdictText}. */
    record VerdictRecorded(
            long sequence,
            long timeMicros,
            UUID id,
            Bytes payloadDigest,
            boolean clear,
            String keyId,
            long expiresMicros,
            Bytes evidenceDigest,
            Bytes signature)
            implements Leaf {
        @Override
        public void handle(Handler handler) {
            handler.verdictRecorded(this);
        }
    }

    /** 55. No verdict came in time. */
    record ScreeningLapsed(long sequence, long timeMicros, UUID id) implements Leaf {
        @Override
        public void handle(Handler handler) {
            handler.screeningLapsed(this);
        }
    }

    /** 56. A signed statement that the gate did not take; {@code what} is 1 for an approval, 2 for a verdict. */
    record ApprovalRefused(
            long sequence,
            long timeMicros,
            int what,
            String caseId,
            String keyId,
            int reasonCode,
            Bytes signatureDigest,
            Bytes commandDigest)
            implements Leaf {
        @Override
        public void handle(Handler handler) {
            handler.approvalRefused(this);
        }
    }

    /** 57. Refusals beyond the bound that have no leaf of their own, counted; written at each power of two. */
    record RefusalsCounted(long sequence, long timeMicros, String scope, long count) implements Leaf {
        @Override
        public void handle(Handler handler) {
            handler.refusalsCounted(this);
        }
    }

    /** 70. {@code untilMicros} is 0 when writes go on; {@code by} is empty when the stop ended by itself. */
    record MaintenanceSet(long sequence, long timeMicros, String by, String reason, long untilMicros) implements Leaf {
        @Override
        public void handle(Handler handler) {
            handler.maintenanceSet(this);
        }
    }

    /** 30. A transfer of 2 to 64 legs; the amounts of each asset add up to 0. */
    record LegsPosted(long sequence, long timeMicros, UUID id, List<Leg> legs) implements Leaf {
        public LegsPosted {
            legs = List.copyOf(legs);
        }

        @Override
        public void handle(Handler handler) {
            handler.legsPosted(this);
        }
    }

    /** @param amount minor units, not 0: positive is a credit of the account, negative a debit */
    record Leg(long account, long amount) {}

    /**
     * 31. What the transfer whose leaf follows has beyond its amounts.
     *
     * @param effectiveDay days since the epoch; empty for the day of booking
     * @param reason of a reversal, 1 to 5; 0 without one
     */
    record TransferTerms(
            long sequence, long timeMicros, UUID id, OptionalInt effectiveDay, Optional<UUID> reverses, int reason)
            implements Leaf {
        @Override
        public void handle(Handler handler) {
            handler.transferTerms(this);
        }
    }

    /** How a case ended; the number is the encoding. */
    enum Outcome {
        APPROVED(1),
        DENIED(2),
        EXPIRED(3),
        /** Another change took effect that this one does not fit any more. */
        SUPERSEDED(4);

        private final int number;

        Outcome(int number) {
            this.number = number;
        }

        public int number() {
            return number;
        }
    }

    /** Immutable bytes with value equality; hex as text. */
    final class Bytes implements Comparable<Bytes> {
        private final byte[] value;

        public Bytes(byte[] value) {
            this.value = value.clone();
        }

        public byte[] toArray() {
            return value.clone();
        }

        @Override
        public int compareTo(Bytes other) {
            return java.util.Arrays.compareUnsigned(value, other.value);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Bytes bytes && java.util.Arrays.equals(value, bytes.value);
        }

        @Override
        public int hashCode() {
            return java.util.Arrays.hashCode(value);
        }

        @Override
        public String toString() {
            return Digests.hex(value);
        }
    }

    /** One method for each type: a new type does not compile until everybody handles it. */
    interface Handler {
        void genesis(GenesisLeaf leaf);

        void accountCreated(AccountCreated leaf);

        void transferPosted(TransferPosted leaf);

        void transferHeld(TransferHeld leaf);

        void holdPosted(HoldPosted leaf);

        void holdVoided(HoldVoided leaf);

        void holdExpired(HoldExpired leaf);

        void caseOpened(CaseOpened leaf);

        void approvalRecorded(ApprovalRecorded leaf);

        void caseDecided(CaseDecided leaf);

        void refused(Refused leaf);

        void nodeIsolated(NodeIsolated leaf);

        void nodeAdmitted(NodeAdmitted leaf);

        void attested(Attested leaf);

        void nodeDiverged(NodeDiverged leaf);

        void trailAnchored(TrailAnchored leaf);

        void changeProposed(ChangeProposed leaf);

        void policyChanged(PolicyChanged leaf);

        void keysChanged(KeysChanged leaf);

        void screeningBegun(ScreeningBegun leaf);

        void verdictRecorded(VerdictRecorded leaf);

        void screeningLapsed(ScreeningLapsed leaf);

        void approvalRefused(ApprovalRefused leaf);

        void refusalsCounted(RefusalsCounted leaf);

        void maintenanceSet(MaintenanceSet leaf);

        void legsPosted(LegsPosted leaf);

        void transferTerms(TransferTerms leaf);
    }
}
