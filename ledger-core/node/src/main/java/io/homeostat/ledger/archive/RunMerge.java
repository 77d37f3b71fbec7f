package io.homeostat.ledger.archive;

import io.homeostat.ledger.archive.RunFormat.Order;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes one file of sixteen, so that there are never many: sixteen of a level become one of the next, and each row is written
 * once per level, of which 10 M rows have three.
 */
final class RunMerge {
    static final int WIDTH = 16;
    /** From this level on a file has some 280 MB or more. */
    private static final int LARGE_LEVEL = 2;

    private static final int LOOK_EVERY = 1 << 12;

    private RunMerge() {}

    /** The oldest sixteen of the lowest level that has so many; empty when none has. */
    static List<Run> due(List<Run> oldestFirst) {
        int end = oldestFirst.size();
        while (end > 0) {
            int level = oldestFirst.get(end - 1).level();
            int from = end;
            while (from > 0 && oldestFirst.get(from - 1).level() == level) {
                from--;
            }
            if (end - from >= WIDTH) {
                return oldestFirst.subList(from, from + WIDTH);
            }
            end = from;
        }
        return List.of();
    }

    /**
     * Of rows with the same key the one of the newest file stays.
     *
     * @param stop asked now and then
     * @return null when it was told to stop
     */
    static @Nullable Run merge(List<Run> oldestFirst, Path file, BooleanSupplier stop) {
        Order order = oldestFirst.get(0).order();
        int level = oldestFirst.get(0).level() + 1;
        List<RunCursor> cursors = new ArrayList<>();
        for (Run run : oldestFirst) {
            RunCursor cursor = new RunCursor(run);
            if (cursor.next()) {
                cursors.add(cursor);
            }
        }
        try (RunWriter out = new RunWriter(file, order, level >= LARGE_LEVEL)) {
            for (long written = 0; !cursors.isEmpty(); written++) {
                if (written % LOOK_EVERY == 0 && stop.getAsBoolean()) {
                    return null;
                }
                int least = cursors.size() - 1;
                for (int i = least - 1; i >= 0; i--) {
                    int compared = cursors.get(i).compareTo(cursors.get(least));
                    if (compared < 0) {
                        least = i;
                    } else if (compared == 0 && !cursors.get(i).next()) {
                        cursors.remove(i);
                        least--;
                    }
                }
                RunCursor next = cursors.get(least);
                out.add(next.bytes(), next.place());
                if (!next.next()) {
                    cursors.remove(least);
                }
            }
            return out.finish(level);
        }
    }
}
