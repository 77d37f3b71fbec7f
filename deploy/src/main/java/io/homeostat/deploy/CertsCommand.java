package io.homeostat.deploy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.homeostat.deploy.certs.CertificateFolder;
import io.homeostat.deploy.rest.Rest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A private authority and the certificates of a cluster. */
@Command(
        name = "certs",
        description = {
            "Makes a private certificate authority, and certificates for nodes, sidecars, platform and clients.",
            "Renewing keeps the authority and makes every certificate again with a new key; running processes take the",
            "new files up by themselves. Files are written with mode 600."
        },
        footer = {
            "%nExamples:",
            "  ./homeostat certs --out certs --nodes n1,n2,n3 --hosts ledger.example.org,10.0.0.7",
            "  ./homeostat certs --out certs --renew --days 90",
            "  ./homeostat certs --show data/secrets/tls",
            "%n--show exits 1 when a certificate has expired."
        })
final class CertsCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--out", paramLabel = "DIR", description = "where authority and certificates are written")
    private Optional<Path> out = Optional.empty();

    @Option(names = "--nodes", paramLabel = "IDS", split = ",", description = "ids of the nodes, for example n1,n2,n3")
    private List<String> nodes = List.of();

    @Option(
            names = "--hosts",
            paramLabel = "NAMES",
            split = ",",
            defaultValue = "localhost,127.0.0.1",
            description =
                    "host names and addresses under which they are reached (${DEFAULT-VALUE}, and each node's id)")
    private List<String> hosts = List.of();

    @Option(
            names = "--cluster",
            paramLabel = "NAME",
            defaultValue = "homeostat",
            description = "organisation in the certificates (${DEFAULT-VALUE})")
    private String cluster = "homeostat";

    @Option(
            names = "--days",
            paramLabel = "N",
            defaultValue = "" + CertificateFolder.DEFAULT_DAYS,
            description =
                    "days until the certificates expire, at most " + CertificateFolder.MAX_DAYS + " (${DEFAULT-VALUE})")
    private int days;

    @Option(names = "--renew", description = "make the certificates of an existing folder again")
    private boolean renew;

    @Option(names = "--show", paramLabel = "DIR", description = "show the certificates of a folder")
    private Optional<Path> show = Optional.empty();

    @Mixin
    private JsonOption json = new JsonOption();

    @Override
    public Integer call() throws Exception {
        if (out.isPresent() == show.isPresent()) {
            throw new ParameterException(spec.commandLine(), "expected either --out or --show");
        }
        if (show.isPresent()) {
            return print(new CertificateFolder(show.get()));
        }
        CertificateFolder folder = new CertificateFolder(out.orElseThrow());
        try {
            if (renew) {
                if (!nodes.isEmpty()) {
                    throw new ParameterException(
                            spec.commandLine(), "--renew keeps the names that are there: leave --nodes away");
                }
                folder.renew(days, Instant.now());
            } else {
                folder.create(new CertificateFolder.Plan(cluster, nodes, hosts, days), Instant.now());
            }
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        return print(folder);
    }

    private int print(CertificateFolder folder) throws IOException {
        Instant now = Instant.now();
        List<CertificateFolder.Entry> entries = folder.entries();
        boolean expired = entries.stream().anyMatch(entry -> entry.until().isBefore(now));
        if (json.wanted()) {
            ObjectNode report = Rest.JSON.createObjectNode();
            ArrayNode list = report.putArray("certificates");
            for (CertificateFolder.Entry entry : entries) {
                ObjectNode one = list.addObject();
                one.put("name", entry.name()).put("party", entry.party());
                entry.hosts().forEach(one.putArray("hosts")::add);
                one.put("from", entry.from().toString())
                        .put("until", entry.until().toString());
                one.put("daysLeft", entry.daysLeft(now)).put("serial", entry.serial());
                one.put("expired", entry.until().isBefore(now));
            }
            report.put("expired", expired);
            System.out.println(Rest.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(report));
            return expired ? 1 : 0;
        }
        System.out.printf("%-14s %-10s %-22s %9s  %s%n", "name", "party", "expires", "days left", "hosts");
        for (CertificateFolder.Entry entry : entries) {
            System.out.printf(
                    "%-14s %-10s %-22s %9s  %s%n",
                    entry.name(),
                    entry.party(),
                    entry.until(),
                    entry.until().isBefore(now) ? "EXPIRED" : entry.daysLeft(now),
                    String.join(",", entry.hosts()));
        }
        return expired ? 1 : 0;
    }
}
