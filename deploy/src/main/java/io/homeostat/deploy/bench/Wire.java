package io.homeostat.deploy.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import org.jspecify.annotations.Nullable;

/**
 * Bytes to and from a node over a connection that never blocks, with TLS or without. With TLS the handshake is done while
 * connecting, and does block. Not thread-safe.
 */
final class Wire {
    private static final int CONNECT_MILLIS = 1000;
    private final SocketChannel channel;
    private final @Nullable SSLEngine tls;
    private final ByteBuffer netOut;
    private final ByteBuffer netIn;

    private Wire(SocketChannel channel, @Nullable SSLEngine tls) {
        this.channel = channel;
        this.tls = tls;
        int room = tls == null ? 0 : 2 * tls.getSession().getPacketBufferSize();
        this.netOut = ByteBuffer.allocateDirect(room);
        this.netIn = ByteBuffer.allocateDirect(room);
        netOut.flip();
    }

    static Wire plain(SocketChannel channel) {
        return new Wire(channel, null);
    }

    /** Shakes hands on a channel that still blocks and is not connected, then makes it non-blocking. */
    static Wire secure(SocketChannel channel, InetSocketAddress node, SSLContext context) throws IOException {
        channel.socket().connect(node, CONNECT_MILLIS);
        SSLEngine engine = context.createSSLEngine(node.getHostString(), node.getPort());
        engine.setUseClientMode(true);
        Wire wire = new Wire(channel, engine);
        engine.beginHandshake();
        ByteBuffer nothing = ByteBuffer.allocate(0);
        ByteBuffer read = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> engine.getDelegatedTask().run();
                case NEED_WRAP -> wire.wrap(engine, nothing);
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    if (wire.unwrap(engine, read).getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW
                            && channel.read(wire.netIn) < 0) {
                        throw new IOException("the node ended the handshake");
                    }
                }
                default -> {
                    channel.configureBlocking(false);
                    return wire;
                }
            }
        }
    }

    /** Sends as much as goes now; true when all of {@code from} is on its way. */
    boolean write(ByteBuffer from) throws IOException {
        if (tls == null) {
            channel.write(from);
            return !from.hasRemaining();
        }
        while (true) {
            channel.write(netOut);
            if (netOut.hasRemaining()) {
                return false;
            }
            if (!from.hasRemaining()) {
                return true;
            }
            wrap(tls, from);
        }
    }

    /** Whether bytes wait for the channel to take them. */
    boolean pending(ByteBuffer from) {
        return from.hasRemaining() || netOut.hasRemaining();
    }

    /** Bytes read into {@code to}; -1 at the end. */
    int read(ByteBuffer to) throws IOException {
        if (tls == null) {
            return channel.read(to);
        }
        int before = to.position();
        int got = channel.read(netIn);
        SSLEngineResult result;
        do {
            result = unwrap(tls, to);
        } while (result.getStatus() == SSLEngineResult.Status.OK && netIn.position() > 0);
        return got < 0 ? -1 : to.position() - before;
    }

    private void wrap(SSLEngine engine, ByteBuffer from) throws IOException {
        netOut.clear();
        engine.wrap(from, netOut);
        netOut.flip();
        channel.write(netOut);
    }

    private SSLEngineResult unwrap(SSLEngine engine, ByteBuffer to) throws IOException {
        netIn.flip();
        SSLEngineResult result = engine.unwrap(netIn, to);
        netIn.compact();
        return result;
    }
}
