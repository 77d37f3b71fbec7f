package io.homeostat.ledger.http;

import io.homeostat.transport.MutualTls;
import io.homeostat.transport.Party;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.util.Optional;
import java.util.Set;

/** How the listeners and the relay between nodes speak TLS. */
final class ListenerTls {
    private static final Set<String> PROTOCOLS = Set.of(MutualTls.PROTOCOL);

    private ListenerTls() {}

    /** A listener that serves only who shows a certificate of one of the parties. */
    static HttpServerOptions listen(HttpServerOptions options, Optional<MutualTls> tls, Set<Party> parties) {
        tls.ifPresent(identity -> options.setSsl(true)
                .setUseAlpn(true)
                .setClientAuth(ClientAuth.REQUIRED)
                .setEnabledSecureTransportProtocols(PROTOCOLS)
                .setKeyCertOptions(KeyCertOptions.wrap(identity.keyManager()))
                .setTrustOptions(TrustOptions.wrap(identity.trusting(parties))));
        return options;
    }

    /** To another node, and to nobody who is not one. */
    static HttpClientOptions connect(HttpClientOptions options, Optional<MutualTls> tls) {
        tls.ifPresent(identity -> options.setSsl(true)
                .setVerifyHost(true)
                .setEnabledSecureTransportProtocols(PROTOCOLS)
                .setKeyCertOptions(KeyCertOptions.wrap(identity.keyManager()))
                .setTrustOptions(TrustOptions.wrap(identity.trusting(Set.of(Party.NODE)))));
        return options;
    }
}
