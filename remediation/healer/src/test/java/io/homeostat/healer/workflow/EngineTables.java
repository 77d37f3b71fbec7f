package io.homeostat.healer.workflow;

import java.util.Map;

/** Makes the engine's tables without starting anything, for databases that are copied. */
public final class EngineTables {
    private EngineTables() {}

    public static void create(EngineDatabase database) {
        RecoveryEngine.configuration(database, Map.of()).buildProcessEngine().close();
    }
}
