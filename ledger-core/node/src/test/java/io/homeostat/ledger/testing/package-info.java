/** Fakes and a whole cluster in one JVM, for tests of this module. */
@org.jspecify.annotations.NullMarked
package io.homeostat.ledger.testing;
