/**
 * What our processes log, sent beside metrics and spans.
 *
 * <p>Fed by SLF4J through Logback. Feeds the OTLP intake of the sidecar, by the logger provider that
 * {@link io.homeostat.telemetry.TelemetryBootstrap} made.
 *
 * <p>Nothing of a libraries' lines, no secret, no stack trace leaves the process; files keep all of it.
 */
@NullMarked
package io.homeostat.deploy.logs;

import org.jspecify.annotations.NullMarked;
