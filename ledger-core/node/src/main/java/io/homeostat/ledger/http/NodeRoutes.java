package io.homeostat.ledger.http;

import com.fasterxml.jackson.core.JsonParser;
import io.homeostat.ledger.LedgerNodeConfig;
import io.homeostat.ledger.clock.PeerClocks;
import io.homeostat.ledger.raft.RaftStatus;
import io.homeostat.ledger.state.AttestationView;
import io.homeostat.ledger.state.Command;
import io.homeostat.ledger.state.NodeView;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The nodes themselves: who is isolated, who is a member, who leads, what each attested. */
final class NodeRoutes {
    static final String CLOCK = "/internal/clock";
    static final String VOTE = "/internal/vote";
    private static final int MAX_REASON = 256;
    private final NodeServices node;
    private final Writes writes;
    private final VoteGrant grant;

    NodeRoutes(NodeServices node, Writes writes) {
        this.node = node;
        this.grant = new VoteGrant(node);
        this.writes = writes;
    }

    List<Route> routes() {
        return List.of(
                new Route(HttpMethod.GET, "/v1/nodes", "reader", Route.Place.LOCAL, this::list),
                new Route(HttpMethod.GET, "/v1/attestations", "reader", Route.Place.LOCAL, this::attestations),
                new Route(
                        HttpMethod.POST, "/v1/nodes/{id}/isolation", "remediation", Route.Place.LEADER, this::isolate),
                new Route(
                        HttpMethod.DELETE, "/v1/nodes/{id}/isolation", "remediation", Route.Place.LEADER, this::admit),
                new Route(HttpMethod.PUT, "/v1/nodes/{id}/membership", "remediation", Route.Place.LEADER, this::member),
                new Route(HttpMethod.POST, "/v1/leadership", "remediation", Route.Place.LEADER, this::lead),
                new Route(HttpMethod.GET, "/v1/status", "reader", Route.Place.ALWAYS, this::status),
                new Route(HttpMethod.POST, "/internal/attestations", "node", Route.Place.LEADER_ALWAYS, this::attest),
                new Route(HttpMethod.GET, CLOCK, "node", Route.Place.ALWAYS, this::clock),
                new Route(HttpMethod.GET, VOTE, "node", Route.Place.ALWAYS, this::votes));
    }

    private CompletionStage<Answer> list(Exchange exchange) {
        exchange.knows();
        RaftStatus raft = node.status().get();
        List<NodeView> nodes = node.ledger().nodes();
        Map<String, LedgerNodeConfig.Peer> peers =
                node.config().peers().stream().collect(Collectors.toMap(LedgerNodeConfig.Peer::id, peer -> peer));
        return CompletableFuture.completedFuture(Answer.json(200, json -> {
            json.writeStartObject();
            json.writeStringField("leader", raft.leaderId());
            json.writeArrayFieldStart("nodes");
            for (NodeView view : nodes) {
                LedgerNodeConfig.Peer peer = peers.get(view.id());
                json.writeStartObject();
                json.writeStringField("id", view.id());
                json.writeStringField("zone", view.zone());
                json.writeStringField("url", peer == null ? "" : node.config().urlOf(peer));
                json.writeStringField("state", view.isolated() ? "isolated" : "active");
                json.writeBooleanField("member", raft.members().contains(view.id()));
                json.writeBooleanField("joining", raft.listeners().contains(view.id()));
                json.writeStringField("incidentId", view.incidentId());
                json.writeNumberField("attestedIndex", view.attestedIndex());
                json.writeStringField("stateDigest", view.stateDigest());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeNumberField("index", node.ledger().journalSize() - 1);
            json.writeEndObject();
        }));
    }

    private CompletionStage<Answer> attestations(Exchange exchange) {
        exchange.knows();
        List<AttestationView> attestations =
                node.ledger().attestations(node.limits().attestationsListed());
        return CompletableFuture.completedFuture(Answer.json(200, json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("attestations");
            for (AttestationView attestation : attestations) {
                json.writeStartObject();
                json.writeNumberField("raftIndex", attestation.raftIndex());
                json.writeObjectFieldStart("digests");
                for (Map.Entry<String, String> digest : attestation.digests().entrySet()) {
                    json.writeStringField(digest.getKey(), digest.getValue());
                }
                json.writeEndObject();
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }));
    }

    private CompletionStage<Answer> isolate(Exchange exchange) {
        String id = exchange.knows().variable(0, "id", Syntax.NAME);
        Command.IsolateNode command = Json.read(exchange.body(), json -> {
            Json.Fields fields = new Json.Fields(json, "incidentId", "reason");
            String incidentId = "";
            String reason = "";
            for (int field = fields.next(); field >= 0; field = fields.next()) {
                if (field == 0) {
                    incidentId = fields.text(Syntax.INCIDENT_ID);
                } else {
                    reason = fields.text(MAX_REASON);
                }
            }
            fields.require(0, 1);
            return new Command.IsolateNode(id, incidentId, reason);
        });
        return writes.proposeOne(exchange, command, Writes::index);
    }

    private CompletionStage<Answer> admit(Exchange exchange) {
        String id = exchange.knows("incidentId").variable(0, "id", Syntax.NAME);
        String incidentId = exchange.query().get("incidentId");
        if (incidentId == null || !Syntax.INCIDENT_ID.matches(incidentId)) {
            throw Problem.invalidField(
                    "incidentId",
                    Syntax.INCIDENT_ID.rule(),
                    "the query parameter 'incidentId' must be " + Syntax.INCIDENT_ID.rule());
        }
        return writes.proposeOne(exchange, new Command.AdmitNode(id, incidentId), Writes::index);
    }

    private CompletionStage<Answer> member(Exchange exchange) {
        String id = exchange.knows().variable(0, "id", Syntax.NAME);
        boolean member = Json.read(exchange.body(), json -> {
            Json.Fields fields = new Json.Fields(json, "member");
            boolean value = false;
            while (fields.next() >= 0) {
                value = fields.truth();
            }
            fields.require(0);
            return value;
        });
        return node.raft()
                .changeMember(id, member, VoteGrant.genesisNodes(node))
                .thenApply(VoteGrant::members);
    }

    private record Leadership(
            @Nullable String target, @Nullable String away) {}

    private CompletionStage<Answer> lead(Exchange exchange) {
        exchange.knows();
        Leadership wish = Json.read(exchange.body(), NodeRoutes::leadership);
        String self = node.config().nodeId();
        if (wish.away != null && !wish.away.equals(self)) {
            return CompletableFuture.completedFuture(leader(self));
        }
        List<String> targets = wish.target != null
                ? List.of(wish.target)
                : successors(node.status().get(), node.ledger().nodes(), self);
        return node.raft().transferLeadership(targets).thenApply(NodeRoutes::leader);
    }

    private static Leadership leadership(JsonParser json) throws IOException {
        Json.Fields fields = new Json.Fields(json, "target", "away");
        String target = null;
        String away = null;
        for (int field = fields.next(); field >= 0; field = fields.next()) {
            if (field == 0) {
                target = fields.text(Syntax.NAME);
            } else {
                away = fields.text(Syntax.NAME);
            }
        }
        if (fields.has(0) == fields.has(1)) {
            throw Problem.invalidField(
                    "target", "target or away", "say either 'target', the next leader, or 'away', who must not lead");
        }
        return new Leadership(target, away);
    }

    /** Live members that are not isolated, by id, so that two callers move it to the same one. */
    private static List<String> successors(RaftStatus raft, List<NodeView> nodes, String self) {
        Set<String> isolated = new HashSet<>();
        nodes.stream().filter(NodeView::isolated).forEach(view -> isolated.add(view.id()));
        List<String> others = raft.liveMembers().stream()
                .filter(id -> !id.equals(self) && !isolated.contains(id))
                .sorted()
                .toList();
        if (others.isEmpty()) {
            throw Problem.conflict(
                    "no_successor", "no other live member that is not isolated could lead: " + raft.liveMembers());
        }
        return others;
    }

    private static Answer leader(String id) {
        return Answer.json(200, json -> {
            json.writeStartObject();
            json.writeStringField("leader", id);
            json.writeEndObject();
        });
    }

    private CompletionStage<Answer> attest(Exchange exchange) {
        exchange.knows();
        Command.Attest command = Json.read(exchange.body(), json -> {
            Json.Fields fields = new Json.Fields(json, "node", "raftIndex", "digest");
            String id = "";
            long index = 0;
            byte[] digest = {};
            for (int field = fields.next(); field >= 0; field = fields.next()) {
                switch (field) {
                    case 0 -> id = fields.text(Syntax.NAME);
                    case 1 -> index = fields.whole(1, Long.MAX_VALUE);
                    default -> digest = fields.hex();
                }
            }
            fields.require(0, 1, 2);
            return new Command.Attest(id, index, digest);
        });
        return grant.concerns(command) ? grant.decide(command) : writes.proposeOne(exchange, command, Writes::index);
    }

    private CompletionStage<Answer> clock(Exchange exchange) {
        exchange.knows();
        long micros = PeerClocks.micros(node.clock().instant());
        return CompletableFuture.completedFuture(Answer.json(200, json -> {
            json.writeStartObject();
            json.writeNumberField("micros", micros);
            json.writeEndObject();
        }));
    }

    /** Asked by the leader before it hands its place over: only this node knows whether it stands for election. */
    private CompletionStage<Answer> votes(Exchange exchange) {
        exchange.knows();
        boolean votes = !node.raft().voteless();
        return CompletableFuture.completedFuture(Answer.json(200, json -> {
            json.writeStartObject();
            json.writeNumberField("votes", votes ? 1 : 0);
            json.writeEndObject();
        }));
    }

    private CompletionStage<Answer> status(Exchange exchange) {
        exchange.knows();
        RaftStatus raft = node.status().get();
        return CompletableFuture.completedFuture(Answer.json(200, json -> {
            json.writeStartObject();
            json.writeStringField("nodeId", node.config().nodeId());
            json.writeStringField("zone", node.config().zone());
            json.writeStringField("role", raft.role());
            json.writeStringField("leader", raft.leaderId());
            json.writeNumberField("term", raft.term());
            json.writeNumberField("commitIndex", raft.commitIndex());
            json.writeNumberField("appliedIndex", raft.appliedIndex());
            json.writeNumberField("digestIndex", node.ledger().digestIndex());
            json.writeStringField("stateDigest", node.ledger().stateDigest());
            json.writeNumberField("journalSize", node.ledger().journalSize());
            json.writeArrayFieldStart("members");
            for (String member : raft.members()) {
                json.writeString(member);
            }
            json.writeEndArray();
            json.writeBooleanField("ready", node.ready().getAsBoolean());
            json.writeStringField("gate", node.gate().view().state().wireName());
            json.writeStringField("gateReason", node.gate().view().reason());
            json.writeNumberField("clockSkewMillis", node.clockSkewMicros().getAsLong() / 1000);
            json.writeBooleanField("faultHooks", node.config().faultHooks());
            json.writeStringField("profile", node.config().profile().name().toLowerCase(Locale.ROOT));
            json.writeStringField("version", node.version());
            json.writeEndObject();
        }));
    }
}
