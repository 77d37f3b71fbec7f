package io.homeostat.approvals.web;

import io.homeostat.approvals.change.GateChange;
import io.homeostat.approvals.inbox.Inbox;
import io.homeostat.approvals.inbox.Incident;
import io.homeostat.approvals.inbox.LedgerBoard;
import io.homeostat.approvals.ledger.LedgerCase;
import io.homeostat.approvals.ledger.LedgerPolicy;
import io.homeostat.approvals.trail.TrailEntry;
import io.homeostat.events.IncidentEvent;
import io.homeostat.events.codec.EventCodec;
import io.homeostat.merkle.Digests;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The pages for people, one method per route. Thread-safe. */
final class Pages {
    private static final int TRAIL_PAGE = 50;

    private final Desk desk;
    private final Views views;
    private final Templates templates;
    private final Assets assets;
    private final SignIn signIn;
    private final Sessions sessions;
    private final int minReasonChars;

    Pages(
            Desk desk,
            Views views,
            Templates templates,
            Assets assets,
            SignIn signIn,
            Sessions sessions,
            int minReasonChars) {
        this.desk = desk;
        this.views = views;
        this.templates = templates;
        this.assets = assets;
        this.signIn = signIn;
        this.sessions = sessions;
        this.minReasonChars = minReasonChars;
    }

    // Sign-in

    Reply signInForm(Call call) {
        return signInForm(200, call, "");
    }

    Reply signIn(Call call) {
        if (!signIn.tokenHolds(call.cookies().getOrDefault("signin", ""), call.form("csrf"))) {
            throw new Problem(403, "csrf", "The form is too old", "Open the sign-in page again and sign in there.");
        }
        Optional<Sessions.Started> started = signIn.signIn(call.form(), call.address());
        if (started.isEmpty()) {
            return signInForm(401, call, "Name or password is wrong.");
        }
        return Reply.redirect(local(call.form("next")))
                .withSession(started.get().id());
    }

    Reply signOut(Call call) {
        sessions.end(call.cookies().getOrDefault("session", ""));
        return Reply.redirect("/sign-in").withSession("");
    }

    Reply home(Call call) {
        return Reply.redirect("/inbox");
    }

    // Inbox

    Reply inbox(Call call) {
        return page("inbox", call, "Inbox", "inbox", views.inbox(desk.inbox().read()));
    }

    Reply inboxLive(Call call) {
        return Reply.html(
                200, templates.render("inbox-live", views.inbox(desk.inbox().read())));
    }

    Reply status(Call call) {
        LedgerBoard.Snapshot snapshot = desk.board().snapshot();
        return Reply.html(200, templates.render("status", views.status(snapshot, stopState())));
    }

    // Cases

    Reply oneCase(Call call) {
        Inbox.Item item = findCase(call);
        Map<String, Object> model = caseModel(item);
        String person = call.who().person();
        model.put("mayDecide", call.who().may(Role.Access.DECIDE));
        model.put("person", person);
        model.put("isRequester", item.held().requester().equals(person));
        model.put(
                "hasDecided",
                item.held().approvals().stream().anyMatch(a -> a.person().equals(person)));
        LedgerPolicy policy = desk.board().snapshot().policy();
        model.put("keys", views.keysOf(person, policy));
        GateChange change = GateChange.of(item.held(), policy).orElse(null);
        model.put("change", change == null ? null : Views.change(change));
        model.put("isSubject", change != null && change.subject().equals(person));
        model.put("minReason", minReasonChars);
        model.put("bundle", call.who().may(Role.Access.TAKE_AWAY));
        model.put("v", version("case-live", model));
        return page("case", call, caseTitle(item), "inbox", model);
    }

    /** The moving part of the page; a case that changed its state makes the browser load the whole page. */
    Reply oneCaseLive(Call call) {
        Inbox.Item item = findCase(call);
        boolean sameState = call.query("seen").equals(item.held().state().wireName());
        Reply reply = fragment("case-live", caseModel(item), sameState ? call.query("v") : "");
        return sameState ? reply : reply.with("HX-Refresh", "true");
    }

    // Keys

    /** The caller's own keys, and a place to register a passkey. */
    Reply keys(Call call) {
        LedgerBoard.Snapshot snapshot = desk.board().snapshot();
        String person = call.who().person();
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("person", person);
        model.put("rows", views.keyRows(person, snapshot.policy()));
        model.put(
                "waiting",
                snapshot.cases().stream()
                        .filter(c -> c.open() && c.kind() == LedgerCase.Kind.KEYS)
                        .filter(c -> GateChange.of(c, snapshot.policy())
                                .filter(change -> change.subject().equals(person))
                                .isPresent())
                        .map(c ->
                                Map.of("caseId", c.caseId(), "expires", Words.full(Words.instant(c.expiresAtMicros()))))
                        .toList());
        Sessions.Session session = call.who().session();
        model.put("challenge", session == null ? "" : Digests.hex(Api.challenge(session)));
        return page("keys", call, "Your keys", "keys", model);
    }

    // Incidents

    Reply incidents(Call call) {
        Map<String, Object> model = incidentList();
        model.put("v", version("incidents-live", model));
        return page("incidents", call, "Incidents", "incidents", model);
    }

    Reply incidentsLive(Call call) {
        return fragment("incidents-live", incidentList(), call.query("v"));
    }

    Reply incident(Call call) {
        Incident incident = findIncident(call);
        Map<String, Object> model = new LinkedHashMap<>(views.incident(incident));
        model.put("bundle", call.who().may(Role.Access.TAKE_AWAY));
        model.put("v", version("incident-live", model));
        return page("incident", call, "Incident on " + incident.node(), "incidents", model);
    }

    Reply incidentLive(Call call) {
        return fragment("incident-live", views.incident(findIncident(call)), call.query("v"));
    }

    // Trail

    Reply trail(Call call) {
        String story = call.query("story").strip();
        long before = number(call.query("before"), Long.MAX_VALUE, "before");
        List<TrailEntry> entries = desk.trail().newestBefore(before, TRAIL_PAGE, story);
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("rows", entries.stream().map(views::trailRow).toList());
        model.put("story", story);
        model.put("size", desk.trail().size());
        model.put("root", Words.shortDigest(desk.trail().head().rootHex()));
        boolean more =
                entries.size() == TRAIL_PAGE && entries.get(entries.size() - 1).sequence() > 0;
        model.put("older", more ? Long.toString(entries.get(entries.size() - 1).sequence()) : "");
        model.put("bundle", call.who().may(Role.Access.TAKE_AWAY));
        return page("trail", call, "Reasoning trail", "trail", model);
    }

    Reply trailLeaf(Call call) {
        long sequence = number(call.path("sequence"), -1, "sequence");
        TrailEntry entry = desk.trail()
                .entry(sequence)
                .orElseThrow(() -> Problem.notFound("The trail has no leaf " + sequence + "."));
        IncidentEvent event = desk.trail().withTexts(desk.trail().event(sequence));
        Map<String, Object> model = new LinkedHashMap<>(views.trailRow(entry));
        model.put("detail", Words.detail(event));
        model.put("leaf", new String(desk.trail().leaf(sequence), StandardCharsets.UTF_8));
        model.put("fields", fields(event));
        model.put("incident", desk.incidents().find(entry.storyId()).isPresent());
        model.put("caseId", entry.caseId());
        return page("leaf", call, "Leaf " + sequence, "trail", model);
    }

    // Bundles and the stop button

    Reply bundle(Call call) {
        String subject = storyOf(call, desk);
        return BundleReply.of(desk.bundles(), subject);
    }

    Reply controls(Call call) {
        Map<String, Object> model = new LinkedHashMap<>();
        try {
            model.putAll(views.stop(desk.stopButton().state()));
            model.put("fault", "");
        } catch (UncheckedIOException e) {
            model.putAll(views.stop(StopButton.State.RUNNING));
            model.put("fault", "Remediation does not answer: " + e.getMessage());
        }
        return page("controls", call, "Stop button", "controls", model);
    }

    Reply stop(Call call) {
        return press(call, true);
    }

    Reply resume(Call call) {
        return press(call, false);
    }

    // Assets and health

    Reply asset(Call call) {
        Assets.Asset asset =
                assets.find(call.path("name")).orElseThrow(() -> Problem.notFound("There is no such asset."));
        return new Reply(200, asset.contentType(), asset.content(), Map.of(), null, null)
                .with("Cache-Control", "public, max-age=31536000, immutable");
    }

    Reply live(Call call) {
        return health(desk.live().getAsBoolean());
    }

    Reply ready(Call call) {
        return health(desk.ready().getAsBoolean());
    }

    Reply started(Call call) {
        return health(true);
    }

    /** A refusal as a page. */
    Reply problem(Problem problem, @Nullable Caller caller) {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("status", problem.status());
        model.put("problemTitle", problem.title());
        model.put("detail", problem.detail());
        Call call = new Call(Map.of(), Map.of(), Map.of(), Map.of(), new byte[0], "", "", caller);
        return page(problem.status(), "problem", call, problem.title(), "", model);
    }

    private Map<String, Object> incidentList() {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put(
                "incidents",
                desk.incidents().newest().stream().map(views::incidentRow).toList());
        return model;
    }

    /** A moving part; 204 leaves the browser's copy alone, so that what a reader has unfolded stays unfolded. */
    private Reply fragment(String template, Map<String, Object> model, String seenVersion) {
        String version = version(template, model);
        if (version.equals(seenVersion)) {
            return new Reply(204, "text/html; charset=utf-8", new byte[0], Map.of(), null, null);
        }
        model.put("v", version);
        return Reply.html(200, templates.render(template, model));
    }

    private String version(String template, Map<String, Object> model) {
        model.put("v", "");
        return EventCodec.digestOfText(templates.render(template, model)).substring(0, 16);
    }

    static String storyOf(Call call, Desk desk) {
        String subject = call.path("storyId");
        boolean known = desk.trail().storyLength(subject) > 0
                || desk.board().snapshot().cases().stream()
                        .anyMatch(c -> c.caseId().equals(subject));
        if (!known) {
            throw Problem.notFound("Neither the trail nor the ledger knows " + subject + ".");
        }
        return subject;
    }

    private Reply signInForm(int status, Call call, String fault) {
        String cookie = call.cookies().getOrDefault("signin", "");
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("csrf", signIn.tokenFor(cookie));
        model.put("fault", fault);
        model.put("user", call.form("user"));
        String next = call.form("next").isEmpty() ? call.query("next") : call.form("next");
        model.put("next", local(next));
        model.put("version", assets.version());
        return Reply.html(status, templates.render("sign-in", model));
    }

    private Reply press(Call call, boolean stop) {
        String why = call.form("reason").strip();
        if (why.length() < minReasonChars || why.length() > 500) {
            throw Problem.badField(
                    "reason", "The reason must have " + minReasonChars + " to 500 characters but has " + why.length());
        }
        try {
            if (stop) {
                desk.stopButton().stopAll(call.who().name(), why);
            } else {
                desk.stopButton().resume(call.who().name(), why);
            }
        } catch (UncheckedIOException e) {
            throw new Problem(
                    503,
                    "remediation-away",
                    "Remediation does not answer",
                    "The button was not pressed: " + e.getMessage(),
                    "",
                    2);
        }
        return Reply.redirect("/controls");
    }

    private Optional<StopButton.State> stopState() {
        try {
            return Optional.of(desk.stopButton().state());
        } catch (UncheckedIOException e) {
            return Optional.empty();
        }
    }

    private Inbox.Item findCase(Call call) {
        String caseId = call.path("caseId");
        return desk.inbox()
                .find(caseId)
                .orElseThrow(() -> Problem.notFound("The ledger knows no case " + caseId + "."));
    }

    private Incident findIncident(Call call) {
        String id = call.path("incidentId");
        return desk.incidents().find(id).orElseThrow(() -> Problem.notFound("The trail knows no incident " + id + "."));
    }

    private Map<String, Object> caseModel(Inbox.Item item) {
        LedgerCase held = item.held();
        Map<String, Object> model = new LinkedHashMap<>(views.caseRow(item));
        List<IncidentEvent> story = new ArrayList<>(desk.trail().story(item.storyId()));
        Optional<Incident> incident = desk.incidents().find(item.storyId());
        model.put("incident", null);
        model.put("evidence", List.of());
        model.put("plan", null);
        model.put("planShown", false);
        if (incident.isPresent()) {
            Incident found = incident.get();
            story = new ArrayList<>(found.timeline());
            Map<String, Object> shown = views.incident(found);
            model.put("incident", shown);
            model.put("evidence", views.evidence(found));
            model.put("plan", shown.get("plan"));
            model.put("planShown", planIsPayload(found, held));
        }
        story.sort(Comparator.comparing(IncidentEvent::at));
        Instant from = story.isEmpty()
                ? Words.instant(held.openedAtMicros())
                : story.get(0).at();
        model.put(
                "timeline", story.isEmpty() && held.ofChange() ? LedgerTimeline.of(held) : views.timeline(story, from));
        IncidentEvent.ExplanationWritten newest = null;
        for (IncidentEvent event : story) {
            if (event instanceof IncidentEvent.ExplanationWritten written) {
                newest = written;
            }
        }
        model.put("explanation", views.explanation(newest));
        return model;
    }

    /** True when the plan that is shown is what the case's signatures are over. */
    private static boolean planIsPayload(Incident incident, LedgerCase held) {
        return incident.plan() != null
                && EventCodec.digest(Objects.requireNonNull(incident.plan())).equals(held.payloadDigest());
    }

    private static String caseTitle(Inbox.Item item) {
        LedgerCase.Transfer transfer = item.held().transfer();
        if (item.held().ofChange()) {
            return item.held().kind() == LedgerCase.Kind.POLICY ? "Change of the policy" : "Change of keys";
        }
        return transfer == null
                ? "Recovery of " + (item.node().isEmpty() ? "a node" : item.node())
                : transfer.asset() + " " + Words.amount(transfer);
    }

    private static List<Map<String, Object>> fields(IncidentEvent event) {
        List<Map<String, Object>> fields = new ArrayList<>();
        EventCodec.readMap(EventCodec.canonicalJson(event)).forEach((name, value) -> {
            boolean simple = !(value instanceof Map) && !(value instanceof List);
            String text = simple
                    ? String.valueOf(value)
                    : new String(EventCodec.canonicalJson(value), StandardCharsets.UTF_8);
            fields.add(Map.of("name", name, "value", text));
        });
        return fields;
    }

    private Reply page(String template, Call call, String title, String section, Map<String, Object> content) {
        return page(200, template, call, title, section, content);
    }

    private Reply page(
            int status, String template, Call call, String title, String section, Map<String, Object> content) {
        Map<String, Object> model = new LinkedHashMap<>(content);
        Caller caller = call.caller();
        Sessions.Session session = caller == null ? null : caller.session();
        model.put("pageTitle", title);
        model.put("section", section);
        model.put("version", assets.version());
        model.put("userName", caller == null ? "" : caller.name());
        model.put("csrf", session == null ? "" : session.csrfToken());
        model.put("operates", caller != null && caller.may(Role.Access.OPERATE));
        model.put("decides", caller != null && caller.may(Role.Access.DECIDE));
        LedgerBoard.Snapshot snapshot = desk.board().snapshot();
        model.put(
                "openCount", snapshot.cases().stream().filter(LedgerCase::open).count());
        model.put("status", caller == null ? null : views.status(snapshot, stopState()));
        return Reply.html(status, templates.render(template, model));
    }

    private static Reply health(boolean well) {
        return Reply.json(well ? 200 : 503, ApiJson.write(Map.of("status", well ? "UP" : "DOWN")));
    }

    static long number(String text, long absent, String field) {
        if (text.isEmpty()) {
            return absent;
        }
        if (!text.matches("[0-9]{1,18}")) {
            throw Problem.badField(field, field + " must be a whole number from 0 on");
        }
        return Long.parseLong(text);
    }

    /** A path on this server, or the inbox: nobody is sent elsewhere after signing in. */
    private static String local(String next) {
        return next.matches("/[A-Za-z0-9][A-Za-z0-9:._/-]{0,200}") ? next : "/inbox";
    }
}
