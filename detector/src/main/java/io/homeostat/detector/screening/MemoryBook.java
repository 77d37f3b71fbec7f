package io.homeostat.detector.screening;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Profiles of a file's accounts. Not thread-safe. */
final class MemoryBook implements ProfileBook {
    private final Map<Integer, AccountProfile> profiles = new HashMap<>();
    private AssetState asset = new AssetState();

    @Override
    public @Nullable AccountProfile get(int account) {
        return profiles.get(account);
    }

    @Override
    public void put(int account, AccountProfile profile) {
        profiles.put(account, profile);
    }

    @Override
    public Iterator<Map.Entry<Integer, AccountProfile>> all() {
        return profiles.entrySet().iterator();
    }

    @Override
    public AssetState asset() {
        return asset;
    }

    @Override
    public void put(AssetState state) {
        asset = state;
    }

    int accounts() {
        return profiles.size();
    }
}
