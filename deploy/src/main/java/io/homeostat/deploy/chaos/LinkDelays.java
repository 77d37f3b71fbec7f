package io.homeostat.deploy.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Carries every connection from one node to another, and lets what passes wait. Many kernels have no {@code netem}; a relay in
 * user space delays to some tens of microseconds, and may change its delay while connections stand. Thread-safe.
 */
final class LinkDelays implements AutoCloseable {
    private static final int CHUNK = 1 << 16;
    /** In flight per direction of a connection: beyond it the sender waits, as on a full link. */
    private static final int CHUNKS = 256;
    /** A link that is cut: longer than any fault. */
    static final long CUT = Long.MAX_VALUE;

    private static final long LOOK_NANOS = 5_000_000;
    private static final int CONNECT_MILLIS = 3000;

    private final List<ServerSocket> doors = new ArrayList<>();
    private final List<Socket> open = java.util.Collections.synchronizedList(new ArrayList<>());
    private final Map<String, AtomicLong> delays = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** One relay from a node to a port of another; gives back the port on our address. */
    int relay(int from, int to, InetSocketAddress target) throws IOException {
        ServerSocket door = new ServerSocket();
        door.bind(new InetSocketAddress(InetAddress.getByName(ChaosNet.OUR_ADDRESS), 0));
        doors.add(door);
        daemon("link-" + from + "-" + to, () -> accept(door, from, to, target));
        return door.getLocalPort();
    }

    /** What the one sends to the other takes so much longer, whoever opened the connection. */
    void set(int from, int to, long nanos) {
        delay(from, to).set(nanos);
    }

    private AtomicLong delay(int from, int to) {
        return delays.computeIfAbsent(from + ">" + to, k -> new AtomicLong());
    }

    private void accept(ServerSocket door, int from, int to, InetSocketAddress target) {
        while (!closed) {
            try {
                Socket in = door.accept();
                Socket out = new Socket();
                open.add(in);
                open.add(out);
                daemon("link-open", () -> join(in, out, from, to, target));
            } catch (IOException e) {
                // The door was closed: nobody connects any more.
                return;
            }
        }
    }

    private void join(Socket in, Socket out, int from, int to, InetSocketAddress target) {
        try {
            while (delay(from, to).get() == CUT && !closed) {
                LockSupport.parkNanos(LOOK_NANOS);
            }
            out.connect(target, CONNECT_MILLIS);
            in.setTcpNoDelay(true);
            out.setTcpNoDelay(true);
            pump(in, out, delay(from, to));
            pump(out, in, delay(to, from));
        } catch (IOException e) {
            end(in, out);
        }
    }

    private record Chunk(byte[] bytes, long readNanos) {}

    private void pump(Socket in, Socket out, AtomicLong delay) {
        BlockingQueue<Chunk> way = new ArrayBlockingQueue<>(CHUNKS);
        daemon("link-read", () -> {
            byte[] buffer = new byte[CHUNK];
            try {
                InputStream from = in.getInputStream();
                for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
                    way.put(new Chunk(Arrays.copyOf(buffer, n), System.nanoTime()));
                }
                way.put(new Chunk(new byte[0], System.nanoTime()));
            } catch (IOException e) {
                end(in, out);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        daemon("link-write", () -> {
            try {
                OutputStream to = out.getOutputStream();
                while (!closed && !out.isClosed()) {
                    Chunk chunk = way.poll(1, TimeUnit.SECONDS);
                    if (chunk == null) {
                        continue;
                    }
                    await(chunk, delay);
                    if (chunk.bytes().length == 0) {
                        out.shutdownOutput();
                        return;
                    }
                    to.write(chunk.bytes());
                }
            } catch (IOException e) {
                end(in, out);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void await(Chunk chunk, AtomicLong delay) {
        while (!closed) {
            long wait = delay.get();
            long left = wait == CUT ? LOOK_NANOS : wait - (System.nanoTime() - chunk.readNanos());
            if (left <= 0) {
                return;
            }
            // Looks again now and then: the delay may have changed.
            LockSupport.parkNanos(Math.min(left, LOOK_NANOS));
        }
    }

    private void end(Socket in, Socket out) {
        for (Socket socket : List.of(in, out)) {
            open.remove(socket);
            try {
                socket.close();
            } catch (IOException e) {
                // It is of no use to anybody any more.
                continue;
            }
        }
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        closed = true;
        for (ServerSocket door : doors) {
            try {
                door.close();
            } catch (IOException e) {
                continue;
            }
        }
        for (Socket socket : List.copyOf(open)) {
            end(socket, socket);
        }
    }
}
