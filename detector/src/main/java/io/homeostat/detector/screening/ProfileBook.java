package io.homeostat.detector.screening;

import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where the profiles of one asset's accounts are: in memory, or in Flink's keyed state. */
interface ProfileBook {
    /** Null when the account is not remembered. */
    @Nullable
    AccountProfile get(int account) throws Exception;

    void put(int account, AccountProfile profile) throws Exception;

    /** All of them, in any order; what is removed is forgotten. */
    Iterator<Map.Entry<Integer, AccountProfile>> all() throws Exception;

    AssetState asset() throws Exception;

    void put(AssetState asset) throws Exception;
}
