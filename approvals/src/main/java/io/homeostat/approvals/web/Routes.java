package io.homeostat.approvals.web;

import java.util.List;

/** Every route of the web door with the roles that may use it: one table, read by the server and by the tests. */
final class Routes {
    private Routes() {}

    enum Kind {
        PAGE,
        /** A part of a page that refreshes itself: it does not keep a session alive. */
        FRAGMENT,
        API
    }

    interface Handler {
        Reply handle(Call call);
    }

    /**
     * One route.
     *
     * @param path with {@code :name} for parameters
     */
    record Route(String method, String path, Role.Access access, Kind kind, Handler handler) {
        boolean changes() {
            return method.equals("POST");
        }
    }

    static List<Route> table(Pages pages, Api api) {
        return List.of(
                new Route("GET", "/health/live", Role.Access.PUBLIC, Kind.API, pages::live),
                new Route("GET", "/health/ready", Role.Access.PUBLIC, Kind.API, pages::ready),
                new Route("GET", "/health/started", Role.Access.PUBLIC, Kind.API, pages::started),
                new Route("GET", "/assets/:name", Role.Access.PUBLIC, Kind.PAGE, pages::asset),
                new Route("GET", "/sign-in", Role.Access.PUBLIC, Kind.PAGE, pages::signInForm),
                new Route("POST", "/sign-in", Role.Access.PUBLIC, Kind.PAGE, pages::signIn),
                new Route("POST", "/sign-out", Role.Access.READ, Kind.PAGE, pages::signOut),
                new Route("GET", "/", Role.Access.READ, Kind.PAGE, pages::home),
                new Route("GET", "/inbox", Role.Access.READ, Kind.PAGE, pages::inbox),
                new Route("GET", "/inbox/live", Role.Access.READ, Kind.FRAGMENT, pages::inboxLive),
                new Route("GET", "/status", Role.Access.READ, Kind.FRAGMENT, pages::status),
                new Route("GET", "/cases/:caseId", Role.Access.READ, Kind.PAGE, pages::oneCase),
                new Route("GET", "/cases/:caseId/live", Role.Access.READ, Kind.FRAGMENT, pages::oneCaseLive),
                new Route("GET", "/keys", Role.Access.DECIDE, Kind.PAGE, pages::keys),
                new Route("POST", "/api/keys", Role.Access.DECIDE, Kind.API, api::registerKey),
                new Route("GET", "/incidents", Role.Access.READ, Kind.PAGE, pages::incidents),
                new Route("GET", "/incidents/live", Role.Access.READ, Kind.FRAGMENT, pages::incidentsLive),
                new Route("GET", "/incidents/:incidentId", Role.Access.READ, Kind.PAGE, pages::incident),
                new Route("GET", "/incidents/:incidentId/live", Role.Access.READ, Kind.FRAGMENT, pages::incidentLive),
                new Route("GET", "/trail", Role.Access.READ, Kind.PAGE, pages::trail),
                new Route("GET", "/trail/:sequence", Role.Access.READ, Kind.PAGE, pages::trailLeaf),
                new Route("GET", "/bundles/:storyId", Role.Access.TAKE_AWAY, Kind.PAGE, pages::bundle),
                new Route("GET", "/controls", Role.Access.OPERATE, Kind.PAGE, pages::controls),
                new Route("POST", "/controls/stop", Role.Access.OPERATE, Kind.PAGE, pages::stop),
                new Route("POST", "/controls/resume", Role.Access.OPERATE, Kind.PAGE, pages::resume),
                new Route("GET", "/api/inbox", Role.Access.READ, Kind.API, api::inbox),
                new Route("GET", "/api/cases/:caseId", Role.Access.READ, Kind.API, api::oneCase),
                new Route("POST", "/api/cases/:caseId/decisions", Role.Access.DECIDE, Kind.API, api::decide),
                new Route("GET", "/api/incidents", Role.Access.READ, Kind.API, api::incidents),
                new Route("GET", "/api/incidents/:incidentId", Role.Access.READ, Kind.API, api::incident),
                new Route("GET", "/api/trail", Role.Access.READ, Kind.API, api::trail),
                new Route("GET", "/api/bundles/:storyId", Role.Access.TAKE_AWAY, Kind.API, api::bundle));
    }
}
