package io.homeostat.deploy.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A load of transfers from one thread over raw HTTP/1.1 connections, one request in flight on each: closed loop (every
 * connection always has one) or open loop (Poisson arrivals; latency counts from when a request should have been sent, also
 * while it waits for a free connection). It costs about 10 us of CPU per request, an eighth of what the JDK's client takes.
 *
 * <p>A request that is refused for now, or whose connection breaks, is sent again under the same ids until it is
 * acknowledged, to the leader once a node has named it, else to the next node: so a load lives through the loss of nodes.
 * A load that does not insist counts what was refused and goes on with the next: that is what overload is made of.
 *
 * <p>{@link #next} and {@link #close} may be called from any thread; a failure of the load comes out of both.
 */
final class TransferLoad implements AutoCloseable {
    private static final String LEADER_HEADER = "\r\nx-homeostat-leader:";
    private static final String RETRY_HEADER = "\r\nretry-after:";
    private static final long CHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long SPARE_NANOS = 50_000;
    private static final int REPLY_BYTES = 1 << 16;
    private static final int MAX_BACKLOG = 1 << 20;

    private final List<InetSocketAddress> nodes;
    private final Optional<SSLContext> tls;
    private final Plan plan;
    private final long attemptNanos;
    private final TransferIds ids;
    private final RequestForm form;
    private final SplittableRandom random;
    private final AccountChoice accounts;
    private final Selector selector;
    private final List<Connection> connections = new ArrayList<>();
    private final ArrayDeque<Connection> idle = new ArrayDeque<>();
    private final ArrayDeque<Long> due = new ArrayDeque<>();
    private final AtomicReference<@Nullable CompletableFuture<Meter>> handOver = new AtomicReference<>();
    private final CompletableFuture<Void> connected = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Thread thread;
    private Meter meter = new Meter();
    private int leader;
    private int busy;
    private volatile boolean stopping;

    /**
     * @param batch transfers in a request
     * @param inFlight requests at once, one connection each
     * @param requestsPerSecond of an open loop, 0 for a closed one
     * @param accounts {@link RequestForm#account} 0 to n-1
     * @param zipf exponent, 0 for uniform
     * @param hot every transfer credits account 0
     * @param attempt after which a request without an answer is sent to the next node
     * @param insists false: what is refused for now is counted and not sent again
     */
    record Plan(
            int batch,
            int inFlight,
            double requestsPerSecond,
            int accounts,
            double zipf,
            boolean hot,
            long seed,
            Duration attempt,
            boolean insists) {
        static final Duration USUAL_ATTEMPT = Duration.ofSeconds(2);
    }

    /**
     * Where the load goes.
     *
     * @param leader position of the node to begin with
     * @param tls with the client's identity; empty for plain text
     */
    record Target(List<InetSocketAddress> nodes, int leader, String token, Optional<SSLContext> tls) {}

    private TransferLoad(Target target, Plan plan, TransferIds ids) throws IOException {
        this.nodes = target.nodes();
        this.leader = target.leader();
        this.tls = target.tls();
        this.plan = plan;
        this.attemptNanos = plan.attempt().toNanos();
        this.ids = ids;
        this.form = new RequestForm(plan.batch(), target.token());
        this.random = new SplittableRandom(plan.seed());
        this.accounts = new AccountChoice(plan.accounts(), plan.zipf(), random.split());
        this.selector = Selector.open();
        this.thread = new Thread(this::run, "load");
        thread.setDaemon(true);
    }

    /** Begins at the leader once all connections stand: with TLS that takes a while. Ids are taken from, and acknowledged in, {@code ids}. */
    static TransferLoad start(Target target, Plan plan, TransferIds ids) throws IOException {
        TransferLoad load = new TransferLoad(target, plan, ids);
        load.thread.start();
        load.connected.join();
        return load;
    }

    /** Ends the current stretch and gives its figures back; the next one has begun. */
    Meter next() {
        CompletableFuture<Meter> mine = new CompletableFuture<>();
        if (!handOver.compareAndSet(null, mine)) {
            throw new IllegalStateException("two threads ask for the next stretch at once");
        }
        selector.wakeup();
        ended.whenComplete((nothing, failure) -> mine.completeExceptionally(
                failure == null ? new IllegalStateException("the load is closed") : failure));
        return mine.join();
    }

    /** Sends nothing new, waits for the answers to what is under way, and ends. */
    @Override
    public void close() {
        stopping = true;
        selector.wakeup();
        ended.join();
    }

    private void run() {
        try {
            for (int i = 0; i < plan.inFlight(); i++) {
                Connection connection = new Connection();
                connections.add(connection);
                idle.add(connection);
                if (tls.isPresent()) {
                    connection.connect();
                }
            }
            connected.complete(null);
            loop();
            ended.complete(null);
        } catch (IOException | RuntimeException e) {
            IllegalStateException failure = new IllegalStateException("the load failed: " + e.getMessage(), e);
            ended.completeExceptionally(failure);
            connected.completeExceptionally(failure);
        } finally {
            connections.forEach(Connection::abandon);
            try {
                selector.close();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException("closing the load's selector", e);
            }
        }
    }

    private void loop() throws IOException {
        long now = System.nanoTime();
        double arrival = now;
        long checkAt = now + CHECK_NANOS;
        long giveUpAt = Long.MAX_VALUE;
        while (true) {
            if (stopping && giveUpAt == Long.MAX_VALUE) {
                giveUpAt = now + DRAIN_NANOS;
                due.clear();
            }
            if (stopping && (busy == 0 || now > giveUpAt)) {
                return;
            }
            if (!stopping && plan.requestsPerSecond() > 0) {
                while (arrival <= now) {
                    due.add((long) arrival);
                    if (due.size() > plan.inFlight() && !plan.insists()) {
                        due.poll();
                        meter.notSent();
                    }
                    if (due.size() > MAX_BACKLOG) {
                        throw new IllegalStateException("the rate of " + plan.requestsPerSecond()
                                + " requests/s is far beyond what the ledger takes; choose a lower one");
                    }
                    arrival += -Math.log(1 - random.nextDouble()) * 1e9 / plan.requestsPerSecond();
                }
                while (!due.isEmpty() && !idle.isEmpty()) {
                    idle.poll().begin(due.poll(), now);
                }
            } else if (!stopping) {
                while (!idle.isEmpty()) {
                    idle.poll().begin(now, now);
                }
            }
            select(arrival - now);
            now = System.nanoTime();
            if (now > checkAt) {
                checkAt = now + CHECK_NANOS;
                for (Connection connection : connections) {
                    connection.check(now);
                }
            }
            CompletableFuture<Meter> asked = handOver.getAndSet(null);
            if (asked != null) {
                Meter done = meter;
                done.end(now);
                meter = new Meter();
                asked.complete(done);
            }
        }
    }

    private void select(double untilArrival) throws IOException {
        int ready;
        if (plan.requestsPerSecond() == 0 || stopping) {
            ready = selector.select(TimeUnit.NANOSECONDS.toMillis(CHECK_NANOS));
        } else {
            ready = selector.selectNow();
            if (ready == 0 && untilArrival > SPARE_NANOS) {
                // The selector waits for whole milliseconds; arrivals are closer together than that.
                LockSupport.parkNanos(SPARE_NANOS);
                ready = selector.selectNow();
            }
        }
        if (ready > 0) {
            for (SelectionKey key : selector.selectedKeys()) {
                ((Connection) key.attachment()).ready();
            }
            selector.selectedKeys().clear();
        }
    }

    /** One connection and the request on it. */
    private final class Connection {
        private final byte[] request = form.copy();
        private final ByteBuffer out = ByteBuffer.allocateDirect(form.bytes());
        private final ByteBuffer in = ByteBuffer.allocateDirect(REPLY_BYTES);
        private final byte[] reply = new byte[REPLY_BYTES];
        private long firstNumber;
        private @Nullable SocketChannel channel;
        private @Nullable SelectionKey key;
        private @Nullable Wire wire;
        private int node;
        private boolean waiting;
        private long scheduled;
        private long sent;
        /** When to send again, 0 while an answer is awaited. */
        private long retryAt;

        void begin(long scheduledNanos, long now) {
            scheduled = scheduledNanos;
            waiting = true;
            busy++;
            firstNumber = ids.take();
            fill(0, firstNumber);
            for (int i = 1; i < plan.batch(); i++) {
                fill(i, ids.take());
            }
            send(now);
        }

        private void fill(int position, long number) {
            int credit = plan.hot() ? 0 : accounts.next();
            form.set(
                    request,
                    position,
                    ids.high(number),
                    ids.low(number),
                    accounts.other(credit),
                    credit,
                    RequestForm.amount(random.nextInt()));
        }

        private void send(long now) {
            sent = now;
            retryAt = 0;
            out.clear();
            out.put(request).flip();
            in.clear();
            try {
                if (channel != null && node != leader) {
                    abandon();
                }
                if (channel == null) {
                    connect();
                } else {
                    write();
                }
            } catch (IOException e) {
                broken(now);
            }
        }

        private void connect() throws IOException {
            node = leader;
            SocketChannel opened = SocketChannel.open();
            channel = opened;
            opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
            boolean connected = true;
            if (tls.isPresent()) {
                wire = Wire.secure(opened, nodes.get(node), tls.get());
            } else {
                opened.configureBlocking(false);
                wire = Wire.plain(opened);
                connected = opened.connect(nodes.get(node));
            }
            key = opened.register(selector, connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT, this);
            if (connected && waiting) {
                write();
            }
        }

        private void write() throws IOException {
            Wire open = java.util.Objects.requireNonNull(wire);
            SelectionKey registered = java.util.Objects.requireNonNull(key);
            int interest = SelectionKey.OP_READ | (open.write(out) ? 0 : SelectionKey.OP_WRITE);
            if (registered.interestOps() != interest) {
                registered.interestOps(interest);
            }
        }

        void ready() {
            SelectionKey registered = key;
            SocketChannel open = channel;
            Wire bytes = wire;
            if (registered == null || open == null || bytes == null || !registered.isValid()) {
                return;
            }
            try {
                if (registered.isConnectable()) {
                    open.finishConnect();
                    registered.interestOps(SelectionKey.OP_READ);
                    write();
                }
                if (registered.isWritable() && bytes.pending(out)) {
                    write();
                }
                if (registered.isReadable()) {
                    if (bytes.read(in) < 0) {
                        throw new IOException("the node closed the connection");
                    }
                    if (waiting && retryAt == 0) {
                        take();
                    }
                }
            } catch (IOException e) {
                broken(System.nanoTime());
            }
        }

        private void take() throws IOException {
            int length = in.position();
            in.get(0, reply, 0, length);
            int body = bodyStart(length);
            if (body < 0) {
                return;
            }
            String head = new String(reply, 0, body, StandardCharsets.ISO_8859_1);
            int bodyBytes = contentLength(head);
            if (length < body + bodyBytes) {
                if (body + bodyBytes > REPLY_BYTES) {
                    throw new IllegalStateException("an answer of " + bodyBytes + " bytes is more than expected");
                }
                return;
            }
            int status = (reply[9] - '0') * 100 + (reply[10] - '0') * 10 + reply[11] - '0';
            answered(status, head, body, bodyBytes);
        }

        private void answered(int status, String head, int body, int bodyBytes) {
            long now = System.nanoTime();
            learnLeader(head);
            if (status == 200 || status == 422) {
                int accepted = status == 422 ? 0 : plan.batch() == 1 ? 1 : accepted(body, bodyBytes);
                if (accepted == plan.batch()) {
                    for (int i = 0; i < accepted; i++) {
                        ids.acknowledge(firstNumber + i);
                    }
                }
                meter.acknowledged(accepted, plan.batch() - accepted, now - scheduled, now);
                waiting = false;
                busy--;
                if (node != leader) {
                    abandon();
                }
                idle.add(this);
            } else if (status == 429 || status >= 500) {
                meter.putOff(status, head.toLowerCase(java.util.Locale.ROOT).contains(RETRY_HEADER), now - scheduled);
                if (!plan.insists()) {
                    waiting = false;
                    busy--;
                    idle.add(this);
                    return;
                }
                if (status != 429 && node == leader) {
                    leader = (leader + 1) % nodes.size();
                }
                again(now);
            } else {
                throw new IllegalStateException("a transfer was answered with " + status + ": "
                        + new String(reply, body, bodyBytes, StandardCharsets.UTF_8));
            }
        }

        /** The leader's address as a follower names it, so that later requests go there straight. */
        private void learnLeader(String head) {
            // Looked for with care only when there is a sign of it: most answers come from the leader itself.
            int at = head.contains("omeostat-")
                    ? head.toLowerCase(java.util.Locale.ROOT).indexOf(LEADER_HEADER)
                    : -1;
            if (at >= 0) {
                int from = at + LEADER_HEADER.length();
                String url = head.substring(from, head.indexOf('\r', from)).strip();
                int port = Integer.parseInt(url.substring(url.lastIndexOf(':') + 1));
                for (int i = 0; i < nodes.size(); i++) {
                    if (nodes.get(i).getPort() == port) {
                        leader = i;
                    }
                }
            }
        }

        private void broken(long now) {
            abandon();
            if (waiting) {
                if (node == leader) {
                    leader = (leader + 1) % nodes.size();
                }
                if (plan.insists()) {
                    again(now);
                } else {
                    meter.unanswered();
                    waiting = false;
                    busy--;
                    idle.add(this);
                }
            }
        }

        private void again(long now) {
            meter.repeated();
            retryAt = now + PAUSE_NANOS;
        }

        void check(long now) {
            if (waiting && retryAt != 0 && now >= retryAt) {
                send(now);
            } else if (waiting && retryAt == 0 && now - sent > attemptNanos) {
                broken(now);
            }
        }

        void abandon() {
            SocketChannel open = channel;
            channel = null;
            key = null;
            wire = null;
            if (open != null) {
                try {
                    open.close();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException("closing a connection of the load", e);
                }
            }
        }

        private int bodyStart(int length) {
            for (int i = 0; i + 3 < length; i++) {
                if (reply[i] == '\r' && reply[i + 1] == '\n' && reply[i + 2] == '\r' && reply[i + 3] == '\n') {
                    return i + 4;
                }
            }
            return -1;
        }

        /** Field 2 of the batch's result: how many were accepted. */
        private int accepted(int body, int bodyBytes) {
            int at = body;
            while (at < body + bodyBytes) {
                int tag = reply[at++];
                long value = 0;
                for (int shift = 0; ; shift += 7) {
                    byte b = reply[at++];
                    value |= (long) (b & 0x7f) << shift;
                    if (b >= 0) {
                        break;
                    }
                }
                if (tag == (2 << 3)) {
                    return (int) value;
                }
                if ((tag & 7) == 2) {
                    at += (int) value;
                }
            }
            return 0;
        }
    }

    private static int contentLength(String head) {
        int at = head.indexOf("ontent-");
        while (at >= 0) {
            if (head.regionMatches(true, at, "ontent-length:", 0, 14)) {
                return Integer.parseInt(
                        head.substring(at + 14, head.indexOf('\r', at)).strip());
            }
            at = head.indexOf("ontent-", at + 7);
        }
        throw new IllegalStateException("an answer without Content-Length: " + head);
    }
}
