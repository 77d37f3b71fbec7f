/**
 * Kinds of log lines, found while they come.
 *
 * <p>Fed by {@link io.homeostat.detector.signal.LogLine} through {@link io.homeostat.detector.window}. Feeds the signals of log
 * templates. Source: P. He, J. Zhu, Z. Zheng, M. R. Lyu, "Drain: An Online Log Parsing Approach with Fixed Depth Tree", ICWS
 * 2017.
 *
 * <p>Invariants: the same lines in the same order give the same templates; what is kept is bounded whatever comes.
 */
@NullMarked
package io.homeostat.detector.template;

import org.jspecify.annotations.NullMarked;
