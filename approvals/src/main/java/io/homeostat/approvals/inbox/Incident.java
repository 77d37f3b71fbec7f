package io.homeostat.approvals.inbox;

import io.homeostat.events.ActionKind;
import io.homeostat.events.ActionOutcome;
import io.homeostat.events.BreakerState;
import io.homeostat.events.Cause;
import io.homeostat.events.IncidentEvent;
import io.homeostat.events.RecoveryPlan;
import io.homeostat.events.Severity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One incident as its events tell it; made anew from them each time, so that it can not drift from the trail.
 *
 * @param breaker newest breaker state by name, {@code CLOSED} before the first change
 * @param timeline the events of the incident and of its anomalies, in the order of their times
 * @param explanation the newest, {@code null} while none was written
 */
public record Incident(
        String incidentId,
        String node,
        Cause cause,
        Severity severity,
        State state,
        String breaker,
        Instant openedAt,
        @Nullable Instant closedAt,
        String outcome,
        Phases phases,
        List<IncidentEvent.AnomalyRaised> anomalies,
        @Nullable RecoveryPlan plan,
        String planDigest,
        List<Action> actions,
        String caseId,
        IncidentEvent.@Nullable ExplanationWritten explanation,
        List<IncidentEvent> timeline) {
    public Incident {
        anomalies = List.copyOf(anomalies);
        actions = List.copyOf(actions);
        timeline = List.copyOf(timeline);
    }

    /** Where the incident stands, in words that an operator uses. */
    public enum State {
        OPENED("opened"),
        ISOLATED("isolated"),
        OBSERVED("observed"),
        WAITING("waiting for people"),
        RECOVERING("recovering"),
        VERIFIED("verified"),
        ESCALATED("escalated"),
        CLOSED("closed");

        private final String words;

        State(String words) {
            this.words = words;
        }

        public String words() {
            return words;
        }
    }

    /**
     * Milliseconds, -1 where the phase did not come. All but {@code detect} count from the time of the first anomaly, as
     * {@link IncidentEvent.IncidentClosed} does.
     *
     * @param from time of the first anomaly
     * @param detect from the start of the anomaly's window until it was raised
     * @param isolate until the breaker opened
     * @param plan until a plan stood
     * @param act until the first action began
     * @param recover until the recovery was verified
     */
    public record Phases(Instant from, long detect, long isolate, long plan, long act, long recover) {}

    /** One action with its outcome; {@code outcome} is {@code null} while it runs. */
    public record Action(
            String actionId,
            ActionKind kind,
            String node,
            Instant startedAt,
            @Nullable ActionOutcome outcome,
            String detail,
            long durationMillis) {}

    /**
     * @param own events of the incident, in trail order, the first IncidentOpened among them
     * @param related events of its anomalies
     */
    static Incident of(List<IncidentEvent> own, List<IncidentEvent> related) {
        IncidentEvent.IncidentOpened opened = first(own, IncidentEvent.IncidentOpened.class);
        if (opened == null) {
            throw new IllegalArgumentException("expected an IncidentOpened among the events of an incident");
        }
        List<IncidentEvent> timeline = Stream.concat(own.stream(), related.stream())
                .sorted(Comparator.comparing(IncidentEvent::at))
                .toList();
        List<IncidentEvent.AnomalyRaised> anomalies = all(timeline, IncidentEvent.AnomalyRaised.class);
        IncidentEvent.RecoveryPlanned planned = last(own, IncidentEvent.RecoveryPlanned.class);
        IncidentEvent.ApprovalRequested requested = last(own, IncidentEvent.ApprovalRequested.class);
        IncidentEvent.IncidentClosed closed = last(own, IncidentEvent.IncidentClosed.class);
        return new Incident(
                opened.incidentId(),
                opened.node(),
                opened.cause(),
                opened.severity(),
                stateAfter(own),
                breakerAfter(own),
                opened.at(),
                closed == null ? null : closed.at(),
                closed == null ? "" : closed.outcome(),
                phases(opened, anomalies, own),
                anomalies,
                planned == null ? null : planned.plan(),
                planned == null ? "" : planned.planDigest(),
                actions(own),
                requested == null ? "" : requested.caseId(),
                last(own, IncidentEvent.ExplanationWritten.class),
                timeline);
    }

    public boolean open() {
        return state != State.CLOSED;
    }

    private static State stateAfter(List<IncidentEvent> own) {
        State state = State.OPENED;
        for (IncidentEvent event : own) {
            if (event instanceof IncidentEvent.BreakerOpened e) {
                state = e.to() == BreakerState.SHADOW ? State.OBSERVED : State.ISOLATED;
            } else if (event instanceof IncidentEvent.ApprovalRequested) {
                state = State.WAITING;
            } else if (event instanceof IncidentEvent.ApprovalDecided
                    || event instanceof IncidentEvent.ActionStarted
                    || event instanceof IncidentEvent.ActionFinished) {
                state = State.RECOVERING;
            } else if (event instanceof IncidentEvent.RecoveryVerified) {
                state = State.VERIFIED;
            } else if (event instanceof IncidentEvent.IncidentEscalated) {
                state = State.ESCALATED;
            } else if (event instanceof IncidentEvent.IncidentClosed) {
                return State.CLOSED;
            }
        }
        return state;
    }

    private static String breakerAfter(List<IncidentEvent> own) {
        String breaker = "CLOSED";
        for (IncidentEvent event : own) {
            if (event instanceof IncidentEvent.BreakerOpened e) {
                breaker = e.to().name();
            } else if (event instanceof IncidentEvent.BreakerClosed) {
                breaker = "CLOSED";
            }
        }
        return breaker;
    }

    private static Phases phases(
            IncidentEvent.IncidentOpened opened, List<IncidentEvent.AnomalyRaised> anomalies, List<IncidentEvent> own) {
        Instant from = anomalies.isEmpty() ? opened.at() : anomalies.get(0).at();
        long detect = anomalies.isEmpty()
                ? -1
                : Math.max(
                        0,
                        Duration.between(anomalies.get(0).windowStart(), from).toMillis());
        return new Phases(
                from,
                detect,
                since(from, first(own, IncidentEvent.BreakerOpened.class)),
                since(from, first(own, IncidentEvent.RecoveryPlanned.class)),
                since(from, first(own, IncidentEvent.ActionStarted.class)),
                since(from, first(own, IncidentEvent.RecoveryVerified.class)));
    }

    private static long since(Instant from, @Nullable IncidentEvent event) {
        return event == null
                ? -1
                : Math.max(0, Duration.between(from, event.at()).toMillis());
    }

    private static List<Action> actions(List<IncidentEvent> own) {
        Map<String, Action> actions = new LinkedHashMap<>();
        for (IncidentEvent event : own) {
            if (event instanceof IncidentEvent.ActionStarted e) {
                actions.putIfAbsent(e.actionId(), new Action(e.actionId(), e.action(), e.node(), e.at(), null, "", -1));
            } else if (event instanceof IncidentEvent.ActionFinished e) {
                Action started = actions.get(e.actionId());
                Instant startedAt = started == null ? e.at().minusMillis(e.durationMillis()) : started.startedAt();
                actions.put(
                        e.actionId(),
                        new Action(
                                e.actionId(),
                                e.action(),
                                e.node(),
                                startedAt,
                                e.outcome(),
                                e.detail(),
                                e.durationMillis()));
            }
        }
        return new ArrayList<>(actions.values());
    }

    private static <T extends IncidentEvent> List<T> all(List<IncidentEvent> events, Class<T> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private static <T extends IncidentEvent> @Nullable T first(List<IncidentEvent> events, Class<T> kind) {
        for (IncidentEvent event : events) {
            if (kind.isInstance(event)) {
                return kind.cast(event);
            }
        }
        return null;
    }

    private static <T extends IncidentEvent> @Nullable T last(List<IncidentEvent> events, Class<T> kind) {
        List<T> matching = all(events, kind);
        return matching.isEmpty() ? null : matching.get(matching.size() - 1);
    }
}
