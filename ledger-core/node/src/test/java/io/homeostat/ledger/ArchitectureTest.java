package io.homeostat.ledger;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may import whom: each framework has its place, and the deterministic core knows none. */
@AnalyzeClasses(packages = "io.homeostat.ledger", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String[] CORE = {
        "io.homeostat.ledger.state..",
        "io.homeostat.ledger.gate..",
        "io.homeostat.ledger.attest..",
        "io.homeostat.ledger.journal.."
    };

    @ArchTest
    static final ArchRule RATIS_STAYS_IN_RAFT = noClasses()
            .that()
            .resideOutsideOfPackage("io.homeostat.ledger.raft..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.ratis..");

    @ArchTest
    static final ArchRule VERTX_STAYS_IN_HTTP_AND_CONTROL = noClasses()
            .that()
            .resideOutsideOfPackages("io.homeostat.ledger.http..", "io.homeostat.ledger.control..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.vertx..");

    /** The door takes the SDK only to hand it on. */
    @ArchTest
    static final ArchRule OPEN_TELEMETRY_STAYS_IN_LEDGER_TELEMETRY = noClasses()
            .that()
            .haveNameNotMatching("io\\.homeostat\\.ledger\\.(LedgerTelemetry(\\$.*)?|LedgerNode)")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.opentelemetry..");

    @ArchTest
    static final ArchRule THE_CORE_KNOWS_NOTHING_AROUND_IT = noClasses()
            .that()
            .resideInAnyPackage(CORE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.homeostat.ledger",
                    "io.homeostat.ledger.raft..",
                    "io.homeostat.ledger.http..",
                    "io.homeostat.ledger.control..",
                    "io.homeostat.ledger.client..");

    @ArchTest
    static final ArchRule THE_CLIENT_KNOWS_ONLY_THE_API = noClasses()
            .that()
            .resideInAPackage("io.homeostat.ledger.client..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.homeostat.ledger", "io.homeostat.ledger.raft..", "io.homeostat.ledger.http..", CORE[0]);
}
