package io.homeostat.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.homeostat.deploy.cluster.ClusterDirectory;
import io.homeostat.deploy.cluster.Principal;
import io.homeostat.deploy.cluster.Topology;
import io.homeostat.deploy.incident.OpenIncidents;
import io.homeostat.deploy.rest.Rest;
import io.homeostat.events.NodeProbe;
import io.homeostat.events.SidecarStatus;
import io.homeostat.events.codec.EventCodec;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** How a running cluster stands. */
@Command(
        name = "status",
        description = "Shows nodes, leader, state digests and open incidents of a running cluster.",
        footer = {
            "%nExamples:",
            "  ./homeostat status",
            "  ./homeostat status --data data --json",
            "%nExits 1 when a node does not answer, is not open, or an incident is open."
        })
final class StatusCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    @Mixin
    private DataOption data = new DataOption();

    @Mixin
    private JsonOption json = new JsonOption();

    @Override
    public Integer call() throws Exception {
        ClusterDirectory cluster = data.open();
        ObjectNode report = Rest.JSON.createObjectNode();
        report.put("ledger", cluster.topology().ledger());
        report.put("web", cluster.topology().web().url());
        report.put("tls", cluster.topology().tls());
        if (cluster.topology().tls()) {
            report.put(
                    "certificatesExpire", cluster.certificates().firstExpiry().toString());
        }
        ArrayNode nodes = report.putArray("nodes");
        boolean healthy = true;
        for (Topology.Node node : cluster.topology().nodes()) {
            healthy &= addNode(nodes.addObject(), cluster, node);
        }
        healthy &= addDigests(report, cluster);
        List<OpenIncidents.Open> open =
                OpenIncidents.read(cluster.topology().kafka().bootstrap(), PATIENCE);
        ArrayNode incidents = report.putArray("openIncidents");
        for (OpenIncidents.Open incident : open) {
            incidents
                    .addObject()
                    .put("id", incident.id())
                    .put("node", incident.node())
                    .put("cause", incident.cause())
                    .put("openedAt", incident.openedAt().toString())
                    .put("lastStep", incident.lastStep());
        }
        healthy &= open.isEmpty();
        report.put("healthy", healthy);
        print(report);
        return healthy ? 0 : 1;
    }

    private static boolean addNode(ObjectNode out, ClusterDirectory cluster, Topology.Node node) {
        out.put("id", node.id()).put("zone", node.zone()).put("url", node.url());
        Rest sidecar = Rest.of(cluster.http(), node.sidecarUrl(), ClusterDirectory.readSecret(cluster.agentTokenFile()))
                .within(PATIENCE);
        try {
            SidecarStatus status =
                    EventCodec.read(sidecar.get("/v1/status").orFail().body(), SidecarStatus.class);
            out.put("process", status.process().name().toLowerCase(java.util.Locale.ROOT));
            out.put("pid", status.pid()).put("restarts", status.restarts());
        } catch (IOException e) {
            out.put("process", "sidecar does not answer");
        }
        Rest control = Rest.of(
                        cluster.http(),
                        node.controlUrl(),
                        ClusterDirectory.readSecret(cluster.controlTokenFile(node.id())))
                .within(PATIENCE);
        try {
            NodeProbe probe =
                    EventCodec.read(control.get("/control/status").orFail().body(), NodeProbe.class);
            out.put("role", probe.role()).put("gate", probe.gate()).put("term", probe.term());
            out.put("commitIndex", probe.commitIndex()).put("appliedIndex", probe.appliedIndex());
            out.put("digestIndex", probe.digestIndex()).put("stateDigest", probe.stateDigest());
            return probe.gate().equals("open");
        } catch (IOException e) {
            out.put("role", "none").put("gate", "does not answer");
            return false;
        }
    }

    /** Digests can be compared only at one Raft index: the newest that every node attested. */
    private static boolean addDigests(ObjectNode report, ClusterDirectory cluster) {
        for (Topology.Node node : cluster.topology().nodes()) {
            Rest ledger = Rest.of(cluster.http(), node.url(), cluster.token(Principal.OPERATOR))
                    .within(PATIENCE);
            try {
                Rest.Answer answer = ledger.get("/v1/attestations");
                Rest.Answer members = ledger.get("/v1/nodes");
                Rest.Answer stop = ledger.get("/v1/maintenance");
                if (stop.accepted()) {
                    report.set("maintenance", stop.json());
                }
                if (!answer.accepted() || !members.accepted()) {
                    continue;
                }
                report.put("leader", members.json().path("leader").asText());
                for (JsonNode attestation : answer.json().path("attestations")) {
                    JsonNode digests = attestation.path("digests");
                    if (digests.size() == cluster.topology().nodes().size()) {
                        boolean equal = digests.valueStream().distinct().count() == 1;
                        report.put(
                                "comparedAtIndex", attestation.path("raftIndex").asLong());
                        report.put("digestsEqual", equal);
                        return equal;
                    }
                }
                // A fresh cluster has not attested yet: unknown, and no fault.
                report.putNull("digestsEqual");
                return true;
            } catch (IOException e) {
                continue;
            }
        }
        report.put("leader", "").putNull("digestsEqual");
        return false;
    }

    private void print(ObjectNode report) throws IOException {
        if (json.wanted()) {
            System.out.println(Rest.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(report));
            return;
        }
        System.out.printf(
                "%s  leader %s  %s%n",
                report.path("ledger").asText(),
                report.path("leader").asText("-"),
                report.path("web").asText());
        System.out.printf(
                "%-4s %-8s %-9s %-9s %8s %10s %10s  %s%n",
                "node", "zone", "process", "role", "restarts", "commit", "applied", "gate, digest");
        for (JsonNode node : report.path("nodes")) {
            String digest = node.path("stateDigest").asText("");
            System.out.printf(
                    "%-4s %-8s %-9s %-9s %8s %10s %10s  %s%n",
                    node.path("id").asText(),
                    node.path("zone").asText(),
                    node.path("process").asText(),
                    node.path("role").asText(),
                    node.path("restarts").asText("-"),
                    node.path("commitIndex").asText("-"),
                    node.path("appliedIndex").asText("-"),
                    node.path("gate").asText()
                            + (digest.isEmpty()
                                    ? ""
                                    : ", " + digest.substring(0, 12) + " at "
                                            + node.path("digestIndex").asText()));
        }
        System.out.println(
                report.path("tls").asBoolean()
                        ? "TLS between processes, certificates expire "
                                + report.path("certificatesExpire").asText()
                        : "NO TLS between processes: started with --no-tls, for development only");
        System.out.println(
                report.path("digestsEqual").isBoolean()
                        ? "state digests at index "
                                + report.path("comparedAtIndex").asText() + ": "
                                + (report.path("digestsEqual").asBoolean() ? "equal" : "DIFFERENT")
                        : "state digests: not compared yet");
        if (report.path("maintenance").path("active").asBoolean()) {
            System.out.println("WRITES ARE STOPPED by "
                    + report.path("maintenance").path("by").asText() + ": "
                    + report.path("maintenance").path("reason").asText() + "; see ./homeostat maintenance status");
        }
        JsonNode incidents = report.path("openIncidents");
        System.out.println(incidents.isEmpty() ? "open incidents: none" : "open incidents:");
        for (JsonNode incident : incidents) {
            System.out.printf(
                    "  %s  %s  %s  last step %s%n",
                    incident.path("id").asText(),
                    incident.path("node").asText(),
                    incident.path("cause").asText(),
                    incident.path("lastStep").asText());
        }
    }
}
