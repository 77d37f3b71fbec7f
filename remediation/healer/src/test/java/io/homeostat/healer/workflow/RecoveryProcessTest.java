package io.homeostat.healer.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.homeostat.healer.act.LedgerApi;
import io.homeostat.healer.act.SidecarApi;
import io.homeostat.healer.guard.ClusterSight;
import io.homeostat.healer.guard.StopButton;
import io.homeostat.healer.incident.IncidentBook;
import io.homeostat.healer.incident.IncidentLimits;
import io.homeostat.healer.plan.AutonomyPolicy;
import io.homeostat.healer.verify.RecoveryCheck;
import io.homeostat.healer.verify.VerifyLimits;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.camunda.bpm.model.bpmn.Bpmn;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.bpmn.instance.BaseElement;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.Process;
import org.camunda.bpm.model.bpmn.instance.SequenceFlow;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;
import org.camunda.bpm.model.bpmn.instance.StartEvent;
import org.camunda.bpm.model.bpmn.instance.UserTask;
import org.camunda.bpm.model.bpmn.instance.bpmndi.BpmnDiagram;
import org.camunda.bpm.model.bpmn.instance.bpmndi.BpmnEdge;
import org.camunda.bpm.model.bpmn.instance.bpmndi.BpmnShape;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class RecoveryProcessTest {
    private static final Pattern OUTCOME = Pattern.compile("outcome == '([a-z]+)'");
    private final String text = read();
    private final BpmnModelInstance model =
            Bpmn.readModelFromStream(RecoveryProcessTest.class.getResourceAsStream("recovery.bpmn"));

    @Test
    void it_is_valid_bpmn_with_one_diagram_that_shows_every_element() {
        Bpmn.validateModel(model);
        assertThat(all(BpmnDiagram.class)).hasSize(1);
        Set<String> shown = Stream.concat(
                        all(BpmnShape.class).stream()
                                .map(s -> s.getBpmnElement().getId()),
                        all(BpmnEdge.class).stream().map(e -> e.getBpmnElement().getId()))
                .collect(Collectors.toSet());
        Set<String> elements = Stream.concat(all(FlowNode.class).stream(), all(SequenceFlow.class).stream())
                .map(BaseElement::getId)
                .collect(Collectors.toSet());
        assertThat(shown).isEqualTo(elements);
    }

    @Test
    void every_delegate_is_a_name_that_resolves_and_every_step_is_used() {
        Set<String> named = all(ServiceTask.class).stream()
                .map(t -> t.getCamundaDelegateExpression().replaceAll("[${}]", ""))
                .collect(Collectors.toSet());

        assertThat(named).isEqualTo(steps().byName().keySet());
        assertThat(text).doesNotContain("camunda:class").doesNotContain("io.homeostat");
        assertThat(all(ServiceTask.class)).allMatch(ServiceTask::isCamundaAsyncBefore);
    }

    @Test
    void every_condition_is_an_outcome_and_every_node_can_be_reached_and_left() {
        Set<String> outcomes =
                Stream.of(Outcome.values()).map(Outcome::wireName).collect(Collectors.toSet());
        Matcher conditions = OUTCOME.matcher(text);
        Set<String> used = new HashSet<>();
        while (conditions.find()) {
            used.add(conditions.group(1));
        }
        assertThat(outcomes).containsAll(used);

        Set<FlowNode> reached = new HashSet<>();
        all(StartEvent.class).forEach(start -> reach(start, reached));
        assertThat(reached).hasSameElementsAs(all(FlowNode.class));
        assertThat(reached)
                .allMatch(n -> !n.getOutgoing().isEmpty()
                        || n.getElementType().getTypeName().equals("endEvent"));
    }

    @Test
    void history_ends_and_people_have_their_two_tasks() {
        assertThat(all(Process.class))
                .extracting(Process::getCamundaHistoryTimeToLiveString)
                .containsExactly("P30D");
        assertThat(all(UserTask.class))
                .extracting(UserTask::getName)
                .containsExactlyInAnyOrder("Approve recovery", "Decide by hand");
    }

    private void reach(FlowNode node, Set<FlowNode> reached) {
        if (reached.add(node)) {
            node.getSucceedingNodes().list().forEach(next -> reach(next, reached));
            model.getModelElementsByType(org.camunda.bpm.model.bpmn.instance.BoundaryEvent.class).stream()
                    .filter(b -> b.getAttachedTo().equals(node))
                    .forEach(b -> reach(b, reached));
        }
    }

    private <T extends org.camunda.bpm.model.xml.instance.ModelElementInstance> Collection<T> all(Class<T> type) {
        return model.getModelElementsByType(type);
    }

    private static RecoverySteps steps() {
        LedgerApi ledger = never(LedgerApi.class);
        SidecarApi sidecars = never(SidecarApi.class);
        return new RecoverySteps(
                ledger,
                sidecars,
                new ClusterSight(List.of("n1"), ledger, sidecars, Runnable::run),
                AutonomyPolicy.defaults(),
                new RecoveryCheck(3, VerifyLimits.defaults()),
                new IncidentBook(IncidentLimits.defaults()),
                new StopButton(),
                "recovery",
                IncidentLimits.defaults(),
                RecoveryLimits.defaults(),
                InstantSource.system());
    }

    private static <T> T never(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (p, m, a) -> {
            throw new AssertionError("not to be called here: " + m);
        }));
    }

    private static String read() {
        try (InputStream in = RecoveryProcessTest.class.getResourceAsStream("recovery.bpmn")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
