package io.homeostat.approvals.ledger;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import io.homeostat.events.Decision;
import io.homeostat.events.RoleQuorum;
import io.homeostat.merkle.TransferPayload;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An approval case as the ledger's gate holds it (docs/interfaces.md, Case).
 *
 * @param expiresAtMicros ledger time in microseconds since the epoch; the case expires when nobody decided by then
 * @param decidedIndex journal index of the decision, {@code null} while the case is open
 * @param transfer the exact pending transfer, {@code null} for cases of other kinds
 * @param change what a case of kind policy or keys would change, {@code null} for cases of other kinds
 * @param escalatesAtMicros ledger time from which on a person with one of {@code escalationRoles} may stand in for any role;
 *     {@code null} when the case never escalates
 */
public record LedgerCase(
        String caseId,
        Kind kind,
        State state,
        String payloadDigest,
        String requester,
        long expiresAtMicros,
        List<RoleQuorum> demands,
        List<Approval> approvals,
        long openedAtMicros,
        long openedIndex,
        @Nullable Long decidedIndex,
        @Nullable Transfer transfer,
        @Nullable Change change,
        @Nullable Long escalatesAtMicros,
        @Nullable List<String> escalationRoles) {
    /** A case that changes neither policy nor keys. */
    public LedgerCase(
            String caseId,
            Kind kind,
            State state,
            String payloadDigest,
            String requester,
            long expiresAtMicros,
            List<RoleQuorum> demands,
            List<Approval> approvals,
            long openedAtMicros,
            long openedIndex,
            @Nullable Long decidedIndex,
            @Nullable Transfer transfer) {
        this(
                caseId,
                kind,
                state,
                payloadDigest,
                requester,
                expiresAtMicros,
                demands,
                approvals,
                openedAtMicros,
                openedIndex,
                decidedIndex,
                transfer,
                null,
                null,
                null);
    }

    public LedgerCase {
        Objects.requireNonNull(caseId, "caseId");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(payloadDigest, "payloadDigest");
        Objects.requireNonNull(requester, "requester");
        demands = List.copyOf(demands);
        approvals = List.copyOf(approvals);
        escalationRoles = escalationRoles == null ? null : List.copyOf(escalationRoles);
    }

    /** Roles that may stand in for any other once the case has escalated; empty when it never does. */
    public List<String> standIns() {
        return escalationRoles == null ? List.of() : escalationRoles;
    }

    /** True for a case that changes the gate itself. */
    public boolean ofChange() {
        return kind == Kind.POLICY || kind == Kind.KEYS;
    }

    public boolean open() {
        return state == State.OPEN;
    }

    /** How many persons have signed {@code APPROVE} in each demanded role, in the order of the demands. */
    public List<RoleProgress> progress() {
        List<RoleProgress> progress = new ArrayList<>();
        for (RoleQuorum demand : demands) {
            List<Approval> given = approvals.stream()
                    .filter(a -> a.decision() == Decision.APPROVE && a.role().equals(demand.role()))
                    .toList();
            progress.add(new RoleProgress(demand.role(), demand.count(), given.size(), given));
        }
        return progress;
    }

    /**
     * Whether the payload digest follows from the transfer that is shown, so that what is read is what is signed. A recovery
     * case is compared with its plan elsewhere and answers {@code false}.
     */
    public boolean payloadIsShownTransfer() {
        return transfer != null
                && HexFormat.of().formatHex(transfer.payloadDigest(requester)).equals(payloadDigest);
    }

    /** One demanded role and how far it is filled. */
    public record RoleProgress(String role, int wanted, int given, List<Approval> approvals) {
        public boolean filled() {
            return given >= wanted;
        }
    }

    /** One recorded signature. */
    public record Approval(
            String keyId,
            String person,
            String role,
            Decision decision,
            String reasonDigest,
            String signature,
            long expiresAtMicros,
            long index) {
        @JsonCreator
        static Approval of(
                @JsonProperty("keyId") String keyId,
                @JsonProperty("person") String person,
                @JsonProperty("role") @Nullable String role,
                @JsonProperty("decision") String decision,
                @JsonProperty("reasonDigest") String reasonDigest,
                @JsonProperty("signature") String signature,
                @JsonProperty("expiresAtMicros") long expiresAtMicros,
                @JsonProperty("index") long index) {
            return new Approval(
                    keyId,
                    person,
                    role == null ? "" : role,
                    Decision.valueOf(decision.toUpperCase(Locale.ROOT)),
                    reasonDigest,
                    signature,
                    expiresAtMicros,
                    index);
        }
    }

    /** The pending transfer of a transfer case; {@code amount} in minor units with {@code exponent} decimals. */
    public record Transfer(String id, String debit, String credit, long amount, String asset, int exponent) {
        byte[] payloadDigest(String requester) {
            return new TransferPayload(UUID.fromString(id), debit, credit, asset, amount, requester).digest();
        }
    }

    /**
     * A change of the gate itself.
     *
     * @param baseVersion of the policy that it replaces, 0 for a change of keys
     * @param body base64 of the canonical body, which the payload digest covers
     */
    public record Change(long baseVersion, String body) {
        public Change {
            Objects.requireNonNull(body, "body");
        }
    }

    /** What the case is about. */
    public enum Kind {
        TRANSFER,
        RECOVERY,
        POLICY,
        KEYS;

        @JsonCreator
        static Kind of(String wireName) {
            return valueOf(wireName.toUpperCase(Locale.ROOT));
        }

        @JsonValue
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How the case stands. */
    public enum State {
        OPEN,
        APPROVED,
        DENIED,
        EXPIRED,
        /** Another change of policy or keys took effect that this one did not fit any more. */
        SUPERSEDED;

        @JsonCreator
        static State of(String wireName) {
            return valueOf(wireName.toUpperCase(Locale.ROOT));
        }

        @JsonValue
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The decision that this state stands for; the state must not be {@link #OPEN}. */
        public Decision decision() {
            return switch (this) {
                case APPROVED -> Decision.APPROVE;
                case DENIED -> Decision.DENY;
                case EXPIRED, SUPERSEDED -> Decision.EXPIRED;
                case OPEN -> throw new IllegalStateException("an open case has no decision");
            };
        }
    }
}
