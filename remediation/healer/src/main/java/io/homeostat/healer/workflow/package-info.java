/**
 * The recovery as a process: {@code recovery.bpmn}, its steps, and the engine that drives them. The only package that
 * knows Camunda.
 *
 * <p>Fed by {@link io.homeostat.healer.incident.IncidentOpener}. Feeds {@link io.homeostat.healer.story.Outbox}. The engine
 * drives, the events are the record; a step is one transaction, and a step that is run twice does no harm twice.
 */
@NullMarked
package io.homeostat.healer.workflow;

import org.jspecify.annotations.NullMarked;
