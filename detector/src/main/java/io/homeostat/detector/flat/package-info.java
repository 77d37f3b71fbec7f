/**
 * How records lie in Flink's buffers and state: field by field, by hand. Flink's serializer for records asks each field by
 * reflection and writes a string by characters; samples cross it so often that it was half of the job's time.
 *
 * <p>Fed by nothing. Feeds {@link io.homeostat.detector.signal} and {@link io.homeostat.detector.window}. A form is part
 * of every savepoint: another layout is another form class.
 */
@NullMarked
package io.homeostat.detector.flat;

import org.jspecify.annotations.NullMarked;
