package io.homeostat.ledger.control;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Whether this node answers clients. Several things may hold it shut at once, each with its reason; it is open only when
 * none does. Two of them are never lifted while the process lives: a state that differs from the majority's and a Raft
 * log that failed.
 *
 * <p>Thread-safe: changes are serialized, {@link #view()} is one volatile read.
 */
public final class NodeGate {
    /** What holds the gate shut, the strongest first: the first one present names the state. */
    public enum Hold {
        DIVERGED(State.DIVERGED, true),
        LOG_FAILED(State.FENCED, true),
        FENCED(State.FENCED, false),
        ISOLATED(State.FENCED, false),
        STARTING(State.STARTING, false);

        private final State state;
        private final boolean lasting;

        Hold(State state, boolean lasting) {
            this.state = state;
            this.lasting = lasting;
        }
    }

    /** As it stands in the probe. */
    public enum State {
        OPEN,
        STARTING,
        FENCED,
        DIVERGED;

        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** @param reason empty when open */
    public record View(State state, String reason) {
        public boolean open() {
            return state == State.OPEN;
        }
    }

    private final Map<Hold, String> holds = new EnumMap<>(Hold.class);
    private final List<Consumer<View>> listeners = new ArrayList<>();
    private volatile View view;

    public NodeGate() {
        holds.put(Hold.STARTING, "the node has not caught up with the leader yet");
        view = decide();
    }

    public View view() {
        return view;
    }

    /** Listeners are called in the thread of the change, and only when the view changed. */
    public synchronized void onChange(Consumer<View> listener) {
        listeners.add(listener);
    }

    public synchronized void shut(Hold hold, String reason) {
        if (hold.lasting && holds.containsKey(hold)) {
            return;
        }
        holds.put(hold, reason);
        publish();
    }

    /** Lifts one hold; the lasting ones stay. */
    public synchronized void lift(Hold hold) {
        if (!hold.lasting && holds.remove(hold) != null) {
            publish();
        }
    }

    public synchronized boolean heldBy(Hold hold) {
        return holds.containsKey(hold);
    }

    private void publish() {
        View next = decide();
        if (!next.equals(view)) {
            view = next;
            listeners.forEach(listener -> listener.accept(next));
        }
    }

    private View decide() {
        return holds.entrySet().stream()
                .findFirst()
                .map(entry -> new View(entry.getKey().state, entry.getValue()))
                .orElse(new View(State.OPEN, ""));
    }
}
