package io.homeostat.ledger.state;

import io.homeostat.ledger.state.CommandCodec.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** The part of {@link CommandCodec} for transfers of legs, dated transfers and reversals. Stateless and thread-safe. */
final class MoneyCodec {
    static final int CREATE_DATED_TRANSFER = 30;
    static final int CREATE_LEGS = 31;
    static final int REVERSE_TRANSFER = 32;
    private static final int LIMIT_OF_DEBITS = 1;
    private static final int LIMIT_OF_CREDITS = 2;

    private MoneyCodec() {}

    /** False when the command is not one of these. */
    static boolean write(CommandOutput out, Command command) {
        if (command instanceof Command.CreateDatedTransfer c) {
            out.u8(CREATE_DATED_TRANSFER);
            CommandCodec.writeTransfer(out, c.transfer());
            out.i32(c.effectiveDay());
        } else if (command instanceof Command.CreateLegs c) {
            out.u8(CREATE_LEGS);
            out.uuid(c.id());
            out.u8(requireCount(c.legs().size()));
            for (Command.Leg leg : c.legs()) {
                out.text("account", leg.account(), Text.ACCOUNT);
                out.text("asset", leg.asset(), Text.ASSET);
                out.i64(leg.amount());
            }
            out.i32(c.effectiveDay());
            out.text("principal", c.principal(), Text.PRINCIPAL);
        } else if (command instanceof Command.ReverseTransfer c) {
            out.u8(REVERSE_TRANSFER);
            out.uuid(c.id());
            out.uuid(c.reverses());
            out.u8(c.reason().number());
            out.i32(c.effectiveDay());
            out.text("principal", c.principal(), Text.PRINCIPAL);
        } else {
            return false;
        }
        return true;
    }

    static Command readAccount(CommandInput in) {
        String id = in.text("id", Text.ACCOUNT);
        String asset = in.text("asset", Text.ASSET);
        int exponent = CommandCodec.requireExponent(in.u8("exponent"));
        Command.AccountClass accountClass = CommandCodec.accountClass(in.u8("class"));
        int limits = in.u8("limits");
        if (limits > LIMIT_OF_CREDITS) {
            throw new IllegalArgumentException("limits of an account must be 0..2 but is " + limits);
        }
        return new Command.CreateAccount(
                id, asset, exponent, accountClass, limits == LIMIT_OF_DEBITS, limits == LIMIT_OF_CREDITS);
    }

    static Command readDated(CommandInput in) {
        return new Command.CreateDatedTransfer(CommandCodec.readTransfer(in), in.i32("effectiveDay"));
    }

    static Command readLegs(CommandInput in) {
        UUID id = in.uuid("id");
        int count = requireCount(in.u8("legs"));
        List<Command.Leg> legs = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            legs.add(new Command.Leg(in.text("account", Text.ACCOUNT), in.text("asset", Text.ASSET), in.i64("amount")));
        }
        return new Command.CreateLegs(id, legs, in.i32("effectiveDay"), in.text("principal", Text.PRINCIPAL));
    }

    static Command readReversal(CommandInput in) {
        UUID id = in.uuid("id");
        UUID reverses = in.uuid("reverses");
        int reason = in.u8("reason");
        if (reason < 1 || reason > Command.ReversalReason.values().length) {
            throw new IllegalArgumentException(
                    "reason of a reversal must be 1.." + Command.ReversalReason.values().length + " but is " + reason);
        }
        return new Command.ReverseTransfer(
                id,
                reverses,
                Command.ReversalReason.of(reason),
                in.i32("effectiveDay"),
                in.text("principal", Text.PRINCIPAL));
    }

    private static int requireCount(int legs) {
        if (legs < Command.CreateLegs.MIN_LEGS || legs > Command.CreateLegs.MAX_LEGS) {
            throw new IllegalArgumentException("a transfer has " + Command.CreateLegs.MIN_LEGS + ".."
                    + Command.CreateLegs.MAX_LEGS + " legs but has " + legs);
        }
        return legs;
    }
}
