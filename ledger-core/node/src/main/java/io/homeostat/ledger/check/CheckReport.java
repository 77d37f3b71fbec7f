package io.homeostat.ledger.check;

import java.util.List;

/**
 * What a check found.
 *
 * @param target folder or URL
 * @param leaves replayed
 * @param root hex of the tree over them
 * @param compared values that were compared
 * @param checked what was compared with the journal, in words, for example {@code snapshot.2_40960}
 * @param count differences in all; {@code differences} holds the first thousand
 */
public record CheckReport(
        String target,
        long leaves,
        String root,
        long accounts,
        long transfers,
        long openHolds,
        long compared,
        List<String> checked,
        long count,
        List<Difference> differences) {
    public boolean clean() {
        return count == 0;
    }
}
