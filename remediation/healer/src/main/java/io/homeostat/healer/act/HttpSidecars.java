package io.homeostat.healer.act;

import io.homeostat.events.ActionOrder;
import io.homeostat.events.ActionReport;
import io.homeostat.events.SidecarStatus;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The sidecars by HTTP. */
public final class HttpSidecars implements SidecarApi {
    private final Map<String, URI> sidecars;
    private final JsonHttp http;
    private final ActLimits limits;

    public HttpSidecars(List<NodeEndpoint> nodes, JsonHttp http, ActLimits limits) {
        this.sidecars =
                nodes.stream().collect(Collectors.toUnmodifiableMap(NodeEndpoint::id, NodeEndpoint::sidecarApi));
        this.http = http;
        this.limits = limits;
    }

    @Override
    public Map<String, SidecarStatus> statuses() {
        Map<String, CompletableFuture<JsonHttp.Answer>> asked = new HashMap<>();
        sidecars.forEach((node, root) ->
                asked.put(node, http.send("GET", root.resolve("/v1/status"), null, limits.readTimeout())));
        Map<String, SidecarStatus> answered = new HashMap<>();
        asked.forEach((node, future) -> {
            try {
                answered.put(node, future.join().as(SidecarStatus.class));
            } catch (CompletionException | ActFault e) {
                // Absent means "not seen": the guard counts such a node as lost, which is the safe side.
                answered.remove(node);
            }
        });
        return answered;
    }

    @Override
    public SidecarStatus status(String node) {
        return get(node, "/v1/status", a -> a.as(SidecarStatus.class));
    }

    @Override
    public ActionReport order(ActionOrder order) {
        URI uri = root(order.node()).resolve("/v1/actions");
        JsonHttp.Answer answer = http.sendAndWait("POST", uri, order, limits.writeTimeout());
        if (answer.status() == 409 && !answer.reason().equals("id_conflict")) {
            throw new ActFault(
                    ActFault.Kind.RETRYABLE, "the sidecar of " + order.node() + " is busy: " + answer.words());
        }
        return answer.as(ActionReport.class);
    }

    @Override
    public Optional<ActionReport> report(String node, String actionId) {
        return get(
                node,
                "/v1/actions/" + actionId,
                a -> a.status() == 404 ? Optional.empty() : Optional.of(a.as(ActionReport.class)));
    }

    private <T> T get(String node, String path, Function<JsonHttp.Answer, T> read) {
        return read.apply(http.sendAndWait("GET", root(node).resolve(path), null, limits.readTimeout()));
    }

    private URI root(String node) {
        URI root = sidecars.get(node);
        if (root == null) {
            throw new ActFault(
                    ActFault.Kind.PERMANENT, "expected one of the nodes " + sidecars.keySet() + " but found " + node);
        }
        return root;
    }
}
