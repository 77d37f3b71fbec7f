package io.homeostat.ledger.state;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A Raft entry that was found right, with its commands in order. Transfers, which are nearly all of them, stay the bytes that
 * they are, and {@link TransferColumns} reads them from there; the others are objects already.
 *
 * <p>Made by {@link CommandCodec}. Immutable; thread-safe while nobody changes the bytes.
 */
public final class Entry {
    private final long timeMicros;
    private final byte[] bytes;
    private final int[] places;
    private final @Nullable Command[] others;
    private final int end;

    /**
     * @param places where the fields of each command begin, behind its tag
     * @param others null for a transfer
     */
    Entry(long timeMicros, byte[] bytes, int[] places, @Nullable Command[] others, int end) {
        this.timeMicros = timeMicros;
        this.bytes = bytes;
        this.places = places;
        this.others = others;
        this.end = end;
    }

    /** The entry that these commands make. */
    static Entry of(Command.Batch batch) {
        return CommandCodec.read(ByteBuffer.wrap(CommandCodec.encode(batch)));
    }

    /** The leader's stamp. */
    public long timeMicros() {
        return timeMicros;
    }

    /** How many commands. */
    public int count() {
        return places.length;
    }

    /** Whether the command is a {@link Command.CreateTransfer}. */
    public boolean isTransfer(int command) {
        return others[command] == null;
    }

    /** The command as an object: made anew at each call when it is a transfer. */
    public Command command(int command) {
        Command other = others[command];
        return other == null ? transfer(command) : other;
    }

    Command.CreateTransfer transfer(int command) {
        if (!isTransfer(command)) {
            throw new IllegalArgumentException("expected a transfer but found "
                    + Objects.requireNonNull(others[command]).getClass());
        }
        int place = places[command];
        return CommandCodec.readTransfer(new CommandInput(bytes, place, end - place));
    }

    /** What {@link #place} counts in. */
    byte[] bytes() {
        return bytes;
    }

    int place(int command) {
        return places[command];
    }

    Command.Batch batch() {
        List<Command> commands = new ArrayList<>(places.length);
        for (int i = 0; i < places.length; i++) {
            commands.add(command(i));
        }
        return new Command.Batch(timeMicros, commands);
    }
}
