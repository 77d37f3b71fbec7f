package io.homeostat.healer.act;

import io.homeostat.events.ActionOrder;
import io.homeostat.events.ActionReport;
import io.homeostat.events.SidecarStatus;
import java.util.Map;
import java.util.Optional;

/** What recovery needs of the sidecars. Methods throw {@link ActFault} when the sidecar did not answer. Thread-safe. */
public interface SidecarApi {
    /** Status of every sidecar that answered in time; the others are absent. */
    Map<String, SidecarStatus> statuses();

    SidecarStatus status(String node);

    /** Idempotent by action id: the same order again is answered with the report of the first. */
    ActionReport order(ActionOrder order);

    /** Empty when the sidecar knows no action of this id. */
    Optional<ActionReport> report(String node, String actionId);
}
