package io.homeostat.ledger.simulation;

import io.homeostat.ledger.state.Command;
import io.homeostat.ledger.state.Command.AccountClass;
import io.homeostat.ledger.state.Ledger;
import io.homeostat.merkle.MerkleTree;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/** What clients, operators, approvers and attackers ask of the ledger. Mostly right, often wrong in one way. */
final class Workload {
    static final List<String> LIMITED = List.of("ada", "bob");
    private static final List<String> EUR = List.of("ada", "bob", "bank", "fees", "nostro", "nobody");
    private static final List<String> KEYS = List.copyOf(SimGenesis.KEYS.keySet());
    private static final long MICROS_PER_DAY = 86_400_000_000L;

    private final Random random;
    private final long seed;
    private final int nodes;
    private final GateWorkload gate;
    private final List<Command> asked = new ArrayList<>();
    private final List<UUID> ids = new ArrayList<>();

    Workload(long seed, int nodes, Random random) {
        this.seed = seed;
        this.nodes = nodes;
        this.random = random;
        this.gate = new GateWorkload(random);
    }

    /** What each signature that a key really made says. */
    Map<String, String> genuine() {
        return gate.genuine();
    }

    /** The last account is the only one of USD, and the one before may not be credited beyond its debits. */
    static List<Command> begin(byte[] genesisBody) {
        return List.of(
                new Command.Begin(genesisBody),
                account("ada", "EUR", AccountClass.CUSTOMER, true),
                account("bob", "EUR", AccountClass.CUSTOMER, true),
                account("bank", "EUR", AccountClass.EXTERNAL, false),
                account("fees", "EUR", AccountClass.FEE, false),
                new Command.CreateAccount("nostro", "EUR", 2, AccountClass.SETTLEMENT, false, true),
                account("usd", "USD", AccountClass.CUSTOMER, false),
                account("usd-bank", "USD", AccountClass.EXTERNAL, false));
    }

    private static Command account(String id, String asset, AccountClass accountClass, boolean limited) {
        return new Command.CreateAccount(id, asset, 2, accountClass, limited);
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
        return switch (random.nextInt(24)) {
            case 0, 1, 2, 3, 4, 5 -> remembered(transfer());
            case 6, 7 -> remembered(legs(ledger));
            case 8 -> remembered(reversal(ledger));
            case 9 -> remembered(new Command.CreateDatedTransfer(transfer(), day(ledger)));
            case 10 -> asked.isEmpty() ? new Command.Tick() : asked.get(random.nextInt(asked.size()));
            case 11, 12 -> new Command.PostHold(someId(), random.nextInt(3) * 1 + random.nextInt(4000), "shop");
            case 13 -> new Command.VoidHold(someId(), "shop");
            case 14, 15 -> gate.verdict(ledger);
            case 16, 17, 18, 19 -> gate.approval(ledger);
            case 20 -> random.nextInt(2) == 0 ? gate.policyChange(ledger) : gate.keyChange(ledger);
            case 21 ->
                new Command.OpenRecoveryCase(
                        "recovery:r" + random.nextInt(8),
                        sha("r" + random.nextInt(8)),
                        "wipe",
                        random.nextBoolean() ? "healer" : "o1");
            case 22 ->
                random.nextInt(6) == 0
                        ? new Command.SetMaintenance("works", random.nextInt(3) == 0 ? 0 : random.nextInt(8), "o1")
                        : gate.approval(ledger);
            default ->
                random.nextInt(4) == 0
                        ? new Command.IsolateNode("n" + (1 + random.nextInt(nodes + 1)), "inc", "random")
                        : new Command.AdmitNode("n" + (1 + random.nextInt(nodes)), "inc");
        };
    }

    private Command remembered(Command command) {
        asked.add(command);
        return command;
    }

    private UUID newId() {
        UUID id = new UUID(seed, random.nextInt(1000));
        ids.add(id);
        return id;
    }

    private Command.CreateTransfer transfer() {
        boolean hold = random.nextInt(3) == 0;
        return new Command.CreateTransfer(
                newId(),
                EUR.get(random.nextInt(EUR.size())),
                EUR.get(random.nextInt(EUR.size())),
                random.nextInt(20) == 0 ? "USD" : "EUR",
                amount(),
                hold,
                hold ? random.nextInt(20) : 0,
                random.nextInt(4) == 0 ? KEYS.get(random.nextInt(KEYS.size())) : "shop");
    }

    private long amount() {
        return switch (random.nextInt(8)) {
            case 0 -> SimGenesis.MID - 1 + random.nextInt(3);
            case 1 -> SimGenesis.HIGH - 1 + random.nextInt(3);
            case 2 -> random.nextInt(3) - 1;
            case 3 -> SimGenesis.SCREENED - 1 + random.nextInt(3);
            case 4 -> SimGenesis.FEES - 1 + random.nextInt(3);
            default -> 1 + random.nextInt(9_000);
        };
    }

    /** Two assets at times, one account twice at times, out of balance at times. */
    private Command legs(Ledger ledger) {
        List<Command.Leg> legs = new ArrayList<>();
        long sum = 0;
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            long amount = (random.nextBoolean() ? 1 : -1) * (1L + random.nextInt(3_000));
            legs.add(new Command.Leg(EUR.get(random.nextInt(EUR.size() - 1)), "EUR", amount));
            sum += amount;
        }
        if (sum != 0) {
            legs.add(new Command.Leg(EUR.get(random.nextInt(EUR.size())), "EUR", -sum));
        }
        if (random.nextInt(3) == 0) {
            long amount = 1 + random.nextInt(100_000);
            legs.add(new Command.Leg("usd", "USD", amount));
            legs.add(new Command.Leg("usd-bank", "USD", random.nextInt(8) == 0 ? -amount - 1 : -amount));
        }
        if (legs.size() < 2) {
            legs.add(new Command.Leg("bank", "EUR", 1));
        }
        return new Command.CreateLegs(newId(), legs, random.nextInt(3) == 0 ? day(ledger) : Command.NO_DAY, "shop");
    }

    private Command reversal(Ledger ledger) {
        Command.ReversalReason[] reasons = Command.ReversalReason.values();
        return new Command.ReverseTransfer(
                newId(),
                someId(),
                reasons[random.nextInt(reasons.length)],
                random.nextInt(4) == 0 ? day(ledger) : Command.NO_DAY,
                "shop");
    }

    /** On both sides of the border of a year. */
    private int day(Ledger ledger) {
        int today = (int) Math.floorDiv(ledger.timeMicros(), MICROS_PER_DAY);
        return today + (random.nextInt(4) == 0 ? 365 + random.nextInt(3) : random.nextInt(10) - 5);
    }

    private UUID someId() {
        return ids.isEmpty() ? new UUID(seed, 0) : ids.get(ids.size() - 1 - random.nextInt(Math.min(30, ids.size())));
    }

    static byte[] sha(String text) {
        return MerkleTree.sha256(text.getBytes(StandardCharsets.UTF_8));
    }
}
