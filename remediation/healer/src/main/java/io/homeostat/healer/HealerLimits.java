package io.homeostat.healer;

import io.homeostat.healer.act.ActLimits;
import io.homeostat.healer.incident.IncidentLimits;
import io.homeostat.healer.story.StoryLimits;
import io.homeostat.healer.verify.VerifyLimits;
import io.homeostat.healer.workflow.RecoveryLimits;

/** All bounds of the healer, each feature's with the reasons in its own record. */
public record HealerLimits(
        IncidentLimits incidents, ActLimits acts, VerifyLimits verify, RecoveryLimits recovery, StoryLimits story) {
    public static HealerLimits defaults() {
        return new HealerLimits(
                IncidentLimits.defaults(),
                ActLimits.defaults(),
                VerifyLimits.defaults(),
                RecoveryLimits.defaults(),
                StoryLimits.defaults());
    }
}
