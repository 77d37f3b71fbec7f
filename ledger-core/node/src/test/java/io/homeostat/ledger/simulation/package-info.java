/**
 * The replicated state machine under a clock, a network and disks of our own: everything that happens follows from one seed.
 * What Ratis does itself is tested with real processes ({@code homeostat chaos run ledger}); here a small Raft agrees on the
 * order, so that our own code meets every order of crash, replay, snapshot and backfill.
 */
package io.homeostat.ledger.simulation;
