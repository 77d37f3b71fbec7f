package io.homeostat.ledger.raft;

import io.homeostat.transport.MutualTls;
import io.homeostat.transport.Party;
import java.util.Set;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.GrpcTlsConfig;

/**
 * TLS of the Raft port, for both ends: only certificates that the authority gave to a node take part. A client's or a
 * sidecar's certificate is refused in the handshake, because whoever speaks this protocol can write the log.
 */
final class RaftTls {
    private RaftTls() {}

    static void set(Parameters parameters, MutualTls identity) {
        GrpcConfigKeys.TLS.setConf(
                parameters, new GrpcTlsConfig(identity.keyManager(), identity.trusting(Set.of(Party.NODE)), true));
    }
}
