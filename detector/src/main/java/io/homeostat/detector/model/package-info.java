/**
 * The unsupervised model: what is normal, how far is a window from it, and which features carry the distance.
 *
 * <p>Fed by {@link io.homeostat.detector.window}. Feeds {@link io.homeostat.detector.verdict}. Each model is a Tribuo
 * model with Tribuo's provenance; no model scores before it stands in the {@link
 * io.homeostat.detector.model.ModelRegistry}. A model never changes: the mean that follows slow drift is state of the
 * caller, so that a score can be computed again from model, mean and window.
 */
@NullMarked
package io.homeostat.detector.model;

import org.jspecify.annotations.NullMarked;
