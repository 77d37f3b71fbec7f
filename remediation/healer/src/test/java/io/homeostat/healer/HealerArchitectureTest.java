package io.homeostat.healer;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class HealerArchitectureTest {
    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.homeostat.healer");

    @Test
    void only_the_workflow_knows_camunda() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.homeostat.healer.workflow..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.camunda..", "org.apache.ibatis..")
                .check(classes);
    }

    @Test
    void only_the_story_knows_kafka() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.homeostat.healer.story..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.kafka..")
                .check(classes);
    }

    @Test
    void of_ours_only_the_shared_kernel_and_the_transport_are_imported() {
        noClasses()
                .should()
                .dependOnClassesThat(com.tngtech.archunit.base.DescribedPredicate.describe(
                        "are of another stage",
                        c -> c.getPackageName().startsWith("io.homeostat.")
                                && !c.getPackageName().startsWith("io.homeostat.events")
                                && !c.getPackageName().startsWith("io.homeostat.transport")
                                && !c.getPackageName().startsWith("io.homeostat.healer")))
                .check(classes);
    }

    @Test
    void packages_depend_on_each_other_in_one_direction() {
        slices().matching("io.homeostat.healer.(*)..").should().beFreeOfCycles().check(classes);
    }
}
