package io.homeostat.healer.testing;

import io.homeostat.healer.HealerLimits;
import io.homeostat.healer.act.ActLimits;
import io.homeostat.healer.incident.IncidentLimits;
import io.homeostat.healer.story.StoryLimits;
import io.homeostat.healer.verify.VerifyLimits;
import io.homeostat.healer.workflow.RecoveryLimits;
import java.time.Duration;

/** The production limits with shorter waits, so that whole stories fit in seconds. */
public final class QuickLimits {
    private QuickLimits() {}

    public static HealerLimits get() {
        return new HealerLimits(
                new IncidentLimits(
                        3,
                        Duration.ofMinutes(1),
                        2,
                        Duration.ofMinutes(10),
                        Duration.ofMillis(100),
                        Duration.ofMillis(80),
                        Duration.ofMinutes(5),
                        1000,
                        50,
                        100),
                ActLimits.defaults(),
                new VerifyLimits(Duration.ofMillis(100), 3),
                new RecoveryLimits(
                        Duration.ofMillis(20),
                        Duration.ofMillis(200),
                        Duration.ofMillis(20),
                        Duration.ofMillis(200),
                        4,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(20),
                        Duration.ofMillis(500),
                        Duration.ofMillis(300),
                        Duration.ofSeconds(1)),
                StoryLimits.defaults());
    }
}
