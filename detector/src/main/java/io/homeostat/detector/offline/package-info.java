/**
 * Detection on files: plain CSV in, a score per row and alarms out.
 *
 * <p>Fed by files. Uses {@link io.homeostat.detector.model} and {@link io.homeostat.detector.stream}, the same code that
 * scores in the job. Memory is bounded by the training; rows of the test are read, scored and written one by one.
 */
@NullMarked
package io.homeostat.detector.offline;

import org.jspecify.annotations.NullMarked;
