/**
 * The distribution as the tests drive it: real commands in real processes.
 *
 * <p>Fed by {@code target/dist}. Feeds the end-to-end tests. Whatever a test starts has ended when the test has.
 */
package io.homeostat.deploy.testing;
