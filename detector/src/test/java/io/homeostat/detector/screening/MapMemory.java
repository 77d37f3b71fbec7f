package io.homeostat.detector.screening;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the reader of the journal remembers, in maps. */
final class MapMemory implements JournalReader.Memory {
    private final Map<Integer, JournalState.Account> accounts = new HashMap<>();
    private final Map<String, JournalState.Held> holds = new HashMap<>();

    @Override
    public void put(int ordinal, JournalState.Account account) {
        accounts.put(ordinal, account);
    }

    @Override
    public JournalState.@Nullable Account account(int ordinal) {
        return accounts.get(ordinal);
    }

    @Override
    public void hold(String id, JournalState.Held held) {
        holds.put(id, held);
    }

    @Override
    public JournalState.@Nullable Held held(String id) {
        return holds.get(id);
    }

    @Override
    public void ended(String id) {
        holds.remove(id);
    }
}
