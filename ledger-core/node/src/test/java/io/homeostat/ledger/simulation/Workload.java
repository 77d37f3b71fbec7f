package io.homeostat.ledger.simulation;

import io.homeostat.ledger.state.CaseFilter;
import io.homeostat.ledger.state.CaseView;
import io.homeostat.ledger.state.Command;
import io.homeostat.ledger.state.Command.AccountClass;
import io.homeostat.ledger.state.Ledger;
import io.homeostat.merkle.ApprovalText;
import io.homeostat.merkle.Digests;
import io.homeostat.merkle.MerkleTree;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/** What clients, approvers and attackers ask of the ledger. Mostly right, often wrong in one way. */
final class Workload {
    static final List<String> LIMITED = List.of("ada", "bob");
    private static final List<String> EUR = List.of("ada", "bob", "bank", "fees", "nobody");
    private static final List<String> KEYS = List.copyOf(SimGenesis.KEYS.keySet());

    /** Hex of every signature that a key really made. */
    final Set<String> genuine = new HashSet<>();

    private final Random random;
    private final long seed;
    private final int nodes;
    private final List<Command.CreateTransfer> asked = new ArrayList<>();

    Workload(long seed, int nodes, Random random) {
        this.seed = seed;
        this.nodes = nodes;
        this.random = random;
    }

    /** The last account is the only one of USD. */
    static List<Command> begin(byte[] genesisBody) {
        return List.of(
                new Command.Begin(genesisBody),
                account("ada", "EUR", true),
                account("bob", "EUR", true),
                account("bank", "EUR", false),
                account("fees", "EUR", false),
                account("usd", "USD", false));
    }

    private static Command account(String id, String asset, boolean limited) {
        return new Command.CreateAccount(id, asset, 2, AccountClass.CUSTOMER, limited);
    }

    /** @param ledger where the asker looks for open cases: any replica that is in service */
    List<Command> commands(Ledger ledger) {
        List<Command> commands = new ArrayList<>();
        for (int i = random.nextInt(8); i >= 0; i--) {
            commands.add(command(ledger));
        }
        return commands;
    }

    private Command command(Ledger ledger) {
        return switch (random.nextInt(15)) {
            case 0, 1, 2, 3, 4, 5, 10, 11 -> transfer();
            case 6 -> asked.isEmpty() ? new Command.Tick() : asked.get(random.nextInt(asked.size()));
            case 7 -> new Command.PostHold(someId(), random.nextInt(3) * 4000L, "shop");
            case 8 -> new Command.VoidHold(someId(), "shop");
            case 9, 13 -> random.nextInt(3) == 0 ? approval(ledger) : transfer();
            case 12 ->
                new Command.OpenRecoveryCase(
                        "recovery:r" + random.nextInt(8),
                        sha("r" + random.nextInt(8)),
                        "wipe",
                        random.nextBoolean() ? "healer" : "o1");
            default ->
                random.nextInt(4) == 0
                        ? new Command.IsolateNode("n" + (1 + random.nextInt(nodes + 1)), "inc", "random")
                        : new Command.AdmitNode("n" + (1 + random.nextInt(nodes)), "inc");
        };
    }

    private Command transfer() {
        boolean hold = random.nextInt(3) == 0;
        long amount = switch (random.nextInt(6)) {
            case 0 -> SimGenesis.MID - 1 + random.nextInt(3);
            case 1 -> SimGenesis.HIGH - 1 + random.nextInt(3);
            case 2 -> random.nextInt(3) - 1;
            default -> 1 + random.nextInt(9_000);
        };
        Command.CreateTransfer transfer = new Command.CreateTransfer(
                new UUID(seed, random.nextInt(1000)),
                EUR.get(random.nextInt(EUR.size())),
                EUR.get(random.nextInt(EUR.size())),
                random.nextInt(20) == 0 ? "USD" : "EUR",
                amount,
                hold,
                hold ? random.nextInt(20) : 0,
                random.nextInt(4) == 0 ? KEYS.get(random.nextInt(KEYS.size())) : "shop");
        asked.add(transfer);
        return transfer;
    }

    private UUID someId() {
        return asked.isEmpty()
                ? new UUID(seed, 0)
                : asked.get(asked.size() - 1 - random.nextInt(Math.min(20, asked.size())))
                        .id();
    }

    private Command approval(Ledger ledger) {
        List<CaseView> views = ledger.cases(random.nextInt(5) == 0 ? CaseFilter.ALL : CaseFilter.OPEN, 2);
        if (views.isEmpty()) {
            return new Command.Tick();
        }
        CaseView view = views.get(random.nextInt(views.size()));
        String keyId = KEYS.get(random.nextInt(KEYS.size()));
        boolean yes = random.nextInt(8) != 0;
        long expires = view.expiresAtMicros();
        return switch (random.nextInt(12)) {
            case 0 -> signed(view.caseId(), sha("other"), yes, keyId, expires);
            case 1 -> signed(view.caseId(), view.payloadDigest(), yes, keyId, expires + 1);
            case 2 -> signed(view.caseId(), view.payloadDigest(), yes, keyId, ledger.timeMicros());
            case 3 -> {
                // The signature is of the opposite decision: forged.
                Command.Approve good = signed(view.caseId(), view.payloadDigest(), yes, keyId, expires);
                genuine.remove(Digests.hex(good.signature()));
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

    private Command.Approve signed(String caseId, byte[] payload, boolean yes, String keyId, long expires) {
        byte[] reason = sha("because " + random.nextInt());
        byte[] signature =
                SimGenesis.KEYS.get(keyId).sign(new ApprovalText(caseId, payload, yes, expires, reason).bytes());
        genuine.add(Digests.hex(signature));
        return new Command.Approve(caseId, payload, yes, keyId, expires, reason, signature);
    }

    static byte[] sha(String text) {
        return MerkleTree.sha256(text.getBytes(StandardCharsets.UTF_8));
    }
}
