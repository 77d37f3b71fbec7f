package io.homeostat.deploy;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;

/** Who may import whom: the table of the architecture page, for modules and for frameworks. */
@AnalyzeClasses(packages = "io.homeostat", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String TRANSPORT = "io.homeostat.transport..";
    private static final String MERKLE = "io.homeostat.merkle..";
    private static final String LEDGER = "io.homeostat.ledger..";
    private static final String EVENTS = "io.homeostat.events..";
    private static final String TELEMETRY = "io.homeostat.telemetry..";
    private static final String DETECTOR = "io.homeostat.detector..";
    private static final String AGENT = "io.homeostat.agent..";
    private static final String HEALER = "io.homeostat.healer..";
    private static final String APPROVALS = "io.homeostat.approvals..";
    private static final String DEPLOY = "io.homeostat.deploy..";

    @ArchTest
    static final ArchRule the_proof_module_imports_the_jdk_alone = classes()
            .that()
            .resideInAPackage(MERKLE)
            .and()
            .resideOutsideOfPackage("io.homeostat.merkle.witness..")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(MERKLE, "java..").or(annotations()));

    /** The HTTP server is part of every JDK, but not of java.*: docs/adr/0012. */
    @ArchTest
    static final ArchRule the_witness_listens_on_the_jdks_server = classes()
            .that()
            .resideInAPackage("io.homeostat.merkle.witness..")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(MERKLE, "java..", "com.sun.net.httpserver..")
                    .or(annotations()));

    @ArchTest
    static final ArchRule the_transport_imports_nothing_of_ours = classes()
            .that()
            .resideInAPackage(TRANSPORT)
            .should()
            .onlyDependOnClassesThat(
                    resideInAnyPackage(TRANSPORT).or(DescribedPredicate.not(resideInAnyPackage("io.homeostat.."))));

    @ArchTest
    static final ArchRule bouncycastle_stays_in_the_certificates =
            fenced("org.bouncycastle..", "io.homeostat.deploy.certs..");

    @ArchTest
    static final ArchRule the_s3_client_stays_in_the_backup =
            fenced("software.amazon.awssdk..", "io.homeostat.deploy.backup..");

    @ArchTest
    static final ArchRule the_ledger_imports_of_ours_only_the_proofs = only(LEDGER, MERKLE);

    @ArchTest
    static final ArchRule the_kernel_imports_nothing_of_ours = only(EVENTS);

    @ArchTest
    static final ArchRule telemetry_imports_of_ours_only_the_kernel = only(TELEMETRY, EVENTS);

    @ArchTest
    static final ArchRule the_detector_imports_of_ours_only_the_kernel = only(DETECTOR, EVENTS);

    @ArchTest
    static final ArchRule the_sidecar_imports_of_ours_the_kernel_and_the_proofs = only(AGENT, EVENTS, MERKLE);

    @ArchTest
    static final ArchRule the_healer_imports_of_ours_only_the_kernel = only(HEALER, EVENTS);

    @ArchTest
    static final ArchRule approvals_import_of_ours_the_kernel_and_the_proofs = only(APPROVALS, EVENTS, MERKLE);

    @ArchTest
    static final ArchRule nobody_imports_deploy = noClasses()
            .that()
            .resideOutsideOfPackage(DEPLOY)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(DEPLOY);

    @ArchTest
    static final ArchRule ratis_stays_in_raft = fenced("org.apache.ratis..", "io.homeostat.ledger.raft..");

    @ArchTest
    static final ArchRule vertx_stays_at_the_doors = fenced(
            "io.vertx..", "io.homeostat.ledger.http..", "io.homeostat.ledger.control..", TELEMETRY, AGENT, APPROVALS);

    @ArchTest
    static final ArchRule opentelemetry_in_the_ledger_stays_in_its_telemetry = noClasses()
            .that()
            .resideInAPackage(LEDGER)
            .and()
            .haveNameNotMatching("io\\.homeostat\\.ledger\\.Ledger(Telemetry|Node)(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.opentelemetry..");

    @ArchTest
    static final ArchRule flink_stays_in_the_detector = fenced("org.apache.flink..", DETECTOR);

    @ArchTest
    static final ArchRule tribuo_stays_in_the_models = fenced("org.tribuo..", "io.homeostat.detector.model..");

    @ArchTest
    static final ArchRule camunda_stays_in_the_workflow = fenced("org.camunda..", "io.homeostat.healer.workflow..");

    @ArchTest
    static final ArchRule langchain4j_stays_in_the_explainer =
            fenced("dev.langchain4j..", "io.homeostat.approvals.explain..");

    @ArchTest
    static final ArchRule picocli_stays_in_deploy = fenced("picocli..", DEPLOY);

    @ArchTest
    static final ArchRule the_broker_stays_in_the_platform = fenced("kafka..", "io.homeostat.deploy.platform..");

    @ArchTest
    static final ArchRule features_of_deploy_have_no_cycles = SlicesRuleDefinition.slices()
            .matching("io.homeostat.deploy.(*)..")
            .should()
            .beFreeOfCycles();

    private static ArchRule only(String module, String... others) {
        DescribedPredicate<JavaClass> allowed = resideInAnyPackage(concat(module, concat(TRANSPORT, others)))
                .or(DescribedPredicate.not(resideInAnyPackage("io.homeostat..")));
        return classes().that().resideInAPackage(module).should().onlyDependOnClassesThat(allowed);
    }

    private static ArchRule fenced(String framework, String... homes) {
        return noClasses()
                .that()
                .resideInAPackage("io.homeostat..")
                .and()
                .resideOutsideOfPackages(homes)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(framework);
    }

    /** JSpecify's marks are seen by the compiler only: the proof module runs without them. */
    private static DescribedPredicate<JavaClass> annotations() {
        return resideInAnyPackage("org.jspecify.annotations..");
    }

    private static String[] concat(String first, String[] others) {
        String[] all = new String[others.length + 1];
        all[0] = first;
        System.arraycopy(others, 0, all, 1, others.length);
        return all;
    }
}
