package io.homeostat.healer.workflow;

import java.sql.SQLException;

/** One service task of {@code recovery.bpmn}. May run again after a crash: it does no harm twice. */
interface RecoveryStep {
    StepResult take(StepContext context) throws SQLException;
}
