package io.homeostat.ledger.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ContractTest {
    @Test
    void the_contract_names_exactly_the_routes_that_are_served() throws IOException {
        Set<String> served = Stream.of(
                        new TransferRoutes(null, null).routes(),
                        new RelayRoutes(null, null, null, null).routes(),
                        new AccountRoutes(null, null).routes(),
                        new HoldRoutes(null).routes(),
                        new CaseRoutes(null, null).routes(),
                        new PolicyRoutes(null, null, new CaseRoutes(null, null)).routes(),
                        new JournalRoutes(null, null, null).routes(),
                        new TileRoutes(null).routes(),
                        new BackupRoutes(null).routes(),
                        new NodeRoutes(null, null).routes(),
                        new MaintenanceRoutes(null, null).routes())
                .flatMap(List::stream)
                .map(route -> route.method().name() + " " + route.template())
                .collect(Collectors.toCollection(TreeSet::new));
        served.addAll(Set.of("GET /health/live", "GET /health/ready", "GET /health/started", "GET /openapi.yaml"));

        assertThat(documented()).isEqualTo(served);
    }

    /** Paths stand at two spaces and methods at four in the contract. */
    private static Set<String> documented() throws IOException {
        Set<String> documented = new TreeSet<>();
        try (InputStream in = ContractTest.class.getResourceAsStream("/openapi.yaml")) {
            String path = "";
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                if (line.startsWith("  /")) {
                    path = line.strip().replaceAll(":$", "");
                } else if (line.matches("    (get|post|put|delete):")) {
                    documented.add(line.strip().replace(":", "").toUpperCase(java.util.Locale.ROOT) + " " + path);
                }
            }
        }
        return documented;
    }
}
