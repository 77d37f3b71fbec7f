package io.homeostat.ledger.raft;

import io.homeostat.ledger.state.Command;
import java.util.List;

/** Upper estimate of a command's encoded bytes, so that groups can be bounded before they are encoded. */
final class CommandSize {
    /** Tag, ids, numbers and digests of any command with its lengths; texts come on top. */
    private static final int FIXED = 64;
    /** The rare commands: their texts are bounded by the API's syntax to less than this. */
    private static final int OTHERS = 1024;

    private CommandSize() {}

    static int bytes(List<Command> commands) {
        int bytes = 0;
        for (Command command : commands) {
            bytes += bytes(command);
        }
        return bytes;
    }

    private static int bytes(Command command) {
        if (command instanceof Command.CreateTransfer transfer) {
            return FIXED
                    + transfer.debit().length()
                    + transfer.credit().length()
                    + transfer.asset().length()
                    + transfer.principal().length();
        }
        if (command instanceof Command.Begin begin) {
            return FIXED + begin.genesisBody().length;
        }
        return OTHERS;
    }
}
