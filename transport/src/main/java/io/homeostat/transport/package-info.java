/**
 * Mutual TLS between the processes of a cluster, from PEM files.
 *
 * <p>Fed by the files that {@code homeostat certs} writes. Feeds every listener and every client of the ledger, the sidecar
 * and the platform. Both sides of a connection show a certificate of the cluster's own authority or there is no connection;
 * TLS 1.3 only; host names are verified; files are read again when they change. Answers are read up to a limit.
 */
@NullMarked
package io.homeostat.transport;

import org.jspecify.annotations.NullMarked;
