package io.homeostat.ledger.state;

/**
 * Commands of one request as they will stand in a Raft entry, without its header. Made once, where the request was read,
 * so that grouping requests is copying bytes. Immutable: the array is owned once given.
 *
 * @param count commands in {@code bytes}
 */
public record EncodedCommands(byte[] bytes, int count) {
    public EncodedCommands {
        if (count < 1) {
            throw new IllegalArgumentException("expected at least one command but found " + count);
        }
    }
}
