package io.homeostat.ledger.simulation;

import io.homeostat.ledger.gate.ApprovalPolicy;
import io.homeostat.ledger.gate.Genesis;
import io.homeostat.ledger.gate.KeyChange;
import io.homeostat.ledger.state.CaseFilter;
import io.homeostat.ledger.state.CaseView;
import io.homeostat.ledger.state.Command;
import io.homeostat.ledger.state.Ledger;
import io.homeostat.ledger.state.ScreeningView;
import io.homeostat.merkle.ApprovalText;
import io.homeostat.merkle.Digests;
import io.homeostat.merkle.VerdictText;
import io.homeostat.merkle.VerificationKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Approvers, the detector, those who change policy and keys, and whoever tries to be one of them. */
final class GateWorkload {
    private static final List<String> KEYS = List.copyOf(SimGenesis.KEYS.keySet());
    private static final List<String> ROLES = List.of("treasury", "risk", "operations", "board");

    private final Map<String, String> genuine = new HashMap<>();
    private final Random random;
    private int changes;

    GateWorkload(Random random) {
        this.random = random;
    }

    /** By hex of a signature: the key's id, a line feed, and what was signed. */
    Map<String, String> genuine() {
        return genuine;
    }

    Command approval(Ledger ledger) {
        List<CaseView> views = ledger.cases(random.nextInt(8) == 0 ? CaseFilter.ALL : CaseFilter.OPEN, 6);
        if (views.isEmpty()) {
            return new Command.Tick();
        }
        CaseView view = views.get(random.nextInt(views.size()));
        String keyId = approver(ledger, view);
        boolean yes = random.nextInt(10) != 0;
        long expires = view.expiresAtMicros();
        return switch (random.nextInt(14)) {
            case 0 -> signed(view.caseId(), Workload.sha("other"), yes, keyId, expires);
            case 1 -> signed(view.caseId(), view.payloadDigest(), yes, keyId, expires + 1);
            case 2 -> signed(view.caseId(), view.payloadDigest(), yes, keyId, ledger.timeMicros());
            case 3 -> {
                // The signature is of the opposite decision: forged.
                Command.Approve good = signed(view.caseId(), view.payloadDigest(), yes, keyId, expires);
                yield new Command.Approve(
                        good.caseId(),
                        good.payloadDigest(),
                        !good.approve(),
                        good.keyId(),
                        good.expiresAtMicros(),
                        good.reasonDigest(),
                        good.signature());
            }
            default -> signed(view.caseId(), view.payloadDigest(), yes, keyId, expires);
        };
    }

    /** Mostly somebody whose role is asked for. */
    private String approver(Ledger ledger, CaseView view) {
        if (random.nextInt(5) != 0) {
            List<String> fit = ledger.policyInForce().keys().stream()
                    .filter(entry -> view.demands().stream()
                            .anyMatch(demand -> entry.key().roles().contains(demand.role())))
                    .map(entry -> entry.key().keyId())
                    .toList();
            if (!fit.isEmpty()) {
                return fit.get(random.nextInt(fit.size()));
            }
        }
        return KEYS.get(random.nextInt(KEYS.size()));
    }

    private Command.Approve signed(String caseId, byte[] payload, boolean yes, String keyId, long expires) {
        byte[] reason = Workload.sha("because " + random.nextInt());
        ApprovalText text = new ApprovalText(caseId, payload, yes, expires, reason);
        return new Command.Approve(
                caseId, payload, yes, keyId, expires, reason, sign(keyId, text.text(), text.bytes()));
    }

    private byte[] sign(String keyId, String text, byte[] bytes) {
        byte[] signature = SimGenesis.KEYS.get(keyId).sign(bytes);
        genuine.put(Digests.hex(signature), keyId + "\n" + text);
        return signature;
    }

    Command verdict(Ledger ledger) {
        List<ScreeningView> waiting = ledger.screenings(4);
        if (waiting.isEmpty()) {
            return new Command.Tick();
        }
        ScreeningView view = waiting.get(random.nextInt(waiting.size()));
        String keyId = random.nextInt(6) == 0 ? KEYS.get(random.nextInt(KEYS.size())) : SimGenesis.DETECTOR;
        boolean clear = random.nextInt(3) != 0;
        byte[] payload = random.nextInt(12) == 0 ? Workload.sha("other") : view.payloadDigest();
        long expires = random.nextInt(12) == 0 ? view.dueMicros() + 1 : view.dueMicros();
        byte[] evidence = Workload.sha("seen " + random.nextInt());
        VerdictText text = new VerdictText("transfer:" + view.transfer().id(), payload, clear, expires, evidence);
        byte[] signature = sign(keyId, text.text(), text.bytes());
        boolean forged = random.nextInt(12) == 0;
        return new Command.ScreeningVerdict(
                view.transfer().id(), payload, clear != forged, keyId, expires, evidence, signature);
    }

    /** Other limits; now and then for an old version, or asking for roles that nobody has. */
    Command policyChange(Ledger ledger) {
        long version = ledger.policyInForce().policy().version() - (random.nextInt(8) == 0 ? 1 : 0);
        long mid = SimGenesis.MID - 1000 + random.nextInt(3) * 1000L;
        List<Genesis.Tier> tiers =
                SimGenesis.tiers(mid, SimGenesis.HIGH, SimGenesis.SCREENED - random.nextInt(2) * 2000L);
        if (random.nextInt(6) == 0) {
            tiers = tiers.subList(0, tiers.size() - 1);
        }
        return new Command.ProposeChange(
                "policy:p" + changes++, Math.max(1, version), ApprovalPolicy.body(tiers), requester());
    }

    Command keyChange(Ledger ledger) {
        String spare = "s" + (1 + random.nextInt(6));
        String known = KEYS.get(random.nextInt(KEYS.size()));
        KeyChange change = switch (random.nextInt(5)) {
            case 0 -> new KeyChange.Register(SimGenesis.key(spare, "p" + spare, ROLES.get(random.nextInt(4))));
            case 1 -> new KeyChange.Register(SimGenesis.key(spare, "t2", "treasury"));
            case 2 ->
                new KeyChange.Rotate(
                        known,
                        spare,
                        VerificationKey.ed25519(SimGenesis.KEYS.get(spare).publicKey()));
            case 3 -> new KeyChange.Revoke(random.nextBoolean() ? spare : known);
            default ->
                new KeyChange.Roles(
                        List.of("t1", "t2", "t3", "r1", "o1").get(random.nextInt(5)),
                        random.nextBoolean() ? List.of("treasury") : List.of("risk", "treasury"));
        };
        return new Command.ProposeChange("keys:k" + changes++, 0, change.body(), requester());
    }

    private String requester() {
        return random.nextInt(3) == 0 ? "b1" : "security";
    }
}
